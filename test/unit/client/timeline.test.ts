import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Timeline } from '../../../client/timeline.ts';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import { anyLog, presentState } from './log-arbitrary.ts';

const options = { limit: 100, keep: 1000 };
const message = (seq: number, ordinal = seq): Entry => ({
  type: 'message',
  conversation: 'c',
  seq,
  ordinal,
  from: 'ada',
  at: seq,
  clientId: `k${seq}`,
  content: { kind: 'text', text: `t${seq}` },
});
const seqs = (entries: readonly { seq: number }[]): number[] => entries.map((entry) => entry.seq);
const numbersOf = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const range = (from: number, to: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

describe('P4: a timeline puts a log in order', () => {
  test('any order, repeats and pulls end with the exact log, each entry applied once and in order', () => {
    fc.assert(
      fc.property(anyLog, fc.infiniteStream(fc.nat()), (log, numbers) => {
        const next = (below: number): number => (numbers.next().value as number) % below;
        const timeline = new Timeline('c', options);
        timeline.anchor(0);
        const applied: number[] = [];
        const left = new Set(log.map((entry) => entry.seq));
        while (left.size > 0) {
          // A single frame from anywhere, new or old, or a page from where the line breaks.
          const at = next(log.length);
          const from = next(3) === 0 ? timeline.last : at;
          const entries = log.slice(from, from + (next(2) === 0 ? 1 : 1 + next(5)));
          for (const entry of entries) left.delete(entry.seq);
          applied.push(...seqs(timeline.add(entries).applied));
          expect(timeline.behind).toBe(timeline.head > timeline.last);
        }
        expect(applied).toEqual(log.map((entry) => entry.seq));
        expect(timeline.entries).toEqual(presentState(log));
        expect(timeline.behind).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('a cut resume, then older pages, end with the exact log', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 9 }), (log, a, b, size) => {
        const known = a % log.length;
        const cut = known + (b % (log.length - known));
        const timeline = new Timeline('c', options);
        if (known > 0) timeline.add(log.slice(0, known), { gapBefore: 0 });
        timeline.add(log.slice(cut), { gapBefore: known, head: log.length });
        expect(timeline.last).toBe(log.length);
        for (let i = 0; i < 100 && (timeline.floor > 0 || timeline.gaps.length > 0); i++) {
          const before = timeline.gaps.at(-1)?.to ?? timeline.floor;
          timeline.add(log.slice(Math.max(0, before - size), before));
        }
        expect(timeline.gaps).toEqual([]);
        expect(timeline.entries).toEqual(presentState(log));
      }),
      { numRuns: 500 },
    );
  });
});

describe('P4: what was given up', () => {
  test('whatever is dropped, in any order with pages and news, the end is the exact log', () => {
    fc.assert(
      fc.property(anyLog, fc.infiniteStream(fc.nat()), (log, numbers) => {
        const next = (below: number): number => (numbers.next().value as number) % below;
        const timeline = new Timeline('c', options);
        timeline.anchor(0);
        const page = new Map<number, number>();
        let [told, dropped] = [0, 0];
        for (let i = 0; i < 60; i++) {
          const { entries, floor } = timeline;
          if (next(3) === 0 && told < log.length) timeline.add(log.slice(told, ++told));
          else if (next(2) === 0 && entries.length > 1) {
            const [a, b] = [next(entries.length - 1), next(entries.length - 1)];
            const from = next(4) === 0 ? 0 : (entries[Math.min(a, b)]?.seq ?? 0);
            const to = entries[Math.max(a, b)]?.seq ?? 0;
            timeline.drop(from, to);
            dropped++;
            expect(timeline.entries).toEqual(entries.filter(({ seq }) => seq < from || seq > to));
            if (from > floor + 1) expect(timeline.floor).toBe(floor);
            else expect(timeline.floor).toBe(to);
          } else {
            const from = next(log.length);
            timeline.add(log.slice(from, Math.min(told, from + 5)), { page });
          }
          // Everything is here, known to be missing, or history.
          const missing = timeline.gaps.flatMap((gap) => numbersOf(gap.from, gap.to));
          const known = [...numbersOf(1, timeline.floor), ...missing, ...seqs(timeline.entries)];
          expect(known.toSorted((x, y) => x - y)).toEqual(numbersOf(1, timeline.last));
          expect(timeline.gaps).toEqual(timeline.gaps.toSorted((x, y) => x.from - y.from));
        }
        timeline.add(log.slice(told));
        for (let gap = timeline.gaps[0]; gap; gap = timeline.gaps[0])
          timeline.add(log.slice(gap.from - 1, gap.from + next(4)), { page });
        for (let { floor } = timeline; floor > 0; floor = timeline.floor)
          timeline.add(log.slice(Math.max(0, floor - 1 - next(4)), floor), { page });
        expect(timeline.entries).toEqual(presentState(log));
        fc.pre(dropped > 0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('gaps and ends', () => {
  test('a gap is told, kept as a range, and closed from both sides', () => {
    const timeline = new Timeline('c', options);
    timeline.add(range(1, 3));
    const { gap, applied } = timeline.add(range(10, 12), { gapBefore: 3, head: 12 });
    expect(gap).toEqual({ from: 4, to: 9 });
    expect(seqs(applied)).toEqual([10, 11, 12]);
    timeline.add(range(8, 9));
    expect(timeline.gaps).toEqual([{ from: 4, to: 7 }]);
    timeline.add(range(3, 8));
    expect(timeline.gaps).toEqual([]);
    expect(seqs(timeline.entries)).toEqual(seqs(range(1, 12)));
  });

  test('what came early inside a gap is kept', () => {
    const timeline = new Timeline('c', options);
    timeline.add(range(1, 3));
    timeline.add([message(6)]);
    const { applied } = timeline.add(range(10, 11), { gapBefore: 3 });
    expect(seqs(applied)).toEqual([6, 10, 11]);
    expect(timeline.gaps).toEqual([
      { from: 4, to: 5 },
      { from: 7, to: 9 },
    ]);
  });

  test('a gapBefore that leaves nothing out is no gap', () => {
    const timeline = new Timeline('c', options);
    timeline.add(range(1, 5));
    expect(timeline.add(range(4, 8), { gapBefore: 2 }).gap).toBeUndefined();
    expect(timeline.last).toBe(8);
  });

  test('an unknown conversation: a near beginning is fetched, a far one is history', () => {
    const near = new Timeline('c', options);
    expect(near.add([message(3)]).applied).toEqual([]);
    expect(near.behind).toBe(true);
    const far = new Timeline('c', options);
    expect(seqs(far.add([message(300)]).applied)).toEqual([300]);
    expect([far.floor, far.behind]).toEqual([299, false]);
  });

  test('after a listing, what is up to its head is history', () => {
    const timeline = new Timeline('c', options);
    timeline.anchor(10);
    expect(seqs(timeline.add([message(11)]).applied)).toEqual([11]);
    expect(timeline.add(range(6, 10))).toMatchObject({ applied: [], changed: true });
    expect([timeline.floor, timeline.last]).toEqual([5, 11]);
  });

  test('a hole that never closes becomes a gap', () => {
    const timeline = new Timeline('c', options);
    timeline.add(range(1, 2));
    timeline.add([message(5), message(7)]);
    expect(seqs(timeline.giveUp().applied)).toEqual([5]);
    expect(timeline.gaps).toEqual([{ from: 3, to: 4 }]);
  });

  test('memory is bounded, and what was let go can be loaded again', () => {
    const timeline = new Timeline('c', { limit: 100, keep: 10 });
    timeline.anchor(0);
    for (const entry of range(1, 200)) timeline.add([entry]);
    expect(timeline.entries.length).toBeLessThan(80);
    expect(timeline.floor).toBe((timeline.entries[0]?.seq ?? 0) - 1);
    const floor = timeline.floor;
    timeline.add(range(floor - 4, floor));
    expect(timeline.floor).toBe(floor - 5);
  });
});
