import { describe, expect, test } from 'vitest';
import { MIGRATIONS as CONVERSATION } from '../../objects/conversation/migrations.ts';
import { exists, type Migration, migrate } from '../../objects/shared/migrate.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import { MIGRATIONS as USER } from '../../objects/user/migrations.ts';
import type { OpenSql } from './sql-contract.ts';

const tables = (sql: Sql): unknown[] =>
  sql
    .all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map((row) => row.name)
    .filter((name) => !String(name).startsWith('_cf_'));

const first: Migration = (sql) => sql.run('CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
const second: Migration = (sql) => sql.run('ALTER TABLE word ADD COLUMN length INTEGER NOT NULL DEFAULT 0');
const third: Migration = (sql) => sql.run('UPDATE word SET length = LENGTH(text)');

/** Everything the runner of migrations does, on any implementation of `Sql`. */
export function migrateContract(name: string, open: OpenSql): void {
  const on = (body: (sql: Sql) => void) => () => open(body);

  describe(`migrations on ${name}`, () => {
    test(
      'each runs once and in order, however often and in how many versions they come',
      on((sql) => {
        const ran: number[] = [];
        const steps = [first, second, third].map(
          (step, i): Migration =>
            (s) => {
              ran.push(i);
              step(s);
            },
        );
        migrate(sql, steps.slice(0, 1));
        migrate(sql, steps.slice(0, 1));
        migrate(sql, steps);
        migrate(sql, steps);
        expect(ran).toEqual([0, 1, 2]);
        expect(sql.all('SELECT version FROM schema_version')).toEqual([{ version: 3 }]);
      }),
    );

    test(
      'one that is interrupted leaves nothing of itself or of those before it, and can be tried again',
      on((sql) => {
        migrate(sql, [first]);
        sql.run('INSERT INTO word (text) VALUES (?)', 'old');
        const breaks: Migration = (s) => {
          third(s);
          throw new Error('interrupted');
        };
        expect(() => migrate(sql, [first, second, breaks])).toThrow('interrupted');
        expect(sql.all('SELECT * FROM word')).toEqual([{ id: 1, text: 'old' }]);
        expect(sql.all('SELECT version FROM schema_version')).toEqual([{ version: 1 }]);
        migrate(sql, [first, second, third]);
        expect(sql.all('SELECT * FROM word')).toEqual([{ id: 1, text: 'old', length: 3 }]);
      }),
    );

    test(
      'a first one that is interrupted leaves a storage that holds nothing',
      on((sql) => {
        const breaks: Migration = () => {
          throw new Error('interrupted');
        };
        expect(() => migrate(sql, [first, breaks])).toThrow('interrupted');
        expect([exists(sql), tables(sql)]).toEqual([false, []]);
        migrate(sql, [first]);
        expect([exists(sql), tables(sql)]).toEqual([true, ['schema_version', 'word']]);
      }),
    );

    test(
      'old rows survive a later one and are carried over',
      on((sql) => {
        migrate(sql, [first]);
        for (const text of ['a', 'bb', 'Grüße']) sql.run('INSERT INTO word (text) VALUES (?)', text);
        migrate(sql, [first, second, third]);
        expect(sql.all('SELECT text, length FROM word ORDER BY id')).toEqual([
          { text: 'a', length: 1 },
          { text: 'bb', length: 2 },
          { text: 'Grüße', length: 5 },
        ]);
      }),
    );

    test(
      'a storage written by newer code is refused and left as it is',
      on((sql) => {
        migrate(sql, [first, second, third]);
        expect(() => migrate(sql, [first])).toThrow('storage has schema 3, this code knows 1');
        expect(sql.all('SELECT version FROM schema_version')).toEqual([{ version: 3 }]);
      }),
    );

    test(
      'asking whether anything exists writes nothing',
      on((sql) => {
        const asked: string[] = [];
        const watched: Sql = {
          all: (query, ...values) => {
            asked.push(query);
            return sql.all(query, ...values);
          },
          run: (query) => expect.unreachable(query),
          transaction: () => expect.unreachable('a transaction'),
        };
        expect(exists(watched)).toBe(false);
        expect(exists(watched)).toBe(false);
        expect(asked.every((query) => query.startsWith('SELECT'))).toBe(true);
        expect(tables(sql)).toEqual([]);
      }),
    );

    test.each([
      ['a conversation', CONVERSATION, ['conversation', 'entry', 'member', 'progress', 'schema_version']],
      ['a user', USER, ['block', 'conversation', 'device', 'schema_version', 'user']],
    ])('the tables of %s are made, and made only once', (_, steps, names) =>
      open((sql) => {
        migrate(sql, steps);
        migrate(sql, steps);
        expect(tables(sql)).toEqual(expect.arrayContaining(names));
        expect(sql.all('SELECT version FROM schema_version')).toEqual([{ version: steps.length }]);
      }),
    );
  });
}
