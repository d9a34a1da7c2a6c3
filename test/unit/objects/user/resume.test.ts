import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PullAnswer } from '../../../../objects/shared/rpc.ts';
import { newConnection, newRates } from '../../../../objects/user/connection.ts';
import { batches, Resumes } from '../../../../objects/user/resume.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { Desk, delivery, entries, NOW } from './support.ts';

interface Batch {
  readonly entries: { seq: number }[];
  readonly head: number;
  readonly gapBefore?: number;
}
const parsed = (frames: { text: string }[]): Batch[] => frames.map((f) => JSON.parse(f.text) as Batch);

describe('batches', () => {
  test('P4 hold every entry once and in order, each below the size of a frame, whatever the sizes', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 16_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.nat(5), fc.constantFrom('x', 'ü', '好'), (all, have, letter) => {
        const list = all.map((bytes, i) => ({
          seq: have + 1 + i,
          json: `"seq":${have + 1 + i},"text":"${letter.repeat(bytes)}"}`,
        }));
        const frames = batches('c', list, 99, have);
        const got = parsed(frames);
        expect(got.flatMap((b) => b.entries.map((e) => e.seq))).toEqual(list.map((e) => e.seq));
        expect(got.every((b) => b.head === 99 && b.gapBefore === undefined)).toBe(true);
        for (const [i, { text }] of frames.entries())
          if ((got[i]?.entries.length ?? 0) > 1)
            expect(new TextEncoder().encode(text).length).toBeLessThan(60_500);
      }),
      { numRuns: 50 },
    );
  });

  test('P4 name the cut before the first, and only there', () => {
    const got = parsed(batches('c', entries(58, 70, 10_000), 70, 40));
    expect(got.length).toBeGreaterThan(1);
    expect(got.map((b) => b.gapBefore)).toEqual([40, ...got.slice(1).map(() => undefined)]);
    expect(parsed(batches('c', entries(41, 42), 42, 40))[0]?.gapBefore).toBeUndefined();
  });

  test('of nothing are one that tells the head', () => {
    expect(parsed(batches('c', [], 7, 7))).toMatchObject([{ entries: [], head: 7 }]);
  });
});

/** A desk where `conversations` changed while nobody was there, and a phone that comes back. */
function returning(conversations: readonly string[]) {
  const desk = new Desk();
  desk.connect('phone');
  desk.inbox.closed(1);
  for (const conversation of conversations) desk.inbox.deliver(delivery(entries(1, 3), { conversation }));
  const kept = { device: 'phone', synced: false, ceiling: desk.inbox.notes.cursor };
  const c = newConnection(9, kept, newRates(DEFAULT_LIMITS, NOW), NOW);
  desk.inbox.open(c);
  const resumes = new Resumes(desk.host, desk.inbox, desk.prefs, desk.reports, 'me', DEFAULT_LIMITS);
  const frames = () => desk.host.take(9);
  return { desk, c, resumes, frames };
}
const pulled = (from: number, to: number): PullAnswer => ({
  ok: true,
  kind: 'direct',
  entries: entries(from, to),
  head: to,
  receipts: [],
  own: { delivered: 0, read: 0 },
});

describe('a device that comes back', () => {
  test('P4 pulls what changed, is told it, and then is synced', () => {
    const { desk, resumes, c, frames } = returning(['c', 'd']);
    resumes.start(c, { type: 'hello', cursor: 0, heads: { c: 1 } });
    const [first, second] = [desk.host.next('pull'), desk.host.next('pull')];
    expect([first, second].map((p) => [p.conversation, p.argument.after])).toEqual([
      ['c', 1],
      ['d', undefined],
    ]);
    expect(frames().map((f) => f['type'])).toEqual(['welcome']);
    first.done(pulled(2, 3));
    expect(frames()).toMatchObject([{ type: 'batch', entries: [{ seq: 2 }, { seq: 3 }], head: 3 }]);
    second.done(pulled(1, 3));
    expect(frames().map((f) => f['type'])).toEqual(['batch', 'synced']);
    expect(desk.inbox.notes.all().some((row) => desk.inbox.notes.isDetached(row))).toBe(false);
  });

  test('P4 P9 keeps its own cursor while a conversation is owed, and gets it when that answers', () => {
    const { desk, resumes, c, frames } = returning(['c']);
    resumes.start(c, { type: 'hello', cursor: 0, heads: {} });
    desk.host.next('pull').done(undefined);
    expect(frames().at(-1)).toEqual({ type: 'synced', cursor: 0 });
    expect(c.synced).toBe(false);
    desk.host.clock.advance(1_000);
    desk.host.next('pull').done(pulled(1, 3));
    expect(frames()).toMatchObject([{ type: 'batch', head: 3 }]);
    expect(c.synced).toBe(true);
  });

  test('P9 asks 16 conversations at a time, and no more after its connection went', () => {
    const { desk, resumes, c } = returning(Array.from({ length: 40 }, (_, i) => `c${i}`));
    resumes.start(c, { type: 'hello', cursor: 0 });
    expect(desk.host.calls.length).toBe(16);
    desk.host.next('pull').done(pulled(1, 3));
    expect(desk.host.calls.length).toBe(16);
    desk.inbox.closed(9);
    desk.host.next('pull').done(pulled(1, 3));
    expect(desk.host.calls.length).toBe(15);
  });

  test('P7 gets of a membership that ended its last entry, without a call', () => {
    const { desk, resumes, c, frames } = returning(['c']);
    desk.inbox.deliver(delivery(entries(4, 4), { ended: true }));
    resumes.start(c, { type: 'hello', cursor: 0, heads: { c: 3 } });
    expect(desk.host.calls).toEqual([]);
    expect(frames().slice(1)).toMatchObject([{ type: 'batch', entries: [{ seq: 4 }] }, { type: 'synced' }]);
  });

  test('P4 with a cursor that was never given out gets everything', () => {
    const { desk, resumes, c } = returning(['c', 'd']);
    resumes.start(c, { type: 'hello', cursor: 999_999, heads: {} });
    expect(desk.host.calls.map((call) => call.conversation)).toEqual(['c', 'd']);
  });
});
