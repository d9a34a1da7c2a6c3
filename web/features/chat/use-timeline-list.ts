import {
  type ReactVirtualizer,
  useVirtualizer,
  type VirtualItem,
  type Virtualizer,
} from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { keyOf } from '../../../client/index.ts';
import type { Row } from './island.ts';

/** Room above the first row for what is said there, in CSS pixels; the same always, so that nothing moves. */
export const HEAD = 64;
/** Closer to the end than this counts as being there, in CSS pixels. */
const NEAR_END = 80;
/** How long the way to a row may take: rows are measured on it, and pages come, in ms. */
const GOING_MS = 1_000;
/** What a person scrolls with. */
const INPUTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

export type TimelineList = ReactVirtualizer<HTMLDivElement, HTMLLIElement>;

type Rows = Virtualizer<HTMLDivElement, HTMLLIElement>;

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
  const goal = useRef<Goal>(undefined);
  const going = (): Goal | undefined =>
    goal.current && performance.now() - goal.current.since < GOING_MS ? goal.current : undefined;
  list.shouldAdjustScrollPositionOnItemSizeChange = (row, _, rows) =>
    keepsPlace(row, rows, going() !== undefined);
  last.current = list;

  // biome-ignore lint/correctness/useExhaustiveDependencies: for every change of the items.
  useLayoutEffect(() => {
    const place = held.current;
    held.current = undefined;
    const to = going();
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

  // Whoever scrolls has somewhere else to go.
  useLayoutEffect(() => {
    const element = scroller.current;
    const arrived = (): void => {
      goal.current = undefined;
    };
    for (const type of INPUTS) element?.addEventListener(type, arrived, { passive: true });
    return () => {
      for (const type of INPUTS) element?.removeEventListener(type, arrived);
    };
  }, [scroller]);

  function goTo(index: number, align: Goal['align']): void {
    const key = keys[index];
    if (key === undefined) return;
    goal.current = { key, align, since: performance.now() };
    list.scrollToIndex(index, { align });
  }

  function goToEnd(): void {
    goal.current = undefined;
    list.scrollToEnd();
  }

  return { list, atEnd: atEnd && newest, goTo, goToEnd };
}

/** The row that is gone to. */
interface Goal {
  readonly key: string;
  readonly align: 'start' | 'center' | 'auto';
  readonly since: number;
}

/**
 * The keys of the items. For every height it learns the list asks for all keys after it, and looks them up: those that it
 * was given before are found much faster than equal ones that were put together anew.
 */
function useKeys(items: readonly Row[], me: string): readonly string[] {
  const [known] = useState(() => new WeakMap<Row, string>());
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
  readonly item: Row;
  /** From the top of what is seen of the list, in CSS pixels. */
  readonly offset: number;
}

/** The first row on the screen. */
function hold(list: TimelineList, items: readonly Row[]): Held | undefined {
  const top = list.scrollOffset ?? 0;
  for (const { index, start, end } of list.getVirtualItems()) {
    const item = items[index];
    if (item && end > top) return { item, offset: start - top };
  }
  return undefined;
}

/**
 * Rows that grow push others out of what is shown. Those stay in the document until the next rendering, which comes after
 * the next painting, at a place where others are by now.
 */
function hideLeft(list: Rows): void {
  const shown = new Set(list.getVirtualItems().map(({ key }) => key));
  for (const [key, row] of list.elementsCache) row.style.visibility = shown.has(key) ? '' : 'hidden';
}

/**
 * Whether the list moves on by as much as a row is higher than it was taken for. On the way up, rows come into view above
 * others that are there already and must not be pushed down; what grows later grows downwards. The way to a row
 * is none of these: it is that row which has to be where it should.
 */
function keepsPlace({ key, start, end }: VirtualItem, list: Rows, going: boolean): boolean {
  const top = list.scrollOffset ?? 0;
  const up = list.scrollDirection === 'backward' && !going;
  if (list.itemSizeCache.has(key)) return end <= top && !up;
  return start < top + (up ? (list.scrollRect?.height ?? 0) : 0);
}

/**
 * About how high a row will be, in CSS pixels; it is measured once it is there. Rather less than it will be: what turns
 * out higher pushes upwards, while at the very top there is no room to pull down what turns out lower.
 */
function estimate(item: Row | undefined): number {
  if (item?.type !== 'message' && item?.type !== 'pending') return 32;
  const text = item.content['text'];
  const length = typeof text === 'string' ? text.length : 0;
  return 38 + 20 * Math.min(20, Math.floor(length / 120));
}
