import { useEffect, useRef } from 'react';
import type { ConversationHandle, TimelineItem } from '../../../client/index.ts';
import { useConnection } from '../../../client/react/index.ts';
import type { TimelineList } from './use-timeline-list.ts';

/** What is missing is fetched when it comes this close to the screen, in CSS pixels. */
const AHEAD = 1_500;

interface Options {
  readonly handle: ConversationHandle;
  readonly items: readonly TimelineItem[];
  readonly start: boolean;
  readonly loading: boolean;
  readonly list: TimelineList;
}

/** Brings what is missing before it comes into view: older pages at the top, and gaps from the side they are seen from. */
export function usePaging({ handle, items, start, loading, list }: Options): void {
  const online = useConnection().name === 'online';
  const busy = useRef(false);
  useEffect(() => {
    if (loading || busy.current || !online || items.length === 0) return;
    const run = missing(items, start, list);
    if (!run) return;
    busy.current = true;
    const done = (): void => {
      busy.current = false;
    };
    // Where it fails, the next scroll or connection asks again.
    const asked = run.gap ? handle.fill(run.gap, run.side) : handle.loadOlder();
    asked.then(done, done);
  });
}

type Missing =
  | { readonly gap: undefined }
  | { readonly gap: Extract<TimelineItem, { readonly type: 'gap' }>; readonly side: 'start' | 'end' };

function missing(items: readonly TimelineItem[], start: boolean, list: TimelineList): Missing | undefined {
  const top = list.scrollOffset ?? 0;
  const bottom = top + (list.scrollRect?.height ?? 0);
  for (const index of indexesNear(list, top - AHEAD, bottom + AHEAD)) {
    const gap = items[index];
    const row = list.measurementsCache[index];
    if (gap?.type !== 'gap' || !row) continue;
    const middle = (row.start + row.end) / 2;
    return { gap, side: middle < (top + bottom) / 2 ? 'end' : 'start' };
  }
  return !start && top < AHEAD ? { gap: undefined } : undefined;
}

/** Indexes of the rows between two places. */
function indexesNear(list: TimelineList, from: number, to: number): number[] {
  const first = list.getVirtualItemForOffset(Math.max(0, from))?.index ?? 0;
  const last = list.getVirtualItemForOffset(Math.max(0, to))?.index ?? 0;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
