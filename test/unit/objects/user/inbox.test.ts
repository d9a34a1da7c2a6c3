import { beforeEach, describe, expect, test } from 'vitest';
import { CONFIRM_MS, LEASE_MS } from '../../../../objects/user/inbox.ts';
import { Desk, delivery, entries, entry } from './support.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});
const deliver = (from: number, to = from, more = {}) => desk.inbox.deliver(delivery(entries(from, to), more));
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
      // The first cursor reserves a thousand.
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
    // The first live frame reserves cursors: one row for a thousand.
    for (const seq of [1, 2]) deliver(seq);
    const written = desk.writes(() => {
      for (let seq = 3; seq <= 400; seq++) {
        expect(deliver(seq)).toMatchObject({ attached: true });
        for (const c of [phone, laptop]) desk.inbox.confirm(c, 'c', seq);
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
    desk.host.clock.advance(CONFIRM_MS + 1_000);
    expect(desk.note).toBeGreaterThan(0);
    expect(desk.inbox.settled('c')).toBe(2);
  });

  test('P4 a confirmation counts up to what it names', () => {
    const phone = desk.connect('phone');
    deliver(1, 3);
    desk.inbox.confirm(phone, 'c', 2);
    expect(desk.inbox.settled('c')).toBe(2);
    desk.inbox.confirm(phone, 'c', 3);
    expect(desk.inbox.settled('c')).toBe(3);
  });
});

describe('a note', () => {
  test('P4 is due for the first change after a device went, and for no other', () => {
    const [phone, laptop] = [desk.connect('phone'), desk.connect('laptop')];
    deliver(1);
    for (const c of [phone, laptop]) desk.inbox.confirm(c, 'c', 1);
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
    desk.inbox.confirm(laptop, 'c', 1);
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
    desk.inbox.confirm(laptop, 'c', 1);
    expect(desk.inbox.remove('phone')).toEqual([phone.socket]);
    deliver(2);
    expect(desk.note).toBe(0);
    desk.restart();
    expect([desk.inbox.isRemoved('phone'), desk.inbox.knows('phone')]).toEqual([true, false]);
  });
});

test('P9 a device that is silent beyond its lease is closed, and what it missed noted', () => {
  const phone = desk.connect('phone');
  desk.host.clock.advance(LEASE_MS);
  deliver(1);
  desk.host.clock.advance(CONFIRM_MS + 1_000);
  expect(desk.host.closedSockets).toEqual([{ socket: phone.socket, code: 1001 }]);
  expect(desk.note).toBeGreaterThan(0);
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
