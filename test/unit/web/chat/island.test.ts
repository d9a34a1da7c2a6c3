import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TimelineItem, TimelineMessage } from '../../../../client/index.ts';
import { islandAt } from '../../../../web/features/chat/island.ts';

const message = (seq: number): TimelineMessage => ({
  type: 'message',
  conversation: 'c',
  seq,
  from: 'ada',
  at: seq,
  clientId: `m${seq}`,
  content: { kind: 'text', text: 'hello' },
});
const gap = (from: number, to: number): TimelineItem => ({ type: 'gap', from, to });
const pending: TimelineItem = {
  type: 'pending',
  clientId: 'p',
  content: { kind: 'text', text: 'hello' },
  at: 1,
  state: { name: 'queued' },
};
const items = [message(3), message(4), message(5), gap(6, 9), message(10), message(11), gap(12, 19)];
const newest = [...items, message(20), message(21), pending];
const seqs = (rows: readonly TimelineItem[]): unknown[] =>
  rows.map((row) => ('seq' in row ? row.seq : row.type));

test('without a place, or with one that is not loaded, the newest are shown', () => {
  for (const place of [undefined, 7, 99, 1]) {
    const { rows, before, gapBefore, gapAfter, start } = islandAt(newest, true, place);
    expect(seqs(rows)).toEqual([21, 'pending']);
    expect(before).toEqual(message(20));
    expect([gapBefore, gapAfter, start]).toEqual([gap(12, 19), undefined, false]);
  }
});

test('a part between gaps ends at both of them', () => {
  for (const place of [10, 11]) {
    const { rows, before, gapBefore, gapAfter } = islandAt(newest, true, place);
    expect(seqs(rows)).toEqual([11]);
    expect([before, gapBefore, gapAfter]).toEqual([message(10), gap(6, 9), gap(12, 19)]);
  }
});

test('of the first part all is shown where it is the beginning, else all but the first', () => {
  expect(islandAt(newest, true, 4)).toMatchObject({ start: true, before: undefined, gapBefore: undefined });
  expect(seqs(islandAt(newest, true, 4).rows)).toEqual([3, 4, 5]);
  expect(islandAt(newest, false, 4)).toMatchObject({ start: false, before: message(3) });
  expect(seqs(islandAt(newest, false, 4).rows)).toEqual([4, 5]);
});

test('one message alone is better than nothing, and a gap at the very end is there to be filled', () => {
  expect(islandAt([gap(1, 4), message(5)], true, undefined)).toMatchObject({
    rows: [message(5)],
    before: gap(1, 4),
  });
  expect(islandAt(items, true, undefined)).toMatchObject({
    rows: [],
    gapBefore: gap(12, 19),
    gapAfter: undefined,
  });
  expect(islandAt([], false, 5)).toMatchObject({ rows: [], start: false, gapBefore: undefined });
});

test('every row is in just one part, and every part is unbroken', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (held) => {
      const all: TimelineItem[] = [];
      held.forEach((is, i) => {
        const last = all.at(-1);
        if (is) all.push(message(i + 1));
        else if (last?.type === 'gap') all[all.length - 1] = gap(last.from, i + 1);
        else all.push(gap(i + 1, i + 1));
      });
      for (const item of all) {
        if (item.type !== 'message') continue;
        const { rows, before, gapBefore, gapAfter } = islandAt(all, true, item.seq);
        const shown = [before, ...rows].flatMap((row) => (row?.type === 'message' ? [row.seq] : []));
        expect(shown).toContain(item.seq);
        expect(shown[0]).toBe(gapBefore ? gapBefore.to + 1 : 1);
        expect(shown.at(-1)).toBe(gapAfter ? gapAfter.from - 1 : held.length);
        expect(shown.length).toBe((shown.at(-1) ?? 0) - (shown[0] ?? 0) + 1);
      }
    }),
  );
});
