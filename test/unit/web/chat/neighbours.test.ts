import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimelineItem, TimelineMessage } from '../../../../client/index.ts';
import {
  beginsDay,
  beginsUnread,
  indexOfSeq,
  joins,
  lastSeq,
  newerThan,
} from '../../../../web/features/chat/neighbours.ts';

const NOON = new Date(2026, 4, 3, 12).getTime();
const MINUTE = 60_000;

const message = (seq: number, from: string, at: number): TimelineMessage => ({
  type: 'message',
  conversation: 'c',
  seq,
  from,
  at,
  clientId: `m${seq}`,
  content: { kind: 'text', text: 'hello' },
});
const pending = (at: number): TimelineItem => ({
  type: 'pending',
  clientId: 'p',
  content: { kind: 'text', text: 'hello' },
  at,
  state: { name: 'queued' },
});
const gap = (from: number, to: number): TimelineItem => ({ type: 'gap', from, to });

describe('blocks of one author', () => {
  const first = message(1, 'ada', NOON);
  test('go on for the same author within minutes', () => {
    expect(joins(first, message(2, 'ada', NOON + 4 * MINUTE), 'ada')).toBe(true);
    expect(joins(first, message(2, 'bob', NOON), 'ada')).toBe(false);
    expect(joins(first, message(2, 'ada', NOON + 6 * MINUTE), 'ada')).toBe(false);
    expect(joins(undefined, first, 'ada')).toBe(false);
    expect(joins(gap(2, 9), message(10, 'ada', NOON), 'ada')).toBe(false);
  });
  test('take in what waits to be sent, also when the clocks differ', () => {
    expect(joins(first, pending(NOON - MINUTE), 'ada')).toBe(true);
    expect(joins(first, pending(NOON), 'bob')).toBe(false);
  });
  test('end at midnight', () => {
    const late = message(1, 'ada', new Date(2026, 4, 3, 23, 59).getTime());
    const early = message(2, 'ada', new Date(2026, 4, 4, 0, 1).getTime());
    expect(beginsDay(late, early)).toBe(true);
    expect(joins(late, early, 'ada')).toBe(false);
    expect(beginsDay(first, message(2, 'bob', NOON + MINUTE))).toBe(false);
  });
});

test('the day is said at the beginning and after a gap', () => {
  expect(beginsDay(undefined, message(1, 'ada', NOON))).toBe(true);
  expect(beginsDay(gap(2, 9), message(10, 'ada', NOON))).toBe(true);
  expect(beginsDay(message(1, 'ada', NOON), gap(2, 9))).toBe(false);
});

test('exactly one item begins what is unread, wherever the mark stands', () => {
  const items = [
    message(1, 'a', NOON),
    message(3, 'b', NOON),
    gap(4, 8),
    message(9, 'a', NOON),
    pending(NOON),
  ];
  const begins = (mark: number): number[] =>
    items.flatMap((item, i) => (beginsUnread(items[i - 1], item, mark) ? [i] : []));
  expect(begins(0)).toEqual([0]);
  expect(begins(1)).toEqual([1]);
  expect(begins(2)).toEqual([1]);
  expect(begins(3)).toEqual([2]);
  expect(begins(8)).toEqual([3]);
  expect(begins(9)).toEqual([4]);
  // Inside the gap it isn't known where.
  expect(begins(6)).toEqual([]);
});

test('a number is found where it stands, and nowhere else', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 500 })),
      fc.integer({ min: 0, max: 501 }),
      (seqs, seq) => {
        const items = seqs.sort((a, b) => a - b).map((one) => message(one, 'ada', NOON));
        expect(indexOfSeq(items, seq)).toBe(items.findIndex((item) => item.seq === seq));
      },
    ),
  );
  expect(indexOfSeq([gap(2, 9), message(10, 'ada', NOON)], 2)).toBe(-1);
});

test('what is new is counted without own messages', () => {
  const items = [message(1, 'a', NOON), message(2, 'b', NOON), message(3, 'a', NOON), message(4, 'b', NOON)];
  expect(newerThan(items, 1, 'a')).toBe(2);
  expect(newerThan(items, 3, 'a')).toBe(1);
  expect(newerThan([...items, pending(NOON)], 4, 'a')).toBe(0);
  expect(lastSeq([...items, pending(NOON)])).toBe(4);
  expect(lastSeq([gap(1, 7)])).toBe(7);
});
