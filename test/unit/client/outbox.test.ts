import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParleyError } from '../../../client/errors.ts';
import { type Op, Outbox } from '../../../client/outbox.ts';
import { Pacer } from '../../../client/pacer.ts';

const op = (clientId: string, conversation = 'c'): Op => ({
  type: 'send',
  clientId,
  conversation,
  content: { kind: 'text', text: clientId },
});
const make = (window = 32): Outbox => new Outbox({ window, random: () => 0.5 });
const refuse = (code: string, clientId: string, retryAfter?: number) =>
  [clientId, new ParleyError(code, code, retryAfter === undefined ? {} : { retryAfter })] as const;
/** `clientId` or `clientId<after`. */
const flushed = (outbox: Outbox, now: number): string[] =>
  outbox.flush(now).map((frame) => ('after' in frame ? `${frame.clientId}<${frame.after}` : frame.clientId));

describe('P5: order', () => {
  test('each send names the one before it that is still under way', () => {
    const outbox = make();
    for (const id of ['a', 'b', 'c']) outbox.add(op(id));
    expect(flushed(outbox, 0)).toEqual(['a', 'b<a', 'c<b']);
    outbox.done('a');
    outbox.done('b');
    outbox.add(op('d'));
    expect(flushed(outbox, 0)).toEqual(['d<c']);
    outbox.done('c');
    outbox.done('d');
    outbox.add(op('e'));
    expect(flushed(outbox, 0)).toEqual(['e']);
  });

  test('an edit is not a predecessor, and takes its turn', () => {
    const outbox = make();
    outbox.add(op('a'));
    outbox.add({ type: 'delete', clientId: 'x', conversation: 'c', seq: 1 });
    outbox.add(op('b'));
    expect(flushed(outbox, 0)).toEqual(['a', 'x', 'b<a']);
  });

  test('P5: what an earlier run or another tab said sooner goes sooner, whenever it is found', () => {
    const outbox = make();
    outbox.add(op('new'), 20, false, '20');
    outbox.add(op('b'), 10, true, '11');
    outbox.add(op('a'), 10, true, '10');
    outbox.sort();
    expect(flushed(outbox, 30)).toEqual(['a', 'b<a', 'new<b']);
    outbox.lost();
    outbox.add(op('newest'), 30, false, '30');
    outbox.add(op('c'), 15, true, '15');
    outbox.sort();
    expect(flushed(outbox, 30)).toEqual(['a', 'b<a', 'c<b', 'new<c', 'newest<new']);
  });

  test('P5: what another tab said sooner and tells later goes sooner, but not before what was sent', () => {
    const outbox = make();
    outbox.add(op('sent'), 20, false, '20');
    expect(flushed(outbox, 20)).toEqual(['sent']);
    outbox.add(op('late'), 40, false, '40');
    outbox.add(op('sooner'), 10, false, '10');
    expect(flushed(outbox, 40)).toEqual(['sooner<sent', 'late<sooner']);
  });

  test('after a lost socket everything without an answer is said again, in order', () => {
    const outbox = make();
    for (const id of ['a', 'b', 'c']) outbox.add(op(id));
    flushed(outbox, 0);
    outbox.done('b');
    outbox.lost();
    expect(flushed(outbox, 1)).toEqual(['a', 'c<a']);
  });
});

describe('the window', () => {
  test('bounds what is under way, and gives every conversation its turn', () => {
    const outbox = make(2);
    outbox.add(op('a1', 'a'));
    outbox.add(op('a2', 'a'));
    outbox.add(op('a3', 'a'));
    outbox.add(op('b1', 'b'));
    expect(flushed(outbox, 0)).toEqual(['a1', 'a2<a1']);
    outbox.done('a1');
    outbox.done('a2');
    expect(flushed(outbox, 0)).toEqual(['b1', 'a3'].sort());
  });

  test('the announced rate is kept', () => {
    const outbox = make();
    outbox.pacer.set(10, 2, 0);
    for (const id of ['a', 'b', 'c', 'd']) outbox.add(op(id));
    expect(flushed(outbox, 0)).toEqual(['a', 'b<a']);
    expect(outbox.deadline(0)).toBe(100);
    expect(flushed(outbox, 100)).toEqual(['c<b']);
  });

  test('a bucket never holds more than its burst', () => {
    const pacer = new Pacer();
    pacer.set(10, 2, 0);
    expect([pacer.take(9000), pacer.take(9000), pacer.take(9000)]).toEqual([true, true, false]);
  });
});

describe('P3: answers', () => {
  test('what can never be stored comes out, and what was ordered behind it is said again without it', () => {
    const outbox = make();
    for (const id of ['a', 'b', 'c', 'd']) outbox.add(op(id));
    flushed(outbox, 0);
    expect(outbox.refused(...refuse('forbidden', 'b'), 0)?.clientId).toBe('b');
    expect(flushed(outbox, 0)).toEqual(['c<a', 'd<c']);
  });

  test('rate_limited: everything waits as long as it was told, then goes on from there', () => {
    const outbox = make();
    for (const id of ['a', 'b', 'c']) outbox.add(op(id));
    flushed(outbox, 0);
    expect(outbox.refused(...refuse('rate_limited', 'b', 2), 0)).toBeUndefined();
    outbox.add(op('x', 'other'));
    expect(flushed(outbox, 1999)).toEqual([]);
    expect(outbox.deadline(0)).toBe(2100);
    expect(flushed(outbox, 2100)).toEqual(['b<a', 'c<b', 'x']);
  });

  test('unavailable: that conversation backs off, others go on', () => {
    const outbox = make();
    outbox.add(op('a'));
    flushed(outbox, 0);
    outbox.refused(...refuse('unavailable', 'a'), 0);
    outbox.add(op('x', 'other'));
    expect(flushed(outbox, 0)).toEqual(['x']);
    expect(flushed(outbox, 499)).toEqual([]);
    expect(flushed(outbox, 500)).toEqual(['a']);
  });

  test('conflict: tried again while there is a predecessor to wait for, final without one', () => {
    const outbox = make();
    outbox.add(op('a'));
    outbox.add(op('b'));
    flushed(outbox, 0);
    expect(outbox.refused(...refuse('conflict', 'b'), 0)).toBeUndefined();
    outbox.done('a');
    expect(flushed(outbox, 30_000)).toEqual(['b']);
    expect(outbox.refused(...refuse('conflict', 'b'), 30_000)?.clientId).toBe('b');
  });

  test('errors and answers that come late are nobody’s', () => {
    const outbox = make();
    outbox.add(op('a'));
    flushed(outbox, 0);
    expect(outbox.done('a')?.clientId).toBe('a');
    expect(outbox.done('a')).toBeUndefined();
    expect(outbox.refused(...refuse('internal', 'a'), 0)).toBeUndefined();
  });

  test('the same clientId is queued once', () => {
    const outbox = make();
    expect([outbox.add(op('a')), outbox.add(op('a'))]).toEqual([true, false]);
    expect(flushed(outbox, 0)).toEqual(['a']);
  });

  test('silence: asked again, ever more slowly', () => {
    const outbox = make();
    outbox.add(op('a'));
    outbox.add(op('b'));
    flushed(outbox, 0);
    expect(outbox.deadline(0)).toBe(30_000);
    expect(flushed(outbox, 30_000)).toEqual(['a', 'b<a']);
    expect(outbox.deadline(30_000)).toBe(90_000);
  });
});

test('P5: against a service that refuses at random, everything is stored once and in order', () => {
  const codes = ['rate_limited', 'unavailable', 'overloaded', 'lost', 'forbidden', 'ok', 'ok', 'ok'];
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { minLength: 200, maxLength: 200 }),
      fc.integer({ min: 1, max: 8 }),
      (dice, window) => {
        const outbox = make(window);
        const ids = Array.from({ length: 12 }, (_, i) => `m${String(i).padStart(2, '0')}`);
        for (const id of ids) outbox.add(op(id));
        const stored: string[] = [];
        const dead = new Set<string>();
        let roll = 0;
        for (let now = 0; outbox.all().length > 0 && now < 5_000_000; now += 1000) {
          const frames = outbox.flush(now);
          expect(frames.length).toBeLessThanOrEqual(window);
          for (const frame of frames) {
            roll += 1;
            const what =
              roll % 9 === 0 ? 'ok' : (codes[(dice[roll % dice.length] ?? 0) % codes.length] ?? 'ok');
            const after = 'after' in frame ? frame.after : undefined;
            if (stored.includes(frame.clientId)) outbox.done(frame.clientId);
            else if (after !== undefined && !stored.includes(after))
              outbox.refused(...refuse('conflict', frame.clientId), now);
            else if (what === 'lost') outbox.lost();
            else if (what === 'ok' || what === 'forbidden') {
              if (what === 'ok') stored.push(frame.clientId);
              else dead.add(frame.clientId);
              if (what === 'ok') outbox.done(frame.clientId);
              else outbox.refused(...refuse(what, frame.clientId), now);
            } else outbox.refused(...refuse(what, frame.clientId), now);
          }
        }
        const conflicted = ids.filter((id) => !stored.includes(id) && !dead.has(id));
        expect(stored).toEqual(ids.filter((id) => stored.includes(id)));
        expect(conflicted).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});
