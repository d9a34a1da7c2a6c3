/** Synchronous, transactional storage: SQLite of a Durable Object in production, `node:sqlite` in unit tests. */
export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

export interface Sql {
  /** Runs one statement and returns its rows. */
  all(query: string, ...values: SqlValue[]): SqlRow[];
  /** Runs one statement for its effect. */
  run(query: string, ...values: SqlValue[]): void;
  /** All or nothing; nests. An exception rolls back and goes on up. */
  transaction<T>(body: () => T): T;
}
