import { and, asc, eq, sql } from 'drizzle-orm';
import { devices } from '../../schema/d1/tables.ts';
import { done, type Outcome } from '../outcome.ts';
import { onDatabase } from './database.ts';

export interface Device {
  readonly id: string;
  readonly name: string;
  /** ms. */
  readonly createdAt: number;
  /** When its session was last renewed, ms. */
  readonly refreshedAt: number;
}

export interface NewDevice {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** Hashes of the two halves of the refresh token. */
  readonly family: string;
  readonly current: string;
  /** The mark of the product's token it is begun with. */
  readonly exchange: string | undefined;
  /** ms. */
  readonly createdAt: number;
}

/**
 * Adds a device; false when the user has `most` already, or when there is one with the same `exchange`. One statement,
 * so two log-ins can't both be the last.
 */
export async function addDevice(d1: D1Database, device: NewDevice, most: number): Promise<Outcome<boolean>> {
  const { id, userId, name, family, current, createdAt, exchange = null } = device;
  const rows = await onDatabase(d1, (db) =>
    db
      .insert(devices)
      .select(
        sql`SELECT ${id}, ${userId}, ${name}, ${family}, ${current}, ${createdAt}, ${createdAt},
              0, NULL, NULL, NULL, ${exchange}
            WHERE (SELECT count(*) FROM ${devices} WHERE ${devices.userId} = ${userId}) < ${most}
            AND NOT EXISTS (SELECT 1 FROM ${devices} WHERE ${devices.exchange} = ${exchange})`,
      )
      .returning({ id: devices.id }),
  );
  return rows.ok ? done(rows.value.length > 0) : rows;
}

/** The devices of a user that leave no room for another under `most`, the longest unused first. */
export async function devicesBeyond(
  d1: D1Database,
  user: string,
  most: number,
): Promise<Outcome<Pick<Device, 'id' | 'name'>[]>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select({ id: devices.id, name: devices.name })
      .from(devices)
      .where(eq(devices.userId, user))
      // Of those that came in the same millisecond the first goes first.
      .orderBy(asc(devices.refreshedAt), asc(sql`rowid`)),
  );
  return rows.ok ? done(rows.value.slice(0, Math.max(0, rows.value.length + 1 - most))) : rows;
}

/** The devices of a user, the oldest first. */
export function devicesOf(d1: D1Database, user: string): Promise<Outcome<Device[]>> {
  return onDatabase(d1, (db) =>
    db
      .select({
        id: devices.id,
        name: devices.name,
        createdAt: devices.createdAt,
        refreshedAt: devices.refreshedAt,
      })
      .from(devices)
      .where(eq(devices.userId, user))
      .orderBy(asc(devices.createdAt), asc(devices.id)),
  );
}

/** Whether this device is there and is this user's. */
export async function hasDevice(d1: D1Database, user: string, device: string): Promise<Outcome<boolean>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select({ id: devices.id })
      .from(devices)
      .where(and(eq(devices.id, device), eq(devices.userId, user))),
  );
  return rows.ok ? done(rows.value.length > 0) : rows;
}

/** Ends a device's session here: nothing can be refreshed any more. False: it was gone already, which is no mistake. */
export async function removeDevice(d1: D1Database, user: string, device: string): Promise<Outcome<boolean>> {
  const gone = await onDatabase(d1, (db) =>
    db
      .delete(devices)
      .where(and(eq(devices.id, device), eq(devices.userId, user)))
      .returning({ id: devices.id }),
  );
  return gone.ok ? done(gone.value.length > 0) : gone;
}
