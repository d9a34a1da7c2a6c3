import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PullAnswer } from '../../../../objects/shared/rpc.ts';
import { type Connection, newConnection, newRates } from '../../../../objects/user/connection.ts';
import { batches, Resumes } from '../../../../objects/user/resume.ts';
import type { Failure } from '../../../../schema/protocol/errors.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { Desk, delivery, entries, NOW, type OpenCall } from './support.ts';

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
  const dropped: Failure[] = [];
  const drop = (gone: Connection, failure: Failure): void => {
    dropped.push(failure);
    desk.inbox.closed(gone.socket);
    resumes.closed(gone.socket);
  };
  const resumes = new Resumes(desk.host, desk.inbox, desk.prefs, desk.reports, 'me', DEFAULT_LIMITS, drop);
  const frames = () => desk.host.take(9);
  const pull = () => desk.host.next('pull') as OpenCall<'pull'>;
  const pass = (ms: number) => desk.host.clock.advance(ms);
  return { desk, c, resumes, frames, dropped, pull, pass };
}
const pulled = (from: number, to: number, bytes = 0): Extract<PullAnswer, { ok: true }> => ({
  ok: true,
  kind: 'direct',
  entries: entries(from, to, bytes),
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
    const { desk, resumes, c, frames, pull, pass } = returning(['c']);
    resumes.start(c, { type: 'hello', cursor: 0, heads: {} });
    pull().done(undefined);
    expect(frames().at(-1)).toEqual({ type: 'synced', cursor: 0 });
    expect(c.synced).toBe(false);
    pass(1_000);
    pull().done(pulled(1, 3));
    expect(frames()).toMatchObject([
      { type: 'batch', head: 3 },
      { type: 'synced', cursor: desk.inbox.notes.cursor },
    ]);
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

  test('P4 asks the conversations it used last after a crash, which may have been theirs too', () => {
    const ids = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const heads = Object.fromEntries(ids.map((id) => [id, 1]));
    const asked = (crashed: boolean): string[] => {
      const desk = new Desk();
      desk.connect('phone');
      for (const conversation of ids) desk.inbox.deliver(delivery(entries(1, 1), { conversation }));
      for (const id of ids) for (const c of desk.inbox.connections) desk.inbox.pushes.confirm(c, id, 1);
      desk.inbox.notes.next();
      if (!crashed) desk.inbox.closed(1);
      desk.restart();
      const kept = { device: 'phone', synced: false, ceiling: desk.inbox.notes.cursor };
      const c = newConnection(9, kept, newRates(DEFAULT_LIMITS, NOW), NOW);
      desk.inbox.open(c);
      const resumes = new Resumes(desk.host, desk.inbox, desk.prefs, desk.reports, 'me', DEFAULT_LIMITS);
      resumes.start(c, { type: 'hello', cursor: desk.inbox.notes.cursor, heads: { ...heads, strange: 5 } });
      const pulls: string[] = [];
      for (let call = desk.host.calls.shift(); call; call = desk.host.calls.shift()) {
        pulls.push(call.conversation);
        call.done({ ...pulled(1, 1), entries: [] });
      }
      return pulls;
    };
    expect(asked(true)).toEqual(ids.slice(-31));
    expect(asked(false)).toEqual([]);
  });

  test('P9 is through without a timer that outlasts it, however the wall clock steps', () => {
    for (const step of [-3_600_000, 0, 3_600_000]) {
      const { desk, resumes, c, frames, pull, pass } = returning(['c', 'd']);
      resumes.start(c, { type: 'hello', cursor: 0 });
      pass(500);
      desk.host.stepped = step;
      pass(500);
      for (let i = 0; i < 2; i++) pull().done({ ...pulled(1, 3), entries: [] });
      expect(frames().map((f) => f['type'])).toEqual(['welcome', 'batch', 'batch', 'synced']);
      expect(desk.host.timers).toBe(0);
      pass(600_000);
      expect([frames(), desk.host.calls]).toEqual([[], []]);
    }
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

describe('a conversation that hangs', () => {
  const synced = (frames: readonly Record<string, unknown>[]) => frames.filter((f) => f['type'] === 'synced');
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);

  test('P9 P4 delays `synced` by less than 2 seconds; what it has follows once, and the cursor only then', () => {
    const { desk, resumes, c, frames, pull, pass } = returning(['c', 'd', 'e']);
    resumes.start(c, { type: 'hello', cursor: 0 });
    const hanging = pull();
    pull().done(pulled(1, 3));
    pull().done(pulled(1, 3));
    expect(frames().map((f) => f['type'])).toEqual(['welcome', 'batch', 'batch']);
    pass(1_900);
    expect(frames()).toEqual([{ type: 'synced', cursor: 0 }]);
    desk.inbox.deliver(delivery(entries(4, 4), { conversation: 'd' }));
    expect(frames()).toMatchObject([{ seq: 4, cursor: 0 }]);
    pass(27_000);
    // Nobody asks twice meanwhile.
    expect([frames(), desk.host.calls, c.synced]).toEqual([[], [], false]);
    hanging.done(pulled(1, 3));
    expect(frames()).toMatchObject([
      { type: 'batch', head: 3, entries: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
      { type: 'synced', cursor: desk.inbox.notes.cursor },
    ]);
    expect(c.synced).toBe(true);
    desk.inbox.deliver(delivery(entries(5, 5), { conversation: 'd' }));
    expect(Number(frames()[0]?.['cursor'])).toBeGreaterThan(0);
    pass(600_000);
    expect([frames(), desk.host.calls]).toEqual([[], []]);
  });

  test('P9 P4 and then fails is tried again, and the line keeps its own cursor until it answers', () => {
    const { resumes, c, frames, pull, pass } = returning(['c', 'd']);
    resumes.start(c, { type: 'hello', cursor: 0 });
    const hanging = pull();
    pull().done(pulled(1, 3));
    pass(30_000);
    hanging.done(undefined);
    pass(999);
    expect(synced(frames())).toEqual([{ type: 'synced', cursor: 0 }]);
    pass(1);
    pull().done(undefined);
    pass(4_000);
    expect([frames(), c.synced]).toEqual([[], false]);
    pull().done(pulled(1, 3));
    expect(frames().map((f) => f['type'])).toEqual(['batch', 'synced']);
  });

  test('P4 does not count as reached: the next device asks all detached ones again', () => {
    const { desk, resumes, c, pull, pass } = returning(['c', 'd']);
    const detached = () => desk.inbox.notes.all().filter((row) => desk.inbox.notes.isDetached(row)).length;
    resumes.start(c, { type: 'hello', cursor: 0 });
    const hanging = pull();
    pull().done(pulled(1, 3));
    pass(10_000);
    expect(detached()).toBe(2);
    hanging.done(pulled(1, 3));
    expect(detached()).toBe(0);
  });

  test('P9 takes nobody its place: 40 that hang and 1,000 that answer', () => {
    const { desk, resumes, c, frames, pass } = returning(many(1_040));
    resumes.start(c, { type: 'hello', cursor: 0 });
    let answered = 0;
    let asked = 0;
    const answer = (): void => {
      // Every 26th hangs, until it is asked no more.
      while (desk.host.calls.length > 0) {
        const call = desk.host.next('pull');
        if (asked++ % 26 === 0) continue;
        answered++;
        call.done(pulled(1, 3));
      }
    };
    answer();
    for (let at = 0; at < 6_000; at += 100) {
      pass(100);
      answer();
      if (at >= 1_800) expect(desk.host.sent.filter((s) => s.frame['type'] === 'synced').length).toBe(1);
    }
    expect([asked, answered]).toEqual([1_040, 1_000]);
    expect(synced(frames())).toEqual([{ type: 'synced', cursor: 0 }]);
  });

  test('P8 P9 5,000 that hang are asked 256 at a time, and each until it answers', () => {
    const { desk, resumes, c, frames, pass } = returning(many(5_000));
    resumes.start(c, { type: 'hello', cursor: 0 });
    pass(29_000);
    expect(synced(frames())).toEqual([{ type: 'synced', cursor: 0 }]);
    expect(desk.host.calls.length).toBe(256);
    let most = 0;
    for (let round = 0; round < 400; round++) {
      most = Math.max(most, desk.host.calls.length);
      for (const call of desk.host.calls.splice(0) as unknown as OpenCall<'pull'>[])
        call.done(round < 30 ? undefined : { ...pulled(1, 3), entries: [] });
      pass(1_000);
      desk.inbox.pushes.confirm(c, 'c0', 3);
    }
    expect(most).toBeLessThanOrEqual(256);
    expect(desk.host.calls).toEqual([]);
    expect(synced(frames())).toEqual([{ type: 'synced', cursor: desk.inbox.notes.cursor }]);
  });

  test('P4 of a new device is asked again with what came since the device listed, and `synced` comes once', () => {
    const { resumes, c, frames, pull, pass } = returning(['c']);
    resumes.start(c, { type: 'hello' });
    const hanging = pull();
    expect(hanging.argument.limit).toBe(0);
    pass(2_000);
    const told = synced(frames());
    expect(told).toEqual([{ type: 'synced', cursor: c.base }]);
    hanging.done({ ...pulled(1, 3), entries: [] });
    expect([frames(), c.synced]).toEqual([[], false]);
    pass(1_000);
    const again = pull();
    expect(again.argument.limit).toBe(100);
    again.done(pulled(1, 4));
    expect(frames().map((f) => f['type'])).toEqual(['batch']);
    expect(c.synced).toBe(true);
  });

  test('P9 or fails for a device that is gone is asked no more, and keeps nothing awake', () => {
    const gone = (end: (t: ReturnType<typeof returning>) => void): void => {
      const t = returning(['c', 'd']);
      t.resumes.start(t.c, { type: 'hello', cursor: 0 });
      const hanging = t.pull();
      t.pull().done(undefined);
      t.pass(2_000);
      // One hangs, the other waits for its next try.
      end(t);
      expect(t.desk.host.timers).toBe(0);
      t.frames();
      hanging.done(pulled(1, 3));
      t.pass(600_000);
      expect([t.frames(), t.desk.host.calls, t.desk.host.timers]).toEqual([[], [], 0]);
    };
    gone((t) => {
      t.desk.inbox.closed(9);
      t.resumes.closed(9);
    });
    gone((t) => {
      for (const socket of t.desk.inbox.remove('phone')) t.resumes.closed(socket);
    });
  });
});

describe('a reader that confirms nothing', () => {
  /** 40 conversations of 0.9 MB each; everything that is asked is answered. */
  function slow() {
    const t = returning(Array.from({ length: 40 }, (_, i) => `c${i}`));
    const asked: string[] = [];
    const answer = (): void => {
      while (t.desk.host.calls.length > 0) {
        const call = t.pull();
        asked.push(call.conversation);
        call.done(pulled(1, 3, 300_000));
      }
    };
    t.resumes.start(t.c, { type: 'hello', cursor: 0 });
    answer();
    return { ...t, asked, answer };
  }
  const kinds = (frames: readonly Record<string, unknown>[]) => [...new Set(frames.map((f) => f['type']))];

  test('P8 gets 4 MiB and what was asked by then, no `synced`, and is closed after 30 seconds', () => {
    const { desk, asked, frames, pass, dropped } = slow();
    expect([asked.length, kinds(frames())]).toEqual([20, ['welcome', 'batch']]);
    pass(29_999);
    expect([frames(), desk.host.calls, dropped]).toEqual([[], [], []]);
    pass(1);
    expect(dropped).toMatchObject([{ code: 'overloaded' }]);
    expect(desk.host.timers).toBe(0);
  });

  test('P4 goes on when it confirms, however slowly, and then is synced', () => {
    const { desk, c, resumes, asked, answer, frames, pass, dropped } = slow();
    for (let i = 0; i < 40; i++) {
      pass(29_000);
      c.seen = desk.host.now();
      desk.inbox.pushes.confirm(c, asked[i] ?? 'not asked yet', 3);
      resumes.confirmed(c);
      answer();
      // Never more than its window, and what was asked while there was room in it.
      expect(c.window).toBeLessThan(4_194_304 + 17 * 950_000);
    }
    expect([dropped, asked.length, frames().at(-1)]).toMatchObject([[], 40, { type: 'synced' }]);
    expect(desk.host.timers).toBe(0);
  });

  test('P9 and one of its conversations hangs: `synced` comes within 2 seconds', () => {
    const t = returning(Array.from({ length: 20 }, (_, i) => `c${i}`));
    t.resumes.start(t.c, { type: 'hello', cursor: 0 });
    t.pull();
    for (let i = 0; i < 15; i++) t.pull().done(pulled(1, 3, 300_000));
    t.pass(2_000);
    expect(t.frames().at(-1)).toEqual({ type: 'synced', cursor: 0 });
  });
});
