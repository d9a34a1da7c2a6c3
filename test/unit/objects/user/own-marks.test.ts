import { beforeEach, describe, expect, test } from 'vitest';
import type { PullAnswer } from '../../../../objects/shared/rpc.ts';
import type { Connection } from '../../../../objects/user/connection.ts';
import { User } from '../../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { CountingSql, Desk, delivery, entries, FakeHost } from './support.ts';

const receipt = (read: number): string =>
  `{"type":"receipt","conversation":"c","user":"me","delivered":${read},"read":${read}}`;

describe('an own read mark that moves', () => {
  let desk: Desk;
  let phone: Connection;
  let laptop: Connection;
  const read = (seq: number, conversation = 'c'): number =>
    desk.writes(() => desk.inbox.marked(phone, conversation, receipt(seq)));

  beforeEach(() => {
    desk = new Desk();
    desk.inbox.deliver(delivery(entries(1, 3)));
    [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    desk.host.sent.length = 0;
  });

  test('P6 is told to the other connections and written nowhere while all are there', () => {
    expect(read(1)).toBe(0);
    expect(read(2)).toBe(0);
    expect(desk.host.take(laptop.socket)).toMatchObject([{ read: 1 }, { read: 2 }]);
    expect(desk.host.take(phone.socket)).toEqual([]);
  });

  test('P4 is noted for a device that is away: the first costs a row, the next none', () => {
    desk.inbox.closed(laptop.socket);
    const { cursor } = desk.inbox.notes;
    expect(read(1)).toBe(1);
    expect(desk.note).toBeGreaterThan(cursor);
    for (let seq = 2; seq < 100; seq++) expect(read(seq)).toBe(0);
  });

  test('P4 is noted when the line it was told on ends, after hibernation too', () => {
    read(1);
    const [, survivor] = desk.restart([phone, laptop]);
    const before = desk.note;
    desk.inbox.closed(survivor!.socket);
    expect(desk.note).toBeGreaterThan(before);
    const { note } = desk;
    // Noted once: the device is below it.
    desk.inbox.closed(phone.socket);
    expect(desk.note).toBe(note);
  });

  test('P4 is noted when its device says hello on another connection', () => {
    read(1);
    const { cursor } = desk.inbox.notes;
    desk.connect('laptop');
    expect(desk.note).toBeGreaterThan(cursor);
  });

  test('is remembered for 16 conversations, which fit into an attachment; more are noted', () => {
    const ids = Array.from({ length: 17 }, (_, i) => `c${i}`);
    for (const conversation of ids) desk.inbox.deliver(delivery(entries(1, 1), { conversation }));
    expect(ids.map((id) => read(1, id))).toEqual([...Array.from({ length: 16 }, () => 0), 1]);
    desk.host.clock.advance(1_000);
    expect(desk.host.kept.get(laptop.socket)?.told).toEqual(ids.slice(0, 16));
  });

  test('P7 leaves no row of a conversation that is not known here, or that ended', () => {
    desk.inbox.deliver(delivery(entries(4, 4), { ended: true }));
    desk.inbox.closed(laptop.socket);
    expect(read(4)).toBe(0);
    expect(read(1, 'strange')).toBe(0);
    expect(desk.inbox.notes.row('strange')).toBeUndefined();
    expect(desk.inbox.notes.row('c')?.ended?.seq).toBe(4);
  });
});

describe('a device that comes back', () => {
  const answer = (read: number): PullAnswer => ({
    ok: true,
    kind: 'direct',
    entries: [],
    head: 3,
    receipts: [],
    own: { delivered: 3, read },
  });
  /** The laptop has 3 entries and goes; the phone reads up to `read`; the laptop comes back. */
  function returning(read: number) {
    const host = new FakeHost();
    const user = new User('me', new CountingSql(), host, DEFAULT_LIMITS, new Map());
    const hello = (socket: number, device: string, more: object): void => {
      user.opened(socket, device);
      user.frame(socket, JSON.stringify({ type: 'hello', ...more }));
    };
    hello(1, 'phone', {});
    hello(2, 'laptop', {});
    user.deliver(delivery(entries(1, 3)));
    const cursor = Math.max(...host.take(2).map((f) => Number(f['cursor'] ?? 0)));
    user.frame(2, '{"type":"received","conversation":"c","seq":3}');
    user.closed(2);
    user.frame(1, JSON.stringify({ type: 'read', conversation: 'c', seq: read }));
    host.calls.length = 0;
    hello(3, 'laptop', { cursor, heads: { c: 3 } });
    return host;
  }
  const seen = (host: FakeHost) => host.take(3).map((f) => [f['type'], f['read']]);

  test('P6 is told the marks that the conversation has, also without new entries', () => {
    const host = returning(2);
    host.next('pull').done(answer(3));
    expect(seen(host)).toEqual([
      ['welcome', undefined],
      ['receipt', 3],
      ['synced', undefined],
    ]);
  });

  test('P6 is told the mark that was not reported yet, and never one above the log', () => {
    const host = returning(2);
    host.next('pull').done(answer(1));
    expect(seen(host)[1]).toEqual(['receipt', 2]);
    const beyond = returning(900);
    beyond.next('pull').done(answer(1));
    expect(seen(beyond)[1]).toEqual(['receipt', 3]);
  });
});

test('P6 a mark told on a dead line and forgotten in a crash is told by the conversation, or once the reader says it again', () => {
  const [host, sql] = [new FakeHost(), new CountingSql()];
  const start = (): User => new User('me', sql, host, DEFAULT_LIMITS, new Map());
  let user = start();
  const hello = (socket: number, device: string, more: object = {}): void => {
    user.opened(socket, device);
    user.frame(socket, JSON.stringify({ type: 'hello', ...more }));
  };
  const read = (socket: number): void => user.frame(socket, '{"type":"read","conversation":"c","seq":3}');
  hello(1, 'phone');
  hello(2, 'laptop');
  user.deliver(delivery(entries(1, 3)));
  const had = Math.max(...host.take(2).map((f) => Number(f['cursor'] ?? 0)));
  user.frame(2, '{"type":"received","conversation":"c","seq":3}');
  read(1);
  // It went out, and no further.
  expect(host.take(2)).toMatchObject([{ type: 'receipt', read: 3 }]);

  user = start();
  host.calls.length = 0;
  hello(3, 'laptop', { cursor: had, heads: { c: 3 } });
  // Nothing was noted for what needs no confirmation, but after a crash what was used last is asked. It wasn't reported.
  const pulled = host.next('pull');
  const own = { delivered: 3, read: 0 };
  pulled.done({ ok: true, kind: 'direct', entries: [], head: 3, receipts: [], own });
  expect(host.take(3).map((f) => f['type'])).toEqual(['welcome', 'synced']);

  hello(4, 'phone', { heads: { c: 3 } });
  read(4);
  expect(host.take(3)).toMatchObject([{ type: 'receipt', user: 'me', read: 3 }]);
});
