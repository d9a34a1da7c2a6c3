import { getTableColumns, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { credentials, devices, identities, users } from '../../schema/d1/tables.ts';
import { onDatabase } from './database.ts';

/** Whether the database answers within `patience` ms and has every table and column this version reads. */
export async function tablesAnswer(d1: D1Database, patience: number): Promise<boolean> {
  const none = await onDatabase(
    d1,
    (db) =>
      db.batch([
        db.all(noRowOf(users)),
        db.all(noRowOf(credentials)),
        db.all(noRowOf(identities)),
        db.all(noRowOf(devices)),
      ]),
    patience,
  );
  return none.ok;
}

/** Names every column behind its table: alone in quotation marks, one that is missing would be taken for a text. */
const noRowOf = (table: SQLiteTable) =>
  sql`SELECT ${sql.join(Object.values(getTableColumns(table)), sql`, `)} FROM ${table} LIMIT 0`;
