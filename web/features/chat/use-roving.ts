import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { keyOf } from '../../../client/index.ts';
import type { Row } from './island.ts';
import type { TimelineList } from './use-timeline-list.ts';

export interface Roving {
  /** The row that Tab goes to. */
  readonly active: string | undefined;
  readonly focused: (key: string) => void;
  /** Moves between rows. True: the key was one for that. */
  readonly moved: (event: KeyboardEvent, key: string) => boolean;
}

interface Options {
  readonly items: readonly Row[];
  readonly me: string;
  readonly active: string | undefined;
  readonly setActive: (key: string) => void;
  readonly list: TimelineList;
  readonly goTo: (index: number, align: 'auto') => void;
}

/** One row of the timeline is in the order of Tab, and arrow keys move from row to row. */
export function useRoving({ items, me, active, setActive, list, goTo }: Options): Roving {
  const wanted = useRef<string>(undefined);

  // A row that is far away is there only after the next rendering.
  useLayoutEffect(() => {
    const key = wanted.current;
    const row = key === undefined ? undefined : list.elementsCache.get(key);
    if (!row?.isConnected) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  function moved(event: KeyboardEvent, key: string): boolean {
    const from = items.findIndex((item) => keyOf(item, me) === key);
    const to = target(items, from, event.key);
    const item = items[to];
    if (!item) return event.key in STEPS;
    wanted.current = keyOf(item, me);
    setActive(wanted.current);
    goTo(to, 'auto');
    return true;
  }

  return { active, focused: setActive, moved };
}

export const useActiveRow = (): [string | undefined, (key: string) => void] => {
  const [active, setActive] = useState<string>();
  return [active, setActive];
};

const STEPS: { readonly [key: string]: 1 | -1 } = { ArrowUp: -1, ArrowDown: 1, Home: 1, End: -1 };

/** Where a key leads. */
function target(items: readonly Row[], from: number, key: string): number {
  const step = STEPS[key];
  if (step === undefined || from < 0) return -1;
  return key === 'Home' ? 0 : key === 'End' ? items.length - 1 : from + step;
}
