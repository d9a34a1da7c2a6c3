import {
  type ReactVirtualizer,
  useVirtualizer,
  type VirtualItem,
  type Virtualizer,
} from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { keyOf, type TimelineItem } from '../../../client/index.ts';

/** Room above the first row for what is said there, in CSS pixels; the same always, so that nothing moves. */
export const HEAD = 64;
/** Closer to the end than this counts as being there, in CSS pixels. */
const NEAR_END = 80;

export type TimelineList = ReactVirtualizer<HTMLDivElement, HTMLLIElement>;

type Rows = Virtualizer<HTMLDivElement, HTMLLIElement>;

interface Options {
  readonly items: readonly TimelineItem[];
  readonly me: string;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Stays in the document wherever it is scrolled to, since it has the focus. */
  readonly kept: number;
}

/** The rows that are near the screen. What the reader looks at stays where it is, whatever comes above it. */
export function useTimelineList({ items, me, scroller, kept }: Options): {
  readonly list: TimelineList;
  readonly atEnd: boolean;
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

  const keys = useKeys(items, me);
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
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    overscan: 8,
    paddingStart: HEAD,
    paddingEnd: 12,
    scrollPaddingStart: 8,
    directDomUpdates: true,
    onChange(instance) {
      sticks.current = instance.isAtEnd(NEAR_END);
      setAtEnd(sticks.current);
    },
  });
  list.shouldAdjustScrollPositionOnItemSizeChange = keepsPlace;
  last.current = list;

  // biome-ignore lint/correctness/useExhaustiveDependencies: for every change of the items.
  useLayoutEffect(() => {
    const place = held.current;
    held.current = undefined;
    if (!place || sticks.current) return;
    const index = items.indexOf(place.item);
    const start = index < 0 ? undefined : list.measurementsCache[index]?.start;
    const moved = start === undefined ? 0 : start - (list.scrollOffset ?? 0) - place.offset;
    if (Math.abs(moved) > 0.5) list.scrollBy(moved);
  }, [items]);

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

  return { list, atEnd };
}

/**
 * The keys of the items. For every height it learns the list asks for all keys after it, and looks them up: those that it
 * was given before are found much faster than equal ones that were put together anew.
 */
function useKeys(items: readonly TimelineItem[], me: string): readonly string[] {
  const [known] = useState(() => new WeakMap<TimelineItem, string>());
  return useMemo(
    () =>
      items.map((item) => {
        const key = known.get(item) ?? keyOf(item, me);
        known.set(item, key);
        return key;
      }),
    [items, known, me],
  );
}

interface Range {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly overscan: number;
  readonly count: number;
}

interface Held {
  readonly item: TimelineItem;
  /** From the top of what is seen of the list, in CSS pixels. */
  readonly offset: number;
}

/**
 * The first row on the screen that is no gap. The list holds on to the very first row by itself; a gap that is filled is
 * another row afterwards, and lets go.
 */
function hold(list: TimelineList, items: readonly TimelineItem[]): Held | undefined {
  const top = list.scrollOffset ?? 0;
  for (const { index, start, end } of list.getVirtualItems()) {
    const item = items[index];
    if (item && item.type !== 'gap' && end > top) return { item, offset: start - top };
  }
  return undefined;
}

/**
 * Whether the list moves on by as much as a row is higher than it was taken for. On the way up, rows come into view above
 * others that are there already and must not be pushed down; what grows later grows downwards.
 */
function keepsPlace({ key, start, end }: VirtualItem, _: number, list: Rows): boolean {
  const top = list.scrollOffset ?? 0;
  const up = list.scrollDirection === 'backward';
  if (list.itemSizeCache.has(key)) return end <= top && !up;
  return start < top + (up ? (list.scrollRect?.height ?? 0) : 0);
}

/**
 * About how high a row will be, in CSS pixels; it is measured once it is there. Rather less than it will be: what turns
 * out higher pushes upwards, while at the very top there is no room to pull down what turns out lower.
 */
function estimate(item: TimelineItem | undefined): number {
  if (item?.type === 'gap') return 200;
  if (item?.type !== 'message' && item?.type !== 'pending') return 32;
  const text = item.content['text'];
  const length = typeof text === 'string' ? text.length : 0;
  return 38 + 20 * Math.min(20, Math.floor(length / 120));
}
