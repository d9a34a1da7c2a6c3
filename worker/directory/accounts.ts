/** How users come to be, and what they sign in with. */
import { and, eq, sql } from 'drizzle-orm';
import { credentials, identities, users } from '../../schema/d1/tables.ts';
import type { User } from '../../schema/protocol/http-auth.ts';
import { done, type Outcome } from '../outcome.ts';
import { onDatabase } from './database.ts';
import { profileColumns, toUser } from './users.ts';

export interface NewUser {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  /** ms. */
  readonly createdAt: number;
}

/** A user with a password hash; false when the handle is taken. All or nothing. */
export async function createWithPassword(
  d1: D1Database,
  user: NewUser,
  password: string,
): Promise<Outcome<boolean>> {
  const results = await onDatabase(d1, (db) =>
    db.batch([
      db.insert(users).values(user).onConflictDoNothing({ target: users.handle }).returning({ id: users.id }),
      // From the row just written: without it there is nothing to give a password to.
      db
        .insert(credentials)
        .select(sql`SELECT ${users.id}, ${password} FROM ${users} WHERE ${users.id} = ${user.id}`),
    ]),
  );
  return results.ok ? done(results.value[0].length > 0) : results;
}

export interface Account {
  readonly user: User;
  /** Undefined: signs in through an embedding product. */
  readonly password: string | undefined;
}

/** Who signs in with this handle, or undefined. */
export async function accountByHandle(d1: D1Database, handle: string): Promise<Outcome<Account | undefined>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select({ ...profileColumns, password: credentials.password })
      .from(users)
      .leftJoin(credentials, eq(credentials.userId, users.id))
      .where(eq(users.handle, handle)),
  );
  if (!rows.ok) return rows;
  const row = rows.value[0];
  return done(row && { user: toUser(row), password: row.password ?? undefined });
}

/** The user that (issuer, subject) of an embedding product is here, or undefined. */
export async function userByIdentity(
  d1: D1Database,
  issuer: string,
  subject: string,
): Promise<Outcome<User | undefined>> {
  const rows = await onDatabase(d1, (db) =>
    db
      .select(profileColumns)
      .from(identities)
      .innerJoin(users, eq(users.id, identities.userId))
      .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject))),
  );
  return rows.ok ? done(rows.value.map(toUser)[0]) : rows;
}

/**
 * Makes `user` the user of (issuer, subject), unless it has one already, and answers with the one it has then;
 * undefined: the handle is taken. Two first sights at the same moment end as one user.
 */
export async function createWithIdentity(
  d1: D1Database,
  user: NewUser,
  issuer: string,
  subject: string,
): Promise<Outcome<User | undefined>> {
  const { id, handle, name, createdAt } = user;
  const theirs = sql`${identities.issuer} = ${issuer} AND ${identities.subject} = ${subject}`;
  const results = await onDatabase(d1, (db) =>
    db.batch([
      db
        .insert(users)
        .select(
          sql`SELECT ${id}, ${handle}, ${name}, NULL, NULL, '{}', ${createdAt}
              WHERE NOT EXISTS (SELECT 1 FROM ${identities} WHERE ${theirs})`,
        )
        .onConflictDoNothing({ target: users.handle }),
      db
        .insert(identities)
        .select(sql`SELECT ${issuer}, ${subject}, ${users.id} FROM ${users} WHERE ${users.id} = ${id}`),
      db
        .select(profileColumns)
        .from(identities)
        .innerJoin(users, eq(users.id, identities.userId))
        .where(theirs),
    ]),
  );
  return results.ok ? done(results.value[2].map(toUser)[0]) : results;
}
