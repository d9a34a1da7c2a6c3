/** Synchronous, transactional storage: SQLite of a Durable Object in production, `node:sqlite` in unit tests. */
export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

/** Longest row of the platform, in bytes; what runs locally would take more. */
const MAX_ROW_BYTES = 2_000_000;

/** @throws Error where the platform would refuse these values as one row, so that it shows wherever the code runs. */
export function refuseLongRow(values: readonly SqlValue[]): void {
  let length = 0;
  for (const value of values) if (typeof value === 'string') length += value.length;
  // A character is one to three bytes: only what may be too long is counted in full.
  if (length * 3 <= MAX_ROW_BYTES) return;
  let bytes = 0;
  for (const value of values) if (typeof value === 'string') bytes += utf8Length(value);
  if (bytes > MAX_ROW_BYTES) throw new Error(`string or blob too big: a row of ${bytes} bytes`);
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Of a surrogate pair both halves count two: four bytes together.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

export interface Sql {
  /** Runs one statement and returns its rows. */
  all(query: string, ...values: SqlValue[]): SqlRow[];
  /** Runs one statement for its effect. */
  run(query: string, ...values: SqlValue[]): void;
  /** All or nothing; nests. An exception rolls back and goes on up. */
  transaction<T>(body: () => T): T;
}
