import type { Sql } from './sql.ts';

/** A numbered, append-only step of an object's schema: its place in the list is its number. */
export type Migration = (sql: Sql) => void;

/**
 * Brings an object's tables to the newest version. Reads one value when nothing is to be done.
 * An object that was never created has no tables; `migrate` is called when it gets its first row, not before, so that
 * asking for a conversation that doesn't exist writes nothing.
 */
export function migrate(sql: Sql, migrations: readonly Migration[]): void {
  sql.transaction(() => {
    sql.run('CREATE TABLE IF NOT EXISTS schema_version (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)');
    const version = Number(sql.all('SELECT version FROM schema_version WHERE id = 0')[0]?.version ?? 0);
    if (version > migrations.length)
      throw new Error(`storage has schema ${version}, this code knows ${migrations.length}`);
    if (version === migrations.length) return;
    for (const step of migrations.slice(version)) step(sql);
    sql.run('INSERT OR REPLACE INTO schema_version (id, version) VALUES (0, ?)', migrations.length);
  });
}

/** Whether this object's storage holds anything. */
export function exists(sql: Sql): boolean {
  return (
    sql.all("SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'").length >
    0
  );
}
