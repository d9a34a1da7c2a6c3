import type { Migration } from '../shared/migrate.ts';

/** Tables of a user. Append-only: add a step, never change one. */
export const MIGRATIONS: readonly Migration[] = [
  (sql) => {
    sql.run(`CREATE TABLE user (
      id INTEGER PRIMARY KEY CHECK (id = 0),
      reserved INTEGER NOT NULL, attached INTEGER NOT NULL)`);
    sql.run(
      'CREATE TABLE device (id TEXT PRIMARY KEY, away INTEGER, removed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID',
    );
    sql.run(`CREATE TABLE conversation (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, note INTEGER NOT NULL, detached INTEGER NOT NULL, at INTEGER NOT NULL,
      ended_seq INTEGER, ended TEXT) WITHOUT ROWID`);
    sql.run('CREATE TABLE block (user TEXT PRIMARY KEY) WITHOUT ROWID');
  },
  (sql) => {
    // Null: not set. `cursor`: the user's cursor of the last change.
    sql.run(`CREATE TABLE prefs (
      conversation TEXT PRIMARY KEY, cursor INTEGER NOT NULL,
      pinned INTEGER, muted_until INTEGER, archived INTEGER, unread INTEGER) WITHOUT ROWID`);
  },
  {
    // Null where the release before wrote the row.
    run: (sql) => sql.run('ALTER TABLE device ADD COLUMN attached INTEGER'),
    additiveIn: '0.2.0',
  },
];
