import { describe, expect, test } from 'vitest';
import type { Sql, SqlValue } from '../../objects/shared/sql.ts';

/** Runs `body` on a storage that nothing was written to yet. */
export type OpenSql = (body: (sql: Sql) => void) => void | Promise<void>;

const count = (sql: Sql): number => Number(sql.all('SELECT COUNT(*) AS n FROM t')[0]?.n);

/** What every implementation of `Sql` does alike. */
export function sqlContract(name: string, open: OpenSql): void {
  /** On a storage with a table. */
  const withTable = (body: (sql: Sql) => void) => () =>
    open((sql) => {
      sql.run('CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, number INTEGER)');
      body(sql);
    });
  const put = (sql: Sql, id: number, text: SqlValue = null, number: SqlValue = null): void =>
    sql.run('INSERT INTO t (id, text, number) VALUES (?, ?, ?)', id, text, number);

  describe(`Sql on ${name}: transactions`, () => {
    test(
      'P1 all of a transaction is kept, and its result handed back',
      withTable((sql) => {
        const result = sql.transaction(() => {
          put(sql, 1);
          put(sql, 2);
          return count(sql);
        });
        expect(result).toBe(2);
        expect(count(sql)).toBe(2);
      }),
    );

    test(
      'P1 an exception takes everything back and goes on up as it is',
      withTable((sql) => {
        put(sql, 1, 'before');
        const error = new Error('in the middle');
        expect(() =>
          sql.transaction(() => {
            put(sql, 2);
            sql.run('UPDATE t SET text = ? WHERE id = 1', 'changed');
            sql.run('CREATE TABLE made (id INTEGER)');
            throw error;
          }),
        ).toThrow(error);
        expect(sql.all('SELECT id, text FROM t')).toEqual([{ id: 1, text: 'before' }]);
        expect(sql.all("SELECT 1 FROM sqlite_master WHERE name = 'made'")).toEqual([]);
      }),
    );

    test(
      'P1 a failing statement takes back what came before it, and the next transaction works',
      withTable((sql) => {
        expect(() =>
          sql.transaction(() => {
            put(sql, 1);
            put(sql, 1);
          }),
        ).toThrow();
        expect(count(sql)).toBe(0);
        sql.transaction(() => put(sql, 1));
        expect(count(sql)).toBe(1);
      }),
    );

    test(
      'an inner one that fails takes back only itself',
      withTable((sql) => {
        sql.transaction(() => {
          put(sql, 1);
          expect(() =>
            sql.transaction(() => {
              put(sql, 2);
              sql.transaction(() => put(sql, 3));
              throw new Error('inner');
            }),
          ).toThrow('inner');
          sql.transaction(() => put(sql, 4));
        });
        expect(sql.all('SELECT id FROM t ORDER BY id').map((row) => row.id)).toEqual([1, 4]);
      }),
    );

    test(
      'an outer one that fails takes back inner ones that were done',
      withTable((sql) => {
        expect(() =>
          sql.transaction(() => {
            sql.transaction(() => put(sql, 1));
            throw new Error('outer');
          }),
        ).toThrow('outer');
        expect(count(sql)).toBe(0);
      }),
    );
  });

  describe(`Sql on ${name}: values`, () => {
    const texts = [
      '',
      'plain',
      'Grüße, 你好, مرحبا, 👩‍👩‍👧',
      'it\'s; -- "quoted" ? ?1',
      JSON.stringify({ text: 'a\u0000b\n\u2028' }),
      'x'.repeat(100_000),
    ];
    test(
      'text comes back as it went in, NUL inside JSON too',
      withTable((sql) => {
        texts.forEach((text, id) => {
          put(sql, id, text);
        });
        expect(sql.all('SELECT text FROM t ORDER BY id').map((row) => row.text)).toEqual(texts);
      }),
    );

    test(
      'whole numbers up to 2^53 - 1 either way, and null',
      withTable((sql) => {
        const numbers = [0, -1, 2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, null];
        numbers.forEach((number, id) => {
          put(sql, id, null, number);
        });
        expect(sql.all('SELECT number FROM t ORDER BY id').map((row) => row.number)).toEqual(numbers);
        const most = sql.all('SELECT id FROM t WHERE number = ?', Number.MAX_SAFE_INTEGER);
        expect(most).toEqual([{ id: 4 }]);
      }),
    );

    test(
      'no rows are an empty list, and a statement runs again with other values',
      withTable((sql) => {
        expect(sql.all('SELECT id FROM t WHERE id = ?', 1)).toEqual([]);
        put(sql, 1, 'one');
        put(sql, 2, 'two');
        expect([1, 2].map((id) => sql.all('SELECT text FROM t WHERE id = ?', id)[0]?.text)).toEqual([
          'one',
          'two',
        ]);
      }),
    );
  });

  test(
    `Sql on ${name}: P3 a unique index tells a repeat from a first by what RETURNING returns`,
    withTable((sql) => {
      sql.run('CREATE UNIQUE INDEX once ON t (number, text) WHERE text IS NOT NULL');
      const insert = (id: number, number: number, text: string | null): SqlValue[] =>
        sql
          .all(
            'INSERT INTO t (id, number, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id',
            id,
            number,
            text,
          )
          .map((row) => row.id as SqlValue);
      expect(insert(1, 7, 'a')).toEqual([1]);
      expect(insert(2, 7, 'a')).toEqual([]);
      expect(insert(2, 8, 'a')).toEqual([2]);
      // Rows without a name are outside the index.
      expect([insert(3, 7, null), insert(4, 7, null)]).toEqual([[3], [4]]);
      expect(count(sql)).toBe(4);
    }),
  );
}
