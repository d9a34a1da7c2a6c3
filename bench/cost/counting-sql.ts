import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Sql, SqlRow, SqlValue } from '../../objects/shared/sql.ts';
import { type WriteRule, writeRule } from './row-rules.ts';

interface Prepared {
  readonly statement: StatementSync;
  readonly rule: WriteRule | undefined;
}

/** An object's storage in memory that reports the rows it would be billed for; `wrote` is called per statement. */
export function countingSql(wrote: (table: string, rows: number) => void): Sql {
  const db = new DatabaseSync(':memory:');
  const known = new Map<string, Prepared>();
  let depth = 0;
  const plain: Sql = {
    all: (query, ...values) => db.prepare(query).all(...values) as SqlRow[],
    run: (query, ...values) => void db.prepare(query).run(...values),
    transaction: (body) => body(),
  };
  const prepare = (query: string): Prepared => {
    let prepared = known.get(query);
    if (!prepared) {
      prepared = { statement: db.prepare(query), rule: writeRule(query, plain) };
      known.set(query, prepared);
    }
    return prepared;
  };
  return {
    all: (query: string, ...values: SqlValue[]) => {
      const { statement, rule } = prepare(query);
      const rows = statement.all(...values) as SqlRow[];
      // A statement that writes and returns: its rows are the changed ones.
      if (rule && rows.length > 0) wrote(rule.table, rule.rows(rows.length));
      return rows;
    },
    run: (query: string, ...values: SqlValue[]) => {
      if (/^\s*(CREATE|ALTER|DROP)\b/i.test(query)) return db.exec(query);
      const { statement, rule } = prepare(query);
      const changes = Number(statement.run(...values).changes);
      if (rule && changes > 0) wrote(rule.table, rule.rows(changes));
    },
    transaction: <T>(body: () => T): T => {
      const name = `t${depth++}`;
      db.exec(`SAVEPOINT ${name}`);
      try {
        const result = body();
        db.exec(`RELEASE ${name}`);
        return result;
      } catch (error) {
        db.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
        throw error;
      } finally {
        depth--;
      }
    },
  };
}
