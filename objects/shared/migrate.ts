import { VERSION } from '../../schema/protocol/release.ts';
import type { Sql } from './sql.ts';

export type Step = (sql: Sql) => void;

/**
 * A numbered, append-only step of an object's schema: its place in the list is its number. With `additiveIn` the release
 * before the named one can work on the tables it leaves: see docs/design/versions.md for what that asks of it. To code
 * of any later release it is a step like others.
 */
export type Migration = Step | { readonly run: Step; readonly additiveIn: string };

/** Row 0 of `schema_version`, all that code before 0.2.0 looks at: steps that code must know to open this storage. */
const NEEDED = 0;
/** Row 1: steps that ran. Absent where those are as many as are needed: always, of code before 0.2.0. */
const DONE = 1;

/**
 * Brings an object's tables to the newest version. Reads two rows when nothing is to be done.
 * An object that was never created has no tables; `migrate` is called when it gets its first row, not before, so that
 * asking for a conversation that doesn't exist writes nothing.
 * @param version the release that this code is
 * @throws Error where the storage needs newer code than this; nothing is changed then
 */
export function migrate(sql: Sql, migrations: readonly Migration[], version: string = VERSION): void {
  sql.transaction(() => {
    sql.run('CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
    const rows = sql.all('SELECT id, version FROM schema_version');
    const row = (id: number): number => Number(rows.find((one) => one.id === id)?.version ?? 0);
    const needed = row(NEEDED);
    const done = Math.max(needed, row(DONE));
    if (needed > migrations.length)
      throw new Error(`storage has schema ${needed}, this code knows ${migrations.length}`);
    // What the release after this one added stays as it is, for when that comes back.
    if (done > migrations.length) return;
    for (const step of migrations.slice(done)) (typeof step === 'function' ? step : step.run)(sql);
    const needs = neededBy(migrations, version);
    if (needs > needed) put(sql, NEEDED, needs);
    if (migrations.length > Math.max(needs, done)) put(sql, DONE, migrations.length);
  });
}

/** How many of the steps the release before `version` must know: up to the last that isn't additive to it. */
function neededBy(migrations: readonly Migration[], version: string): number {
  return 1 + migrations.findLastIndex((step) => typeof step === 'function' || step.additiveIn !== version);
}

const put = (sql: Sql, id: number, version: number): void =>
  sql.run('INSERT OR REPLACE INTO schema_version (id, version) VALUES (?, ?)', id, version);

/** Whether this object's storage holds anything. */
export function exists(sql: Sql): boolean {
  return (
    sql.all("SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'").length >
    0
  );
}
