import { eq, sql } from 'drizzle-orm';
import { users } from '../../schema/d1/tables.ts';
import { fits } from '../../schema/protocol/check.ts';
import { fail } from '../../schema/protocol/errors.ts';
import { type Me, privacy, type User } from '../../schema/protocol/http-auth.ts';
import { done, type Outcome } from '../outcome.ts';
import { onDatabase } from './database.ts';

/** What everybody may see of a user. */
export const profileColumns = {
  id: users.id,
  handle: users.handle,
  name: users.name,
  about: users.about,
  avatar: users.avatar,
};

export interface ProfileRow {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly about: string | null;
  readonly avatar: string | null;
}

export function toUser({ id, handle, name, about, avatar }: ProfileRow): User {
  return { id, handle, name, ...(about === null ? {} : { about }), ...(avatar === null ? {} : { avatar }) };
}

/** And what only they themselves may see. */
const ownColumns = { ...profileColumns, privacy: users.privacy };

function toMe({ privacy: kept, ...row }: ProfileRow & { readonly privacy: string }): Me {
  const settings: unknown = JSON.parse(kept);
  const given = fits(privacy, settings) && Object.keys(settings).length > 0;
  return { ...toUser(row), ...(given ? { privacy: settings } : {}) };
}

/** The user of this id, or undefined. */
export async function userById(d1: D1Database, id: string): Promise<Outcome<User | undefined>> {
  const rows = await onDatabase(d1, (db) => db.select(profileColumns).from(users).where(eq(users.id, id)));
  return rows.ok ? done(rows.value.map(toUser)[0]) : rows;
}

/** The same, for themselves. */
export async function ownProfile(d1: D1Database, id: string): Promise<Outcome<Me | undefined>> {
  const rows = await onDatabase(d1, (db) => db.select(ownColumns).from(users).where(eq(users.id, id)));
  return rows.ok ? done(rows.value.map(toMe)[0]) : rows;
}

/** The users of these ids that exist, in this order, each once. */
export async function usersByIds(d1: D1Database, ids: readonly string[]): Promise<Outcome<User[]>> {
  // json_each: a statement takes 100 parameters, and one more may be needed some day.
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const rows = await onDatabase(d1, (db) =>
    db.select(profileColumns).from(users).where(sql`${users.id} IN ${wanted}`),
  );
  if (!rows.ok) return rows;
  const byId = new Map(rows.value.map((row) => [row.id, toUser(row)]));
  return done([...new Set(ids)].flatMap((id) => byId.get(id) ?? []));
}

/** The user with exactly this handle, or undefined. */
export async function userByHandle(d1: D1Database, handle: string): Promise<Outcome<User | undefined>> {
  const rows = await onDatabase(d1, (db) =>
    db.select(profileColumns).from(users).where(eq(users.handle, handle)),
  );
  return rows.ok ? done(rows.value.map(toUser)[0]) : rows;
}

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly about?: string | undefined;
  readonly avatar?: string | undefined;
  /** JSON. */
  readonly privacy?: string | undefined;
}

/** Changes what is given, and answers with the user as they are then; undefined: nobody has this id. */
export async function changeProfile(
  d1: D1Database,
  id: string,
  change: ProfileChange,
): Promise<Outcome<Me | undefined>> {
  const given = Object.values(change).some((value) => value !== undefined);
  if (!given) return ownProfile(d1, id);
  const rows = await onDatabase(d1, (db) =>
    db.update(users).set(change).where(eq(users.id, id)).returning(ownColumns),
  );
  return rows.ok ? done(rows.value.map(toMe)[0]) : rows;
}

/**
 * The ids behind `refs` (user ids, and handles behind an `@`), each once, in one query however many they are.
 * `not_found` names the first that nobody has.
 */
export async function resolveUsers(d1: D1Database, refs: readonly string[]): Promise<Outcome<string[]>> {
  const ids = refs.filter((ref) => !ref.startsWith('@'));
  const handles = refs.filter((ref) => ref.startsWith('@')).map((ref) => ref.slice(1));
  if (refs.length === 0) return done([]);
  // json_each: a statement takes 100 parameters, a list can have more. Each half uses its own index.
  const rows = await onDatabase(d1, (db) =>
    db.all<{ id: string; handle: string }>(sql`
      SELECT ${users.id} AS id, ${users.handle} AS handle FROM ${users}
      WHERE ${users.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))
      UNION
      SELECT ${users.id} AS id, ${users.handle} AS handle FROM ${users}
      WHERE ${users.handle} IN (SELECT value FROM json_each(${JSON.stringify(handles)}))`),
  );
  if (!rows.ok) return rows;
  const byRef = new Map(
    rows.value.flatMap(({ id, handle }) => [[id, id] as const, [`@${handle}`, id] as const]),
  );
  const missing = refs.find((ref) => !byRef.has(ref));
  if (missing !== undefined) return fail('not_found', `nobody is called ${missing}`);
  return done([...new Set(refs.flatMap((ref) => byRef.get(ref) ?? []))]);
}
