/** The chains of refresh tokens: one row a device, changed only by whoever read what is in it. */
import { and, eq, sql } from 'drizzle-orm';
import { devices, users } from '../../schema/d1/tables.ts';
import type { User } from '../../schema/protocol/http-auth.ts';
import type { Chain } from '../auth/rotation.ts';
import { done, type Outcome } from '../outcome.ts';
import { onDatabase } from './database.ts';
import { profileColumns, toUser } from './users.ts';

export interface ChainedDevice {
  readonly id: string;
  readonly name: string;
  readonly user: User;
  /** Hash of the half of its refresh tokens that stays. */
  readonly family: string;
  readonly chain: Chain;
}

/** The device of a refresh token, by the hash of its first half, or undefined. */
export const deviceByFamily = (d1: D1Database, family: string): Promise<Outcome<ChainedDevice | undefined>> =>
  deviceBy(d1, 'family', family);

/** The device that was begun with a token of the product, by its mark, or undefined. */
export const deviceByExchange = (d1: D1Database, mark: string): Promise<Outcome<ChainedDevice | undefined>> =>
  deviceBy(d1, 'exchange', mark);

async function deviceBy(
  d1: D1Database,
  column: 'family' | 'exchange',
  value: string,
): Promise<Outcome<ChainedDevice | undefined>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select({ device: devices, user: profileColumns })
      .from(devices)
      .innerJoin(users, eq(users.id, devices.userId))
      .where(eq(devices[column], value)),
  );
  if (!rows.ok) return rows;
  const [row] = rows.value;
  if (!row) return done(undefined);
  const { id, name, family, current, number, preceding, attempts, rotated, refreshedAt } = row.device;
  const chain = {
    current,
    number,
    preceding: preceding ?? undefined,
    attempts: attempts?.split(' ') ?? [],
    rotated: rotated ?? undefined,
    refreshedAt,
  };
  return done({ id, name, family, chain, user: toUser(row.user) });
}

/** Puts `to` in the place of `from`; false when the chain is another one meanwhile. */
export async function changeChain(
  d1: D1Database,
  device: string,
  from: Chain,
  to: Chain,
): Promise<Outcome<boolean>> {
  const { preceding = null, rotated = null, attempts, ...rest } = to;
  const change = { ...rest, preceding, rotated, attempts: textOf(attempts) };
  const same = and(
    eq(devices.id, device),
    eq(devices.current, from.current),
    sql`${devices.attempts} IS ${textOf(from.attempts)}`,
  );
  const rows = await onDatabase(d1, (db) =>
    db.update(devices).set(change).where(same).returning({ id: devices.id }),
  );
  return rows.ok ? done(rows.value.length > 0) : rows;
}

/** Ids have no spaces. */
const textOf = (attempts: readonly string[]): string | null => attempts.join(' ') || null;

/** The token of the product that this device was begun with begins another one from now on. */
export async function forgetExchange(d1: D1Database, device: string): Promise<Outcome<void>> {
  const gone = await onDatabase(d1, (db) =>
    db.update(devices).set({ exchange: null }).where(eq(devices.id, device)),
  );
  return gone.ok ? done(undefined) : gone;
}
