import { beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../../../objects/shared/migrate.ts';
import { MIGRATIONS } from '../../../../objects/user/migrations.ts';
import { UserStore } from '../../../../objects/user/store.ts';
import { NodeSql } from '../../../support/node-sql.ts';
import { Desk, delivery, entries, NOW } from './support.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.inbox.deliver(delivery(entries(1, 1)));
});
const told = (socket: number): unknown[] => desk.host.take(socket).map((f) => [f['type'], f['prefs']]);

describe('a change', () => {
  test('sets what it names, takes back with false and null, and leaves the rest', () => {
    expect(desk.prefs.set('c', { pinned: true, mutedUntil: 5 })).toEqual({ pinned: NOW, mutedUntil: 5 });
    expect(desk.prefs.set('c', { archived: true, unread: true, mutedUntil: null })).toEqual({
      pinned: NOW,
      archived: true,
      unread: true,
    });
    expect(desk.prefs.set('c', { pinned: false, archived: false, unread: false })).toEqual({});
    expect(desk.prefs.of('other')).toEqual({});
  });

  test('costs one row, and none when it changes nothing: what is pinned keeps its time', () => {
    desk.inbox.notes.next();
    expect(desk.writes(() => desk.prefs.set('c', { pinned: true, unread: true }))).toBe(1);
    desk.host.clock.advance(1_000);
    expect(desk.writes(() => desk.prefs.set('c', { pinned: true, archived: false }))).toBe(0);
    expect(desk.writes(() => desk.prefs.set('c', {}))).toBe(0);
    expect(desk.prefs.of('c')).toEqual({ pinned: NOW, unread: true });
  });

  test('P4 is told to every connection with a later cursor than the row has', () => {
    const [phone, tab] = [desk.connect('phone'), desk.connect('phone')];
    desk.prefs.set('c', { archived: true });
    for (const { socket } of [phone, tab]) {
      const [frame] = desk.host.take(socket);
      expect(frame).toMatchObject({ type: 'prefs', conversation: 'c', prefs: { archived: true } });
      desk.restart([phone, tab]);
      desk.prefs.resume(phone, Number(frame?.['cursor']));
      expect(told(phone.socket)).toEqual([]);
    }
  });

  test('P4 outlives the memory, in a summary too', () => {
    desk.prefs.set('c', { pinned: true, mutedUntil: 7, archived: true, unread: true });
    desk.restart();
    const all = { pinned: NOW, mutedUntil: 7, archived: true, unread: true };
    expect(desk.prefs.of('c')).toEqual(all);
    expect(JSON.parse(desk.prefs.into('{"id":"c"}', 'c'))).toEqual({ id: 'c', prefs: all });
    expect(desk.prefs.into('{"id":"d"}', 'd')).toBe('{"id":"d"}');
  });
});

test('P4 no later cursor is below that of a change, whatever restarts in between', () => {
  desk.connect('phone');
  desk.prefs.set('c', { pinned: true });
  const { cursor } = desk.inbox.notes;
  desk.restart();
  expect(desk.inbox.notes.cursor).toBeGreaterThanOrEqual(cursor - 1);
  desk.prefs.set('c', { pinned: false });
  expect(desk.inbox.notes.cursor).toBeGreaterThan(cursor);
});

describe('a device that comes back', () => {
  test('P4 is told what changed above its cursor, also that nothing is set any more', () => {
    desk.prefs.set('c', { pinned: true });
    desk.prefs.set('d', { archived: true });
    const since = desk.inbox.notes.cursor;
    desk.prefs.set('c', { pinned: false });
    const phone = desk.connect('phone');
    desk.prefs.resume(phone, since);
    expect(told(phone.socket)).toEqual([['prefs', {}]]);
    desk.prefs.resume(phone, -1);
    expect(told(phone.socket)).toEqual([
      ['prefs', {}],
      ['prefs', { archived: true }],
    ]);
  });
});

describe('marked as unread', () => {
  test('is cleared by reading, with one row and one frame; reading again costs nothing', () => {
    desk.prefs.set('c', { unread: true, pinned: true });
    const phone = desk.connect('phone');
    expect(desk.writes(() => desk.prefs.read('c'))).toBe(1);
    expect(told(phone.socket)).toEqual([['prefs', { pinned: NOW }]]);
    expect(desk.writes(() => desk.prefs.read('c'))).toBe(0);
    expect(desk.writes(() => desk.prefs.read('never set'))).toBe(0);
    expect(told(phone.socket)).toEqual([]);
  });
});

test('P7 the end of a membership forgets them, and tells who still holds them', () => {
  desk.prefs.set('c', { pinned: true, unread: true });
  const since = desk.inbox.notes.cursor;
  desk.prefs.forget('c');
  expect(desk.prefs.of('c')).toEqual({});
  desk.restart();
  const phone = desk.connect('phone');
  desk.prefs.resume(phone, since);
  expect(told(phone.socket)).toEqual([['prefs', {}]]);
  expect(desk.writes(() => desk.prefs.forget('c'))).toBe(0);
});

test('storage of before there were preferences gets their table and keeps its rows', () => {
  const sql = new NodeSql();
  migrate(sql, MIGRATIONS.slice(0, 1));
  sql.run("INSERT INTO conversation (id, kind, note, detached, at) VALUES ('c', 'group', 42, 0, 7)");
  const store = new UserStore(sql);
  expect([store.note('c')?.note, store.prefs(), store.maxCursor()]).toEqual([42, [], 42]);
  store.putPrefs({ conversation: 'c', prefs: { archived: true }, cursor: 50 });
  expect(new UserStore(sql).prefs()).toEqual([{ conversation: 'c', prefs: { archived: true }, cursor: 50 }]);
  expect(store.maxCursor()).toBe(50);
  sql.close();
});
