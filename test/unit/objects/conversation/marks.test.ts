import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  advance,
  decodeMarks,
  encodeMarks,
  type Mark,
  NO_MARK,
} from '../../../../objects/conversation/marks.ts';

const position = fc.integer({ min: 0, max: 50 });
/** What may be reported, and how the log grew meanwhile. */
const steps = fc.array(fc.record({ delivered: position, read: position, grown: fc.nat(5) }), {
  maxLength: 40,
});

test('P6 marks only move forward, read implies delivered, and neither passes the head', () => {
  fc.assert(
    fc.property(steps, (all) => {
      let mark = NO_MARK;
      let head = 0;
      for (const { delivered, read, grown } of all) {
        head += grown;
        const next = advance(mark, delivered, read, head);
        expect(next.delivered).toBeGreaterThanOrEqual(mark.delivered);
        expect(next.read).toBeGreaterThanOrEqual(mark.read);
        expect(next.read).toBeLessThanOrEqual(next.delivered);
        expect(next.delivered).toBeLessThanOrEqual(head);
        expect(next.delivered).toBeGreaterThanOrEqual(Math.min(Math.max(delivered, read), head));
        expect(next.read).toBeGreaterThanOrEqual(Math.min(read, head));
        mark = next;
      }
    }),
  );
});

test('P6 the order in which reports arrive makes no difference', () => {
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.nat()), (all, keys) => {
      const run = (reports: typeof all): Mark =>
        reports.reduce((mark, { delivered, read }) => advance(mark, delivered, read, 30), NO_MARK);
      const shuffled = all
        .map((report) => ({ report, key: keys.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ report }) => report);
      expect(run(shuffled)).toEqual(run(all));
    }),
  );
});

test('P6 a report that moves nothing gives back the same mark', () => {
  const mark = { delivered: 5, read: 3 };
  for (const [delivered, read] of [
    [5, 3],
    [0, 0],
    [4, 2],
  ] as const)
    expect(advance(mark, delivered, read, 9)).toBe(mark);
});

test('P6 marks survive being written and read', () => {
  const valid = fc
    .record({ delivered: fc.integer({ min: 1, max: 2 ** 53 - 1 }), read: fc.nat() })
    .map(({ delivered, read }) => ({ delivered, read: Math.min(delivered, read) }));
  fc.assert(
    fc.property(fc.dictionary(fc.integer({ min: 0, max: 40 }).map(String), valid), (given) => {
      const marks = new Map(Object.entries(given).map(([n, mark]) => [Number(n), mark]));
      expect(decodeMarks(encodeMarks(marks, 41))).toEqual(marks);
    }),
  );
});

test('a conversation without marks, and one that grew since they were written', () => {
  expect(decodeMarks('[]')).toEqual(new Map());
  expect(decodeMarks(encodeMarks(new Map(), 3))).toEqual(new Map());
  const two = new Map([[1, { delivered: 7, read: 7 }]]);
  expect(JSON.parse(encodeMarks(decodeMarks(encodeMarks(two, 2)), 3))).toEqual([0, 0, 7, 7, 0, 0]);
});
