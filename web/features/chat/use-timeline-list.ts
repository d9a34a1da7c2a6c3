import { type ReactVirtualizer, useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { keyOf } from '../../../client/index.ts';
import type { Row } from './island.ts';
import { estimate, type Held, hideLeft, hold, keepsPlace } from './row-places.ts';
import { type Goal, useGoal } from './use-goal.ts';

/** Room above the first row for what is said there, in CSS pixels; the same always, so that nothing moves. */
export const HEAD = 64;
/** Closer to the end than this counts as being there, in CSS pixels. */
const NEAR_END = 80;

export type TimelineList = ReactVirtualizer<HTMLDivElement, HTMLLIElement>;

interface Options {
  readonly items: readonly Row[];
  readonly me: string;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Stays in the document wherever it is scrolled to, since it has the focus. */
  readonly kept: number;
  /** They end with the newest there is. */
  readonly newest: boolean;
}

/** The rows that are near the screen. What the reader looks at stays where it is, whatever comes above it. */
export function useTimelineList({ items, me, scroller, kept, newest }: Options): {
  readonly list: TimelineList;
  readonly atEnd: boolean;
  readonly goTo: (index: number, align: Goal['align']) => void;
  readonly goToEnd: () => void;
} {
  const [atEnd, setAtEnd] = useState(true);
  const sticks = useRef(true);
  const last = useRef<TimelineList>(undefined);
  const shown = useRef(items);
  const held = useRef<Held>(undefined);
  // Before the list hears of the new items it is asked what the reader sees of the old ones.
  if (shown.current !== items) {
    held.current = last.current && hold(last.current, shown.current);
    shown.current = items;
  }

  const keys = useMemo(() => items.map((item) => keyOf(item, me)), [items, me]);
  const list = useVirtualizer<HTMLDivElement, HTMLLIElement>({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    estimateSize: useCallback((index: number) => estimate(items[index]), [items]),
    rangeExtractor: useCallback(
      ({ startIndex, endIndex, overscan, count }: Range) => {
        const from = Math.max(0, startIndex - overscan);
        const to = Math.min(count - 1, endIndex + overscan);
        const range = Array.from({ length: to - from + 1 }, (_, i) => from + i);
        if (kept < 0 || kept >= count || (kept >= from && kept <= to)) return range;
        return kept < from ? [kept, ...range] : [...range, kept];
      },
      [kept],
    ),
    anchorTo: 'end',
    // Of what was there before: the end of a page that goes on is not where somebody waits for news.
    followOnAppend: newest && sticks.current,
    // Nobody stays at an end that is only where the next page comes.
    scrollEndThreshold: newest ? NEAR_END : -1,
    overscan: 8,
    paddingStart: HEAD,
    paddingEnd: 12,
    scrollPaddingStart: 8,
    directDomUpdates: true,
    onChange(instance) {
      hideLeft(instance);
      sticks.current = newest && instance.isAtEnd(NEAR_END);
      setAtEnd(sticks.current);
    },
  });
  const goal = useGoal(scroller);
  list.shouldAdjustScrollPositionOnItemSizeChange = (row, _, rows) =>
    keepsPlace(row, rows, goal.get() !== undefined);
  last.current = list;

  // biome-ignore lint/correctness/useExhaustiveDependencies: for every change of the items.
  useLayoutEffect(() => {
    const place = held.current;
    held.current = undefined;
    const to = goal.get();
    // The list goes to a number, which is that of another row now.
    const at = to ? keys.indexOf(to.key) : -1;
    if (to && at >= 0) return list.scrollToIndex(at, { align: to.align });
    if (!place || sticks.current) return;
    const index = items.indexOf(place.item);
    const start = index < 0 ? undefined : list.measurementsCache[index]?.start;
    const moved = start === undefined ? 0 : start - (list.scrollOffset ?? 0) - place.offset;
    if (Math.abs(moved) > 0.5) list.scrollBy(moved);
  }, [items]);

  useLayoutEffect(() => hideLeft(list));

  // The window or the field below got another height: who was at the end stays there.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      if (sticks.current) list.scrollToEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [list, scroller]);

  function goTo(index: number, align: Goal['align']): void {
    const key = keys[index];
    if (key === undefined) return;
    goal.set({ key, align });
    list.scrollToIndex(index, { align });
  }

  function goToEnd(): void {
    goal.set(undefined);
    list.scrollToEnd();
  }

  return { list, atEnd: atEnd && newest, goTo, goToEnd };
}

interface Range {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly overscan: number;
  readonly count: number;
}
