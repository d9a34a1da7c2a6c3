import { and, asc, eq, sql } from 'drizzle-orm';
import { devices, users } from '../../schema/d1/tables.ts';
import type { User } from '../../schema/protocol/http-auth.ts';
import { done, type Outcome } from '../outcome.ts';
import { onDatabase } from './database.ts';
import { profileColumns, toUser } from './users.ts';

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
  /** ms. */
  readonly createdAt: number;
}

/** Adds a device; false when the user has `most` already. One statement, so two log-ins can't both be the last. */
export async function addDevice(d1: D1Database, device: NewDevice, most: number): Promise<Outcome<boolean>> {
  const { id, userId, name, family, current, createdAt } = device;
  const rows = await onDatabase(d1, (db) =>
    db
      .insert(devices)
      .select(
        sql`SELECT ${id}, ${userId}, ${name}, ${family}, ${current}, ${createdAt}, ${createdAt}
            WHERE (SELECT count(*) FROM ${devices} WHERE ${devices.userId} = ${userId}) < ${most}`,
      )
      .returning({ id: devices.id }),
  );
  return rows.ok ? done(rows.value.length > 0) : rows;
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

/** Ends a device's session here: nothing can be refreshed any more. Removing what is gone is no mistake. */
export async function removeDevice(d1: D1Database, user: string, device: string): Promise<Outcome<void>> {
  const gone = await onDatabase(d1, (db) =>
    db.delete(devices).where(and(eq(devices.id, device), eq(devices.userId, user))),
  );
  return gone.ok ? done(undefined) : gone;
}

export interface RefreshableDevice {
  readonly id: string;
  readonly name: string;
  /** Hash of the half of the refresh token that is good now. */
  readonly current: string;
  readonly user: User;
}

/** The device of a refresh token, by the hash of its first half, or undefined. */
export async function deviceByFamily(
  d1: D1Database,
  family: string,
): Promise<Outcome<RefreshableDevice | undefined>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select({
        device: { id: devices.id, name: devices.name, current: devices.current },
        user: profileColumns,
      })
      .from(devices)
      .innerJoin(users, eq(users.id, devices.userId))
      .where(eq(devices.family, family)),
  );
  if (!rows.ok) return rows;
  const row = rows.value[0];
  return done(row && { ...row.device, user: toUser(row.user) });
}

/** Puts `next` in the place of `current`, hashes both; false when another refresh was first. `now` in ms. */
export async function rotate(
  d1: D1Database,
  device: string,
  current: string,
  next: string,
  now: number,
): Promise<Outcome<boolean>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .update(devices)
      .set({ current: next, refreshedAt: now })
      .where(and(eq(devices.id, device), eq(devices.current, current)))
      .returning({ id: devices.id }),
  );
  return rows.ok ? done(rows.value.length > 0) : rows;
}
