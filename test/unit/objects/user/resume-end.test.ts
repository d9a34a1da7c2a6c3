import { beforeEach, expect, test } from 'vitest';
import type { PullAnswer } from '../../../../objects/shared/rpc.ts';
import { User } from '../../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { CountingSql, delivery, entries, FakeHost } from './support.ts';

let host: FakeHost;
let user: User;
/** What runs without any resume. */
let timers: number;
beforeEach(() => {
  host = new FakeHost();
  user = new User('me', new CountingSql(), host, DEFAULT_LIMITS, new Map());
  for (const conversation of ['c', 'd']) user.deliver(delivery(entries(1, 3), { conversation }));
  timers = host.timers;
  user.opened(1, 'phone');
  user.frame(1, '{"type":"hello","cursor":0}');
});
const pulled = (bytes: number): PullAnswer => ({
  ok: true,
  kind: 'direct',
  entries: entries(1, 3, bytes),
  head: 3,
  receipts: [],
  own: { delivered: 0, read: 0 },
});

test('P8 a resume that waits for its next try ends with its device, and keeps nothing awake', () => {
  for (const _ of ['c', 'd']) host.next('pull').done(undefined);
  expect(host.timers).toBeGreaterThan(timers);
  user.removeDevice('phone');
  expect([host.closedSockets, host.timers]).toEqual([[{ socket: 1, code: 4403 }], timers]);
  host.clock.advance(600_000);
  expect(host.calls).toEqual([]);
});

test('P8 a resume that hangs ends with its socket', () => {
  user.closed(1);
  expect(host.timers).toBe(timers);
  const before = host.take(1).length;
  for (const _ of ['c', 'd']) host.next('pull').done(pulled(0));
  host.clock.advance(600_000);
  expect([before, host.take(1), host.calls]).toEqual([1, [], []]);
});

test('P8 a device that pings and confirms nothing of its resume is told why it is closed', () => {
  host.lastPing = () => host.now();
  user.closed(1);
  host.calls.length = 0;
  for (let i = 0; i < 40; i++) user.deliver(delivery(entries(1, 3), { conversation: `e${i}` }));
  user.opened(2, 'phone');
  user.frame(2, '{"type":"hello","cursor":0}');
  while (host.calls.length > 0) host.next('pull').done(pulled(300_000));
  host.take(2);
  host.clock.advance(29_999);
  expect(host.closedSockets).toEqual([]);
  host.clock.advance(1);
  expect(host.take(2)).toMatchObject([{ type: 'error', code: 'overloaded' }]);
  expect([host.closedSockets, host.timers]).toEqual([[{ socket: 2, code: 1013 }], timers]);
});
