import type { Sql } from '../../objects/shared/sql.ts';

/**
 * How many rows the platform bills for a statement. `test/workers/bench/rows.test.ts` holds these rules against the
 * `rowsWritten` of workerd, statement by statement:
 * - an inserted or replaced row is 1, and 1 more for each index that gets an entry for it (a `WITHOUT ROWID` table is
 *   its own index);
 * - an updated row is 1, and 1 more for each index over a column that is set;
 * - a deleted row is 1, whatever indexes it stood in;
 * - tables and indexes that are made are not counted here: they belong to an object's birth.
 */
export interface WriteRule {
  readonly table: string;
  /** Rows billed for `changes` changed ones, right after the statement ran. */
  readonly rows: (changes: number) => number;
}

interface Index {
  readonly columns: readonly string[];
  /** The condition of a partial index. */
  readonly where: string | undefined;
}

const WRITE =
  /^\s*(INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(\w+)/i;

/** The rule of a statement; undefined when it only reads, or makes tables. */
export function writeRule(query: string, sql: Sql): WriteRule | undefined {
  const [, verb = '', table = ''] = WRITE.exec(query) ?? [];
  if (table === '') return undefined;
  const made = String(
    sql.all("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", table)[0]?.sql,
  );
  if (/^CREATE VIRTUAL/i.test(made))
    throw new Error(`no rule for rows written to the virtual table ${table}`);
  if (/^DELETE/i.test(verb)) return { table, rows: (changes) => changes };
  const indexes = indexesOf(table, made, sql);
  if (/^UPDATE/i.test(verb)) {
    const set = query.slice(query.search(/\bSET\b/i), endOfSet(query));
    const touched = indexes.filter((index) =>
      index.columns.some((column) => new RegExp(`\\b${column}\\b`).test(set)),
    );
    return { table, rows: (changes) => changes * (1 + touched.length) };
  }
  const whole = indexes.filter((index) => index.where === undefined).length;
  const partial = indexes.flatMap((index) => index.where ?? []);
  return {
    table,
    rows: (changes) => {
      if (changes > 1 && partial.length > 0) throw new Error(`one row a statement, please: ${query}`);
      const hit = changes === 0 ? 0 : partial.filter((where) => holdsForLast(table, where, sql)).length;
      return changes * (1 + whole) + hit;
    },
  };
}

const endOfSet = (query: string): number => {
  const where = query.search(/\bWHERE\b/i);
  return where < 0 ? query.length : where;
};

const holdsForLast = (table: string, where: string, sql: Sql): boolean =>
  sql.all(`SELECT 1 AS found FROM ${table} WHERE rowid = last_insert_rowid() AND (${where})`).length > 0;

function indexesOf(table: string, made: string, sql: Sql): Index[] {
  const ownIndex = /\)\s*WITHOUT ROWID/i.test(made);
  return sql
    .all('SELECT name, origin FROM pragma_index_list(?)', table)
    .filter((row) => !(ownIndex && row.origin === 'pk'))
    .map((row) => ({
      columns: sql
        .all('SELECT name FROM pragma_index_info(?)', row.name ?? null)
        .map((column) => String(column.name)),
      where: conditionOf(String(row.name), sql),
    }));
}

function conditionOf(index: string, sql: Sql): string | undefined {
  const made = String(
    sql.all("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", index)[0]?.sql ?? '',
  );
  return /\)\s*WHERE\s+(.+)$/is.exec(made)?.[1];
}
