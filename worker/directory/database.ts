import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1';
import { type Failure, fail } from '../../schema/protocol/errors.ts';
import { done, type Outcome } from '../outcome.ts';

/** A database that hangs counts as down after this. */
const PATIENCE_MS = 10_000;

/**
 * Runs `work` on D1, for `patience` ms at most. Whatever goes wrong there is `unavailable`: queries are ours and tested, so what throws is the
 * database. The reason goes to the log.
 */
export async function onDatabase<T>(
  d1: D1Database,
  work: (db: DrizzleD1Database) => Promise<T>,
  patience = PATIENCE_MS,
): Promise<Outcome<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${patience} ms`)), patience);
  });
  try {
    return done(await Promise.race([work(drizzle(d1)), late]));
  } catch (thrown) {
    console.error('D1', thrown);
    return unavailable();
  } finally {
    clearTimeout(timer);
  }
}

const unavailable = (): Failure =>
  fail('unavailable', 'accounts can not be reached at the moment: try again later', 5);
