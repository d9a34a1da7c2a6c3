import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { refuseLongRow, type Sql, type SqlRow, type SqlValue } from '../../objects/shared/sql.ts';

/** `Sql` on node:sqlite. Nested transactions are savepoints. `begin`, `commit` and `rollback` let the simulation hold a whole turn open. */
export class NodeSql implements Sql {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /** @param path of the file; in memory when left out. */
  constructor(path = ':memory:') {
    this.#db = new DatabaseSync(path);
  }

  all(query: string, ...values: SqlValue[]): SqlRow[] {
    refuseLongRow(values);
    return this.#statement(query).all(...values) as SqlRow[];
  }

  run(query: string, ...values: SqlValue[]): void {
    refuseLongRow(values);
    this.#statement(query).run(...values);
  }

  transaction<T>(body: () => T): T {
    const depth = this.#depth;
    if (depth === 0) this.begin();
    else {
      this.run(`SAVEPOINT s${depth}`);
      this.#depth++;
    }
    let result: T;
    try {
      result = body();
    } catch (error) {
      if (depth === 0) this.rollback();
      else {
        this.run(`ROLLBACK TO s${depth}`);
        this.run(`RELEASE s${depth}`);
        this.#depth = depth;
      }
      throw error;
    }
    if (depth === 0) this.commit();
    else {
      this.run(`RELEASE s${depth}`);
      this.#depth = depth;
    }
    return result;
  }

  begin(): void {
    this.run('BEGIN');
    this.#depth = 1;
  }

  commit(): void {
    this.run('COMMIT');
    this.#depth = 0;
  }

  rollback(): void {
    this.run('ROLLBACK');
    this.#depth = 0;
  }

  close(): void {
    this.#db.close();
  }

  #statement(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (!statement) {
      statement = this.#db.prepare(query);
      this.#statements.set(query, statement);
    }
    return statement;
  }
}
