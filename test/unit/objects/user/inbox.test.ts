import { serialize } from 'node:v8';
import { beforeEach, describe, expect, test } from 'vitest';
import { newConnection, newRates } from '../../../../objects/user/connection.ts';
import { CONNECTIONS, HELLO_MS, LEASE_MS } from '../../../../objects/user/connections.ts';
import { REMOVED_KEPT } from '../../../../objects/user/inbox.ts';
import { CONFIRM_MS, KEPT_PENDING } from '../../../../objects/user/pushes.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { Desk, delivery, entries, entry, NOW } from './support.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
const deliver = (from: number, to = from, more = {}) => desk.inbox.deliver(delivery(entries(from, to), more));
/** As the conversation's alarm does: nothing to bring, a head, and what is known here? */
const ask = (head: number) => desk.inbox.deliver(delivery([], { head }));
const seqs = (socket: number): unknown[] =>
  desk.host
    .take(socket)
    .flatMap((f) => (f['entries'] as { seq: number }[] | undefined)?.map((e) => e.seq) ?? f['seq']);

describe('a conversation without a word', () => {
  const batch = { type: 'batch', conversation: 'c', entries: [], head: 0 };

  test('P4 that the user made is announced once to every connection, by whichever comes first', () => {
    for (const [first, second] of [
      [() => desk.inbox.created('c', 'direct', 0), () => deliver(1, 0)],
      [() => deliver(1, 0), () => desk.inbox.created('c', 'direct', 0)],
    ] as const) {
      desk = new Desk();
      const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
      first();
      second();
      for (const c of [phone, laptop]) expect(desk.host.take(c.socket)).toEqual([batch]);
    }
  });

  test('P4 is noted above what any device has, though all are connected: nobody confirms it', () => {
    for (const begin of [() => desk.inbox.created('c', 'direct', 0), () => void deliver(1, 0)]) {
      desk = new Desk();
      desk.connect('phone');
      // The first cursor reserves ten thousand.
      const cursor = desk.inbox.notes.next();
      const written = desk.writes(begin);
      expect(desk.note).toBeGreaterThan(cursor);
      expect(written).toBe(1);
      // A device that is away is served by the same note.
      desk.restart();
      expect(desk.note).toBeGreaterThan(cursor);
    }
  });
});

describe('between connected people', () => {
  test('P4 nothing is written, whatever is said', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    // The first live frame reserves cursors: one row for ten thousand.
    for (const seq of [1, 2]) deliver(seq);
    const written = desk.writes(() => {
      for (let seq = 3; seq <= 400; seq++) {
        expect(deliver(seq)).toMatchObject({ attached: true });
        for (const c of [phone, laptop]) desk.inbox.pushes.confirm(c, 'c', seq);
      }
    });
    expect(written).toBe(0);
    expect(desk.inbox.settled('c')).toBe(400);
  });

  test('P4 each device gets each entry once, however often it is delivered', () => {
    const phone = desk.connect('phone');
    for (const [from, to] of [
      [1, 2],
      [1, 3],
      [2, 2],
      [3, 4],
    ] as const)
      deliver(from, to);
    expect(seqs(phone.socket)).toEqual([1, 2, 3, 4]);
  });

  test('P4 what is unconfirmed is settled when it is noted', () => {
    desk.connect('phone');
    expect(deliver(1, 2).settled).toBe(0);
    expect(desk.note).toBe(0);
    // The conversation asks, too soon and then in time.
    desk.host.clock.advance(CONFIRM_MS - 1);
    expect([ask(2).settled, desk.note]).toEqual([0, 0]);
    desk.host.clock.advance(1);
    expect(ask(2)).toMatchObject({ attached: true, settled: 2, handed: 2 });
    expect(desk.note).toBeGreaterThan(0);
    expect(desk.writes(() => ask(2))).toBe(0);
  });

  test('P4 no timer runs on for what is unconfirmed: the attachment remembers it', () => {
    desk.connect('phone');
    deliver(1, 2);
    desk.host.clock.advance(60_000);
    expect(desk.host.clock.waiting).toBe(0);
    expect(desk.host.kept.get(1)).toMatchObject({ pending: [['c', 1, 2, 2]], heads: [['c', 2]] });
  });

  test('P4 a confirmation counts up to what it names', () => {
    const phone = desk.connect('phone');
    deliver(1, 3);
    desk.inbox.pushes.confirm(phone, 'c', 2);
    expect(desk.inbox.settled('c')).toBe(2);
    desk.inbox.pushes.confirm(phone, 'c', 3);
    expect(desk.inbox.settled('c')).toBe(3);
  });
});

describe('a note', () => {
  test('P4 is due for the first change after a device went, and for no other', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    deliver(1);
    for (const c of [phone, laptop]) desk.inbox.pushes.confirm(c, 'c', 1);
    desk.inbox.closed(phone.socket);
    expect(desk.note).toBe(0);
    const went = desk.inbox.notes.cursor;
    deliver(2);
    const { note } = desk;
    expect(note).toBeGreaterThan(went);
    expect(
      desk.writes(() => {
        for (let seq = 3; seq < 100; seq++) deliver(seq);
      }),
    ).toBe(0);
    expect(desk.note).toBe(note);
  });

  test('P4 is made when everyone is away: one row, and the answer says so', () => {
    desk.connect('phone');
    desk.inbox.closed(1);
    expect(deliver(1)).toMatchObject({ attached: false, settled: 1 });
    const row = desk.inbox.notes.row('c');
    expect(row && desk.inbox.notes.isDetached(row)).toBe(true);
    expect(desk.writes(() => deliver(2, 50))).toBe(0);
  });

  test('P4 is made for what a leaving device had not confirmed, though another had', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    deliver(1);
    desk.inbox.pushes.confirm(laptop, 'c', 1);
    expect(desk.note).toBe(0);
    desk.inbox.closed(phone.socket);
    expect(desk.note).toBeGreaterThan(phone.base);
  });

  test('P4 is due again for a device without a record: the object crashed', () => {
    desk.connect('phone');
    deliver(1);
    // The phone may have any cursor given out before the crash: a note below them all would not reach it.
    desk.restart();
    const { floor } = desk.inbox.notes;
    deliver(2);
    expect(desk.note).toBeGreaterThan(floor);
    expect(desk.writes(() => deliver(3))).toBe(0);
  });

  test('P4 a socket that outlived the restart has no cursor above what it kept', () => {
    const phone = desk.connect('phone');
    deliver(1, 200);
    const most = Math.max(...desk.host.take(phone.socket).map((f) => Number(f['cursor'] ?? 0)));
    const [again] = desk.restart([phone]);
    expect(again?.ceiling).toBeGreaterThanOrEqual(most);
    expect(desk.inbox.notes.next()).toBeGreaterThan(most);
  });

  test('P7 none is made for a device that was removed', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    deliver(1);
    desk.inbox.pushes.confirm(laptop, 'c', 1);
    expect(desk.inbox.remove('phone')).toEqual([phone.socket]);
    deliver(2);
    expect(desk.note).toBe(0);
    desk.restart();
    expect([desk.inbox.isRemoved('phone'), desk.inbox.knows('phone')]).toEqual([true, false]);
  });
});

test('P8 devices that were removed are remembered for a while, however many there were', () => {
  for (let i = 0; i < REMOVED_KEPT + 20; i++) {
    desk.connect(`d${i}`);
    desk.inbox.notes.next();
    desk.inbox.remove(`d${i}`);
  }
  desk.restart();
  expect(desk.sql.all('SELECT COUNT(*) AS n FROM device')[0]?.n).toBe(REMOVED_KEPT);
  expect([desk.inbox.isRemoved('d19'), desk.inbox.isRemoved('d20')]).toEqual([false, true]);
});

test('P9 a device that is silent beyond its lease is closed, and what it missed noted', () => {
  const phone = desk.connect('phone');
  desk.host.clock.advance(LEASE_MS);
  expect(deliver(1)).toMatchObject({ attached: true });
  desk.host.clock.advance(1);
  expect(ask(1)).toMatchObject({ attached: false, settled: 1 });
  expect(desk.host.closedSockets).toEqual([{ socket: phone.socket, code: 1001 }]);
  expect(desk.note).toBeGreaterThan(0);
});

test('P9 a device that is silent gets no entries, and holds nobody up', () => {
  const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
  desk.host.clock.advance(LEASE_MS + 1);
  laptop.seen = desk.host.now();
  expect(deliver(1)).toMatchObject({ attached: true });
  expect([seqs(phone.socket), seqs(laptop.socket)]).toEqual([[], [1]]);
  expect(desk.note).toBeGreaterThan(0);
  desk.inbox.pushes.confirm(laptop, 'c', 1);
  expect(ask(1).settled).toBe(1);
});

test('a ping is a sign of life, one from before the clock stepped back is one of now', () => {
  const phone = desk.connect('phone');
  desk.host.clock.advance(LEASE_MS + 1);
  desk.host.lastPing = () => desk.host.now() - LEASE_MS;
  expect(deliver(1)).toMatchObject({ attached: true });
  desk.host.lastPing = () => 0;
  phone.seen = desk.host.now() + 3_600_000;
  expect(deliver(2)).toMatchObject({ attached: true });
  desk.host.clock.advance(LEASE_MS + 1);
  expect(deliver(3)).toMatchObject({ attached: false });
});

describe('a connection that says nothing', () => {
  const open = (device: string) => {
    const kept = { device, synced: false, ceiling: 0 };
    const c = newConnection(100 + opened++, kept, newRates(DEFAULT_LIMITS, NOW), desk.host.now());
    desk.inbox.lines.makeRoom();
    desk.inbox.open(c);
    return c;
  };
  let opened = 0;

  test('P8 is closed when it said no hello for 30 s', () => {
    const c = open('phone');
    desk.host.clock.advance(HELLO_MS - 1);
    expect(desk.host.closedSockets).toEqual([]);
    desk.host.clock.advance(1);
    expect(desk.host.closedSockets).toEqual([{ socket: c.socket, code: 1001 }]);
    expect(desk.inbox.connection(c.socket)).toBeUndefined();
    const said = open('phone');
    desk.inbox.ready(said, 0);
    desk.host.clock.advance(HELLO_MS);
    expect(desk.host.closedSockets.length).toBe(1);
  });

  test('P8 is the first to go where there are as many as may be', () => {
    const first = open('phone');
    desk.host.clock.advance(1);
    for (let i = 1; i < CONNECTIONS; i++) open('phone');
    expect(desk.host.closedSockets).toEqual([]);
    open('laptop');
    expect(desk.host.closedSockets).toEqual([{ socket: first.socket, code: 1013 }]);
    expect([...desk.inbox.connections].length).toBe(CONNECTIONS);
  });
});

describe('after hibernation', () => {
  test('P4 it is known what every device was handed: nothing is pushed twice, and an ask is answered', () => {
    const phone = desk.connect('phone');
    deliver(1, 3);
    desk.inbox.pushes.confirm(phone, 'c', 3);
    desk.restart([phone]);
    expect(ask(3)).toMatchObject({ attached: true, settled: 3, handed: 3 });
    desk.host.take(phone.socket);
    deliver(2, 4);
    expect(seqs(phone.socket)).toEqual([4]);
  });

  test('P4 what it was handed is told with the next send, and noted for a device that was away meanwhile', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    desk.inbox.closed(laptop.socket);
    deliver(1, 3);
    desk.inbox.pushes.confirm(phone, 'c', 3);
    const noted = desk.note;
    desk.restart([phone]);
    desk.inbox.recall('c');
    expect([desk.inbox.settled('c'), desk.note]).toEqual([3, noted]);
    desk.inbox.recall('strange');
    expect(desk.inbox.settled('strange')).toBe(0);
  });

  test('P4 the first entry is known, though the conversation never heard that it was announced', () => {
    const phone = desk.connect('phone');
    desk.inbox.created('c', 'direct', 0);
    desk.host.take(phone.socket);
    desk.inbox.own('c', 'direct', entry(1), -1, phone);
    desk.inbox.pushes.acked(phone, 'c', 1);
    desk.restart([phone]);
    deliver(1, 2);
    expect(seqs(phone.socket)).toEqual([2]);
  });

  test('P4 what was not confirmed is not settled, and noted when the line goes', () => {
    const phone = desk.connect('phone');
    deliver(1, 3);
    desk.inbox.pushes.confirm(phone, 'c', 1);
    desk.host.clock.advance(1_000);
    const [again] = desk.restart([phone]);
    expect(ask(3)).toMatchObject({ settled: 1, handed: 3 });
    expect(desk.note).toBe(0);
    desk.inbox.closed(again?.socket ?? 0);
    expect(desk.note).toBeGreaterThan(0);
  });

  test('P4 an own send whose acknowledgement was not confirmed is noted when the line goes', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    desk.inbox.own('c', 'direct', entry(1), 0, phone);
    desk.inbox.pushes.acked(phone, 'c', 1);
    desk.inbox.pushes.confirm(laptop, 'c', 1);
    desk.host.clock.advance(1_000);
    const [again] = desk.restart([phone, laptop]);
    desk.inbox.closed(again?.socket ?? 0);
    expect(desk.note).toBeGreaterThan(0);
  });

  test('P4 an older socket of a device stands in for it: it remembers the cursors a newer one was given', () => {
    const older = desk.connect('phone');
    // Changes are noted, and a newer line of the same device is told of them.
    for (let i = 0; i < 200; i++) desk.inbox.notes.next();
    const newer = desk.connect('phone');
    const given = desk.inbox.notes.cursor;
    expect(newer.ceiling).toBe(given);
    desk.inbox.closed(newer.socket);
    desk.restart([older]);
    expect(desk.inbox.notes.next()).toBeGreaterThan(given);
  });

  test('P4 a device whose line was lost while another stayed counts as having every cursor given out', () => {
    const phone = desk.connect('phone');
    for (let i = 0; i < 200; i++) desk.inbox.notes.next();
    desk.connect('laptop');
    const given = desk.inbox.notes.cursor;
    // An exception took the laptop's line with it, and nothing could be recorded.
    desk.restart([phone]);
    expect(desk.inbox.notes.next()).toBeGreaterThan(given);
    deliver(1);
    expect(desk.note).toBeGreaterThan(given);
    const before = desk.inbox.notes.cursor;
    desk.restart([phone]);
    expect(desk.inbox.notes.cursor - before).toBeLessThan(100);
  });

  test('P4 of two devices the one that was handed less decides', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    deliver(1, 2);
    desk.host.clock.advance(1_000);
    const kept = desk.host.kept.get(phone.socket);
    if (!kept) throw new Error('nothing is kept');
    desk.host.kept.set(phone.socket, { ...kept, heads: [] });
    desk.restart([phone, laptop]);
    expect(ask(2)).toEqual({ attached: true, settled: 0, cursor: desk.inbox.notes.cursor });
  });

  test('P4 what has no more place in an attachment is noted', () => {
    desk.connect('phone');
    const ids = Array.from({ length: KEPT_PENDING + 2 }, (_, i) => `c${i}`);
    for (const conversation of ids) desk.inbox.deliver(delivery(entries(1, 1), { conversation }));
    desk.host.clock.advance(1_000);
    const noted = ids.filter((id) => (desk.inbox.notes.row(id)?.note ?? 0) > 0);
    expect(noted).toEqual(ids.slice(0, 2));
    expect(desk.host.kept.get(1)?.pending?.length).toBe(KEPT_PENDING);
  });

  test('the fullest attachment fits into what the platform gives', () => {
    const phone = desk.connect('phone');
    const id = (i: number): string => `g_${String(i).padStart(62, '0')}`;
    const most = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < 200; i++) {
      desk.inbox.deliver(delivery([{ seq: most, json: '"seq":1}' }], { conversation: id(i) }));
      desk.inbox.pushes.acked(phone, id(i), most);
    }
    for (let i = 0; i < 16; i++) phone.told.add(id(1_000 + i));
    desk.host.clock.advance(1_000);
    const kept = { ...desk.host.kept.get(1), user: id(0), socket: most, knows: [] };
    expect(serialize(kept).byteLength).toBeLessThan(16_384);
  });
});

describe('own entries', () => {
  test('P4 go to the other devices, and not again when they are delivered', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    desk.inbox.own('c', 'direct', entry(1), 0, phone);
    deliver(1, 2);
    expect([seqs(phone.socket), seqs(laptop.socket)]).toEqual([[2], [1, 2]]);
  });

  test('P4 that overtake what others wrote before them do not hide it', () => {
    const phone = desk.connect('phone');
    deliver(1);
    desk.inbox.own('c', 'direct', entry(3), 0, undefined);
    deliver(2, 3);
    expect(seqs(phone.socket)).toEqual([1, 3, 2]);
  });
});

describe('a membership that ended', () => {
  test('P7 P4 shows its last entry, is kept for devices that are away, and lets nothing through afterwards', () => {
    const phone = desk.connect('phone');
    deliver(1);
    expect(deliver(2, 2, { ended: true })).toMatchObject({ attached: false, settled: 2 });
    deliver(1, 2);
    desk.inbox.own('c', 'direct', entry(2), 0, undefined);
    expect(seqs(phone.socket)).toEqual([1, 2]);
    desk.restart();
    expect(desk.inbox.notes.row('c')?.ended).toEqual(entry(2));
  });

  test('P7 a late repeat of the end does not end one that began anew', () => {
    desk.connect('phone');
    deliver(1);
    deliver(2, 2, { ended: true });
    deliver(5);
    deliver(2, 2, { ended: true });
    expect(desk.inbox.notes.row('c')?.ended).toBeUndefined();
  });
});
