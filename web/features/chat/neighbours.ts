import type { TimelineItem } from '../../../client/index.ts';

/** Messages of one author within this time are shown as one block. */
const BLOCK_MS = 300_000;

/** Who wrote an item; undefined for what nobody wrote. */
export function authorOf(item: TimelineItem | undefined, me: string): string | undefined {
  if (item?.type === 'message') return item.from;
  return item?.type === 'pending' ? me : undefined;
}

export const timeOf = (item: TimelineItem | undefined): number | undefined =>
  item && item.type !== 'gap' ? item.at : undefined;

/** Where an item stands in the log; what waits comes after all of it. */
export function placeOf(item: TimelineItem): number {
  if (item.type === 'pending') return Number.POSITIVE_INFINITY;
  return item.type === 'gap' ? item.from : item.seq;
}

/** The last number of the log an item stands for. */
export const endOf = (item: TimelineItem): number => (item.type === 'gap' ? item.to : placeOf(item));

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** `item` is the first of its day. After a gap that isn't known, so the day is said again. */
export function beginsDay(before: TimelineItem | undefined, item: TimelineItem): boolean {
  const at = timeOf(item);
  const earlier = timeOf(before);
  return at !== undefined && (earlier === undefined || !sameDay(earlier, at));
}

/** `item` goes on with the block of the one before it: same author, soon after, same day. */
export function joins(before: TimelineItem | undefined, item: TimelineItem, me: string): boolean {
  const author = authorOf(item, me);
  if (author === undefined || authorOf(before, me) !== author || beginsDay(before, item)) return false;
  // The time of what waits is of another clock.
  return Math.abs((timeOf(item) ?? 0) - (timeOf(before) ?? 0)) < BLOCK_MS;
}

/** `item` is the first after the mark up to which was read. */
export const beginsUnread = (before: TimelineItem | undefined, item: TimelineItem, read: number): boolean =>
  placeOf(item) > read && (before === undefined || endOf(before) <= read);

/** Where the item with number `seq` stands, in steps that grow with the logarithm; -1: it isn't there. */
export function indexOfSeq(items: readonly TimelineItem[], seq: number): number {
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (!item) break;
    if (placeOf(item) === seq && item.type !== 'gap') return middle;
    if (placeOf(item) < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Messages of others after `seq`, counted from the end. */
export function newerThan(items: readonly TimelineItem[], seq: number, me: string): number {
  let count = 0;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i];
    if (!item || placeOf(item) <= seq) break;
    if (item.type === 'message' && item.from !== me) count++;
  }
  return count;
}

/** The highest number of the log among the items. */
export function lastSeq(items: readonly TimelineItem[]): number {
  const last = items.findLast((item) => item.type !== 'pending');
  return last ? endOf(last) : 0;
}
