import { beforeEach, describe, expect, test } from 'vitest';
import { User } from '../../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { CountingSql, delivery, entries, FakeHost, type OpenCall } from './support.ts';

let host: FakeHost;
let user: User;
beforeEach(() => {
  host = new FakeHost();
  user = new User('me', new CountingSql(), host, DEFAULT_LIMITS, new Map());
  for (const [socket, device] of [
    [1, 'phone'],
    [2, 'tablet'],
  ] as const) {
    user.opened(socket, device);
    say(socket, { type: 'hello' });
  }
});
const say = (socket: number, frame: object): void => user.frame(socket, JSON.stringify(frame));
const received = (socket: number, seq: number, conversation = 'c'): void =>
  say(socket, { type: 'received', conversation, seq });
/** Reports that started within so many milliseconds. */
function within(ms: number): OpenCall<'marks'>[] {
  host.clock.advance(ms);
  return host.calls.splice(0).filter((call) => call.method === 'marks') as unknown as OpenCall<'marks'>[];
}
const ok = { ok: true, head: 10 } as const;

test('P6 the confirmation of the second device is reported, so that nothing is repeated to it', () => {
  user.deliver(delivery(entries(1, 3)));
  received(1, 3);
  const [first] = within(50);
  expect(first?.argument).toMatchObject({ delivered: 3, settled: 0 });
  first?.done(ok);
  received(2, 3);
  const second = within(500);
  expect(second.map((call) => call.argument)).toMatchObject([{ delivered: 3, settled: 3 }]);
  second[0]?.done(ok);
  expect(within(60_000)).toEqual([]);
});

test('P6 two devices that confirm together cost one call', () => {
  user.deliver(delivery(entries(1, 3)));
  received(1, 3);
  received(2, 3);
  const calls = within(50);
  expect(calls.map((call) => call.argument)).toMatchObject([{ delivered: 3, settled: 3 }]);
  calls[0]?.done(ok);
  expect(within(60_000)).toEqual([]);
});

test('P7 of two connections that confirm where the user is no member, at the same moment, both get the error', () => {
  received(1, 3, 'strange');
  received(2, 3, 'strange');
  host.sent.length = 0;
  for (const call of within(50)) call.done({ ok: false, code: 'not_found', detail: 'no such conversation' });
  for (const socket of [1, 2])
    expect(host.take(socket)).toEqual([
      { type: 'error', code: 'not_found', detail: 'no such conversation', conversation: 'strange' },
    ]);
});

describe('P6 P9 what was read in an outage goes', () => {
  beforeEach(() => {
    user.deliver(delivery(entries(1, 3)));
    for (const socket of [1, 2]) say(socket, { type: 'read', conversation: 'c', seq: 3 });
    for (let i = 0; i < 150; i++) for (const call of within(100)) call.done(undefined);
    expect(within(0)).toEqual([]);
  });
  const told = (): unknown[] => within(0).map((call) => call.argument);
  const marks = { user: 'me', delivered: 3, read: 3, settled: 3 };

  test('as soon as the conversation delivers something', () => {
    user.deliver(delivery([], { receipts: ['{"type":"receipt","conversation":"c"}'], head: 3 }));
    expect(told()).toEqual([marks]);
  });

  test('as soon as it answers something', () => {
    say(1, { type: 'pull', conversation: 'c', after: 0 });
    host.next('pull').done({
      ok: true,
      kind: 'direct',
      entries: [],
      head: 3,
      receipts: [],
      own: { delivered: 0, read: 0 },
    });
    expect(told()).toEqual([marks]);
  });

  test('and not when another conversation does, or this one can not be reached', () => {
    user.deliver(delivery(entries(1, 1), { conversation: 'd' }));
    say(1, { type: 'pull', conversation: 'c', after: 0 });
    host.next('pull').done(undefined);
    expect(told()).toEqual([]);
  });

  test('with a send', () => {
    say(1, { type: 'send', clientId: 'a', conversation: 'c', content: { kind: 'text', text: 'a' } });
    host.clock.advance(1);
    expect(host.next('append').argument).toMatchObject(marks);
  });
});
