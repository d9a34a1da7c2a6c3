import type { VirtualItem, Virtualizer } from '@tanstack/react-virtual';
import type { Row } from './island.ts';

type Rows = Virtualizer<HTMLDivElement, HTMLLIElement>;

export interface Held {
  readonly item: Row;
  /** From the top of what is seen of the list, in CSS pixels. */
  readonly offset: number;
}

/** The first row on the screen. */
export function hold(list: Rows, items: readonly Row[]): Held | undefined {
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
export function hideLeft(list: Rows): void {
  const shown = new Set(list.getVirtualItems().map(({ key }) => key));
  for (const [key, row] of list.elementsCache) row.style.visibility = shown.has(key) ? '' : 'hidden';
}

/**
 * Whether the list moves on by as much as a row is higher than it was taken for. On the way up, rows come into view above
 * others that are there already and must not be pushed down; what grows later grows downwards. The way to a row
 * is none of these: it is that row which has to be where it should.
 */
export function keepsPlace({ key, start, end }: VirtualItem, list: Rows, going: boolean): boolean {
  const top = list.scrollOffset ?? 0;
  const up = list.scrollDirection === 'backward' && !going;
  if (list.itemSizeCache.has(key)) return end <= top && !up;
  return start < top + (up ? (list.scrollRect?.height ?? 0) : 0);
}

/**
 * About how high a row will be, in CSS pixels; it is measured once it is there. Rather less than it will be: what turns
 * out higher pushes upwards, while at the very top there is no room to pull down what turns out lower.
 */
export function estimate(item: Row | undefined): number {
  if (item?.type !== 'message' && item?.type !== 'pending') return 32;
  const text = item.content['text'];
  const length = typeof text === 'string' ? text.length : 0;
  return 38 + 20 * Math.min(20, Math.floor(length / 120));
}
