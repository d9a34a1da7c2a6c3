import { beforeEach, describe, expect, test } from 'vitest';
import type { Op, OpResult } from '../../../../objects/shared/rpc.ts';
import { Reports } from '../../../../objects/user/reports.ts';
import { HOLD_MS, type SendDone, Sends } from '../../../../objects/user/sends.ts';
import { FakeHost, type OpenCall } from './support.ts';

let host: FakeHost;
let sends: Sends;
let results: Map<string, SendDone>;
beforeEach(() => {
  host = new FakeHost();
  const reports = new Reports(host, 'me', () => 0);
  sends = new Sends(host, 'me', () => 7, reports);
  results = new Map();
});

function send(clientId: string, after?: string, bytes = 100, conversation = 'c'): void {
  const content = { kind: 'text', text: clientId };
  const op: Op = { type: 'message', clientId, content, ...(after === undefined ? {} : { after }) };
  sends.add(conversation, op, bytes, (result) => results.set(clientId, result));
}
/** The next call, when its turn has come. */
function called(): OpenCall<'append'> {
  host.clock.advance(0);
  return host.next('append');
}
const names = (call: OpenCall<'append'>): string[] => call.argument.ops.map((op) => op.clientId);
const stored = (seq: number): OpResult => ({ ok: true, seq, at: 1, duplicate: false, entry: '' });
const held: OpResult = { ok: true, held: true };
const answer = (call: OpenCall<'append'>, ...given: OpResult[]): void =>
  call.done({ ok: true, kind: 'direct', results: given, settled: 0, head: 0 });
const outcome = (clientId: string): unknown => {
  const result = results.get(clientId);
  return result?.ok ? result.seq : result?.code;
};

describe('calls', () => {
  test('P5 one at a time for a conversation; what comes meanwhile shares the next, in order', () => {
    send('a');
    const first = called();
    for (const name of ['b', 'c', 'd']) send(name);
    host.clock.advance(60_000);
    expect(host.calls).toEqual([]);
    expect([names(first), first.argument.settled]).toEqual([['a'], 7]);
    answer(first, stored(1));
    const second = called();
    expect(names(second)).toEqual(['b', 'c', 'd']);
    answer(second, stored(2), stored(3), stored(4));
    expect(['a', 'b', 'c', 'd'].map(outcome)).toEqual([1, 2, 3, 4]);
  });

  test('P9 those for other conversations do not wait', () => {
    send('a');
    called();
    send('b', undefined, 100, 'other');
    expect(called()).toMatchObject({ conversation: 'other' });
  });

  test.each([
    ['128 sends', 300, 100, 128],
    ['256 kB', 20, 64 * 1024, 4],
  ])('P8 one carries at most %s, and the rest follows', (_, count, bytes, most) => {
    for (let i = 0; i < count; i++) send(`m${i}`, undefined, bytes);
    const seen: string[] = [];
    while (seen.length < count) {
      const call = called();
      expect(call.argument.ops.length).toBeLessThanOrEqual(most);
      seen.push(...names(call));
      answer(call, ...call.argument.ops.map((__, i) => stored(i + 1)));
    }
    expect(seen).toEqual(Array.from({ length: count }, (__, i) => `m${i}`));
  });

  test('P8 too many waiting are refused at once, those waiting are kept', () => {
    for (let i = 0; i < 2_001; i++) send(`m${i}`);
    expect([outcome('m2000'), outcome('m1999')]).toEqual(['overloaded', undefined]);
  });

  test('P9 one that fails answers its own sends, and the next goes on', () => {
    send('a');
    const first = called();
    send('b');
    first.done(undefined);
    expect([outcome('a'), outcome('b')]).toEqual(['unavailable', undefined]);
    answer(called(), stored(1));
    expect(outcome('b')).toBe(1);
  });

  test('P7 a refusal is handed to every send of the call', () => {
    for (const name of ['a', 'b']) send(name);
    called().done({ ok: false, code: 'not_found', detail: '' });
    expect([outcome('a'), outcome('b')]).toEqual(['not_found', 'not_found']);
  });
});

describe('a send whose predecessor is not there', () => {
  test('P5 waits 2 seconds, then is a conflict, and is never stored', () => {
    send('b', 'a');
    answer(called(), held);
    host.clock.advance(HOLD_MS - 1);
    expect([outcome('b'), host.calls.length]).toEqual([undefined, 0]);
    host.clock.advance(1);
    expect([outcome('b'), host.calls.length]).toEqual(['conflict', 0]);
    host.clock.advance(60_000);
    expect(host.calls).toEqual([]);
  });

  test('P5 goes again as soon as that is stored, before what came later', () => {
    send('b', 'a');
    answer(called(), held);
    send('a');
    const first = called();
    send('c', 'b');
    answer(first, stored(1));
    const second = called();
    expect([names(first), names(second)]).toEqual([['a'], ['b', 'c']]);
    answer(second, stored(2), stored(3));
    host.clock.advance(10_000);
    expect(['a', 'b', 'c'].map(outcome)).toEqual([1, 2, 3]);
  });

  test('P5 a chain of them keeps its order', () => {
    send('c', 'b');
    send('b', 'a');
    answer(called(), held, held);
    send('a');
    answer(called(), stored(1));
    const again = called();
    expect(names(again)).toEqual(['c', 'b']);
    answer(again, held, stored(2));
    const last = called();
    expect(names(last)).toEqual(['c']);
    answer(last, stored(3));
    expect(['a', 'b', 'c'].map(outcome)).toEqual([1, 2, 3]);
  });

  test('P5 each has its own 2 seconds', () => {
    send('b', 'a');
    answer(called(), held);
    host.clock.advance(1_500);
    send('y', 'x');
    answer(called(), held);
    host.clock.advance(600);
    expect([outcome('b'), outcome('y')]).toEqual(['conflict', undefined]);
    host.clock.advance(1_400);
    expect(outcome('y')).toBe('conflict');
  });

  test('P5 P9 a wall clock that steps back by an hour holds nothing for that hour', () => {
    send('b', 'a');
    answer(called(), held);
    host.clock.advance(1_000);
    host.stepped = -3_600_000;
    send('y', 'x');
    answer(called(), held);
    host.clock.advance(2 * HOLD_MS);
    expect([outcome('b'), outcome('y')]).toEqual(['conflict', 'conflict']);
    host.clock.advance(4_000_000);
    expect(host.calls).toEqual([]);
  });

  test('P5 a wall clock that steps forward ends the wait early, with the same answer', () => {
    send('b', 'a');
    host.stepped = 3_600_000;
    answer(called(), held);
    expect(outcome('b')).toBe('conflict');
  });

  test('P5 one whose answer took longer than that is not held any more', () => {
    send('b', 'a');
    const call = called();
    host.clock.advance(HOLD_MS);
    answer(call, held);
    expect(outcome('b')).toBe('conflict');
  });
});
