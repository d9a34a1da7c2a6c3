import type { Migration } from '../shared/migrate.ts';

/**
 * Tables of a conversation. Append-only: add a step, never change one.
 *
 * Rows written are the bill: an entry is one row plus one for the unique index that makes sends idempotent; the marks of
 * all members and what is known of their progress share the single row of `progress`.
 */
export const MIGRATIONS: readonly Migration[] = [
  (sql) => {
    sql.run(`CREATE TABLE conversation (
      id INTEGER PRIMARY KEY CHECK (id = 0),
      name TEXT NOT NULL, kind TEXT NOT NULL, mode TEXT NOT NULL, title TEXT, created_at INTEGER NOT NULL)`);
    sql.run(`CREATE TABLE progress (
      id INTEGER PRIMARY KEY CHECK (id = 0),
      settled INTEGER NOT NULL, marks TEXT NOT NULL)`);
    // Members keep their number for good: entries and marks refer to it, also after they left.
    sql.run(`CREATE TABLE member (
      n INTEGER PRIMARY KEY,
      user TEXT NOT NULL, role TEXT NOT NULL, joined INTEGER NOT NULL, ended INTEGER,
      shunned INTEGER NOT NULL DEFAULT 0, blocks INTEGER NOT NULL DEFAULT 0,
      shown_delivered INTEGER, shown_read INTEGER)`);
    sql.run(`CREATE TABLE entry (
      seq INTEGER PRIMARY KEY,
      sender INTEGER NOT NULL, client_id TEXT, type INTEGER NOT NULL, at INTEGER NOT NULL, ordinal INTEGER NOT NULL,
      hidden INTEGER, body TEXT NOT NULL, state TEXT)`);
    sql.run('CREATE UNIQUE INDEX entry_once ON entry (sender, client_id) WHERE client_id IS NOT NULL');
  },
  {
    // What is known of each member (`progress.ts`); null where the release before wrote the row.
    run: (sql) => sql.run('ALTER TABLE progress ADD COLUMN lanes TEXT'),
    additiveIn: '0.2.0',
  },
];
