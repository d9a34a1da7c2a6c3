import type { TimelineItem } from '../../../client/index.ts';
import { indexOfSeq } from './neighbours.ts';

type Gap = Extract<TimelineItem, { readonly type: 'gap' }>;
export type Row = Exclude<TimelineItem, { readonly type: 'gap' }>;

/** An unbroken part of a conversation: who reads it can't scroll over what isn't loaded. */
export interface Island {
  /** Without the very first where it isn't known what stands before that, and so not how it looks. */
  readonly rows: readonly Row[];
  /** What stands before the first of the rows; undefined at the beginning of the conversation. */
  readonly before: TimelineItem | undefined;
  readonly start: boolean;
  readonly gapBefore: Gap | undefined;
  /** Undefined: here are the newest messages. */
  readonly gapAfter: Gap | undefined;
}

/**
 * The part with the message `place`; without one, or where that isn't loaded, the newest. `start`: the first of the items
 * is the first of the conversation.
 */
export function islandAt(items: readonly TimelineItem[], start: boolean, place: number | undefined): Island {
  const found = place === undefined ? -1 : indexOfSeq(items, place);
  let from = found < 0 ? items.length : found;
  let to = from;
  while (from > 0 && items[from - 1]?.type !== 'gap') from--;
  while (to < items.length && items[to]?.type !== 'gap') to++;
  const gapBefore = asGap(items[from - 1]);
  const gapAfter = asGap(items[to]);
  const all = items.slice(from, to).filter((item) => item.type !== 'gap');
  const first = start && from === 0;
  if (first || all.length < 2) return { rows: all, before: gapBefore, start: first, gapBefore, gapAfter };
  return { rows: all.slice(1), before: all[0], start: false, gapBefore, gapAfter };
}

const asGap = (item: TimelineItem | undefined): Gap | undefined => (item?.type === 'gap' ? item : undefined);
