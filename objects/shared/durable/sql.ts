import { refuseLongRow, type Sql, type SqlRow, type SqlValue } from '../sql.ts';

/** `Sql` on a Durable Object's storage. */
export function durableSql(storage: DurableObjectStorage): Sql {
  return {
    all: (query: string, ...values: SqlValue[]): SqlRow[] => {
      refuseLongRow(values);
      return storage.sql.exec(query, ...values).toArray() as SqlRow[];
    },
    run: (query: string, ...values: SqlValue[]): void => {
      refuseLongRow(values);
      storage.sql.exec(query, ...values);
    },
    transaction: <T>(body: () => T): T => storage.transactionSync(body),
  };
}
