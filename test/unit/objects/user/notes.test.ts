import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Notes } from '../../../../objects/user/notes.ts';
import { UserStore } from '../../../../objects/user/store.ts';
import { CountingSql } from './support.ts';

const start = (sql: CountingSql, given: readonly number[] = [], crashed = true): Notes =>
  new Notes(new UserStore(sql), () => 0, given, crashed, 0);

test('P4 no cursor is given out twice, whatever restarts in between', () => {
  // How many are given out before each restart, and whether a socket outlives it with the last one.
  const lives = fc.array(fc.record({ given: fc.nat(2_500), socket: fc.boolean(), note: fc.boolean() }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lives, (all) => {
      const sql = new CountingSql();
      let notes = start(sql);
      let last = 0;
      for (const { given, socket, note } of all) {
        for (let i = 0; i < given; i++) {
          const next = notes.next();
          if (next <= last) expect.unreachable(`${next} after ${last}`);
          last = next;
        }
        if (note) {
          notes.note('c', 'direct');
          expect(notes.row('c')?.note).toBeGreaterThan(last);
          last = notes.cursor;
        }
        notes = socket ? start(sql, [last], false) : start(sql);
        expect(notes.cursor).toBeGreaterThanOrEqual(last);
        expect(notes.floor).toBe(notes.cursor);
      }
    }),
    { numRuns: 50 },
  );
});

test('ten thousand cursors cost one row', () => {
  const sql = new CountingSql();
  const notes = start(sql);
  notes.next();
  const before = sql.writes;
  for (let i = 0; i < 10_000; i++) notes.next();
  expect(sql.writes).toBe(before);
  notes.next();
  expect(sql.writes).toBe(before + 1);
});

test('P4 a detached conversation stays so until an attach that is newer, also after a restart', () => {
  const sql = new CountingSql();
  const notes = start(sql);
  notes.note('c', 'group', true);
  const row = notes.row('c');
  if (!row) throw new Error('no note');
  notes.attachedUpTo(row.detached - 1);
  expect(notes.isDetached(row)).toBe(true);
  expect(start(sql).isDetached(row)).toBe(true);
  notes.attachedUpTo(row.detached);
  notes.attachedUpTo(0);
  expect(notes.isDetached(row)).toBe(false);
  // Stored with the record of the device whose resume it was.
  expect(start(sql).isDetached(row)).toBe(true);
  const stored = new Notes(new UserStore(sql), () => 0, [], true, notes.attached);
  expect(stored.isDetached(row)).toBe(false);
});

test('a note keeps the kind and the beginning of its conversation', () => {
  const sql = new CountingSql();
  const notes = start(sql);
  notes.begin('c', 'group', 7);
  notes.note('c', 'direct');
  expect(start(sql).row('c')).toMatchObject({ kind: 'group', began: 7, ended: undefined });
});

test('reading of a user who has nothing writes nothing', () => {
  const sql = new CountingSql();
  const notes = start(sql);
  expect([notes.all(), notes.row('c'), notes.cursor, sql.writes]).toEqual([[], undefined, 0, 0]);
  expect(sql.all('SELECT name FROM sqlite_master')).toEqual([]);
});
