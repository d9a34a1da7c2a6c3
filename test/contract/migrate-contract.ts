import { describe, expect, test } from 'vitest';
import { MIGRATIONS as CONVERSATION } from '../../objects/conversation/migrations.ts';
import { exists, type Migration, migrate, type Step } from '../../objects/shared/migrate.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import { MIGRATIONS as USER } from '../../objects/user/migrations.ts';
import type { OpenSql } from './sql-contract.ts';

const tables = (sql: Sql): unknown[] =>
  sql
    .all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map((row) => row.name)
    .filter((name) => !String(name).startsWith('_cf_'));

const first: Step = (sql) => sql.run('CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
const second: Step = (sql) => sql.run('ALTER TABLE word ADD COLUMN length INTEGER NOT NULL DEFAULT 0');
const third: Step = (sql) => sql.run('UPDATE word SET length = LENGTH(text)');

/** `third` as release 0.3.0 brings it, and a step that release 0.4.0 brings. */
const added: Migration = { run: third, additiveIn: '0.3.0' };
const addedNext: Migration = {
  run: (sql) => sql.run('CREATE TABLE extra (id INTEGER)'),
  additiveIn: '0.4.0',
};
const releases = {
  '0.2.0': [first, second],
  '0.3.0': [first, second, added],
  '0.4.0': [first, second, added, addedNext],
} satisfies Record<string, Migration[]>;
const openAs = (sql: Sql, release: keyof typeof releases): void => migrate(sql, releases[release], release);

/** What release 0.1.0 does with a storage, word for word. */
function openAsFirstRelease(sql: Sql, migrations: readonly Step[]): void {
  sql.run('CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
  const version = Number(sql.all('SELECT version FROM schema_version WHERE id = 0')[0]?.version ?? 0);
  if (version > migrations.length)
    throw new Error(`storage has schema ${version}, this code knows ${migrations.length}`);
  if (version === migrations.length) return;
  for (const step of migrations.slice(version)) step(sql);
  sql.run('INSERT OR REPLACE INTO schema_version (id, version) VALUES (0, ?)', migrations.length);
}

const rows = (sql: Sql): unknown[] => sql.all('SELECT * FROM schema_version ORDER BY id');
const put = (sql: Sql, text: string): void => sql.run('INSERT INTO word (text) VALUES (?)', text);

/** Everything the runner of migrations does, on any implementation of `Sql`. */
export function migrateContract(name: string, open: OpenSql): void {
  const on = (body: (sql: Sql) => void) => () => open(body);

  describe(`migrations on ${name}`, () => {
    test(
      'each runs once and in order, however often and in how many versions they come',
      on((sql) => {
        const ran: number[] = [];
        const steps = [first, second, third].map(
          (step, i): Step =>
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
        const breaks: Step = (s) => {
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
        const breaks: Step = () => {
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
      'going back one release works, and coming again runs no step twice',
      on((sql) => {
        openAs(sql, '0.3.0');
        put(sql, 'new');
        for (const release of ['0.2.0', '0.3.0', '0.2.0', '0.3.0'] as const) {
          openAs(sql, release);
          put(sql, 'old');
          expect(rows(sql)).toEqual([
            { id: 0, version: 2 },
            { id: 1, version: 3 },
          ]);
        }
        // The step was not run again over what the older code wrote.
        expect(sql.all('SELECT DISTINCT length FROM word')).toEqual([{ length: 0 }]);
      }),
    );

    test(
      'going back two releases is refused as soon as the newest has opened the storage',
      on((sql) => {
        openAs(sql, '0.3.0');
        openAs(sql, '0.4.0');
        expect(() => openAs(sql, '0.2.0')).toThrow('storage has schema 3, this code knows 2');
        openAs(sql, '0.3.0');
        openAs(sql, '0.4.0');
        expect(rows(sql)).toEqual([
          { id: 0, version: 3 },
          { id: 1, version: 4 },
        ]);
      }),
    );

    test(
      'a release without a step of its own ends the way back to before the last one that had',
      on((sql) => {
        openAs(sql, '0.3.0');
        migrate(sql, releases['0.3.0'], '0.3.1');
        openAs(sql, '0.3.0');
        expect(() => openAs(sql, '0.2.0')).toThrow('storage has schema 3');
      }),
    );

    test(
      'a step that is not additive is refused by the release before it',
      on((sql) => {
        migrate(sql, [first, second, third], '0.3.0');
        expect(rows(sql)).toEqual([{ id: 0, version: 3 }]);
        expect(() => openAs(sql, '0.2.0')).toThrow('storage has schema 3, this code knows 2');
      }),
    );

    test(
      'the first release, which knows one row only, opens what the next wrote, and the other way round',
      on((sql) => {
        openAsFirstRelease(sql, [first, second]);
        put(sql, 'oldest');
        openAs(sql, '0.2.0');
        expect(rows(sql), 'nothing was written').toEqual([{ id: 0, version: 2 }]);
        openAs(sql, '0.3.0');
        openAsFirstRelease(sql, [first, second]);
        put(sql, 'old');
        openAs(sql, '0.3.0');
        expect(sql.all('SELECT text, length FROM word ORDER BY id')).toEqual([
          { text: 'oldest', length: 6 },
          { text: 'old', length: 0 },
        ]);
        openAs(sql, '0.4.0');
        expect(() => openAsFirstRelease(sql, [first, second])).toThrow('storage has schema 3');
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
        const versions = sql.all('SELECT MAX(version) AS version FROM schema_version');
        expect(versions).toEqual([{ version: steps.length }]);
      }),
    );
  });
}
