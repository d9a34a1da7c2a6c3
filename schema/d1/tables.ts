/**
 * The tables of D1: who people are and how they sign in. Nothing here is read to deliver a message.
 * After a change run `npm run migrations`; migrations are only ever added.
 */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  /** Unique; given once, at the first sight of the user. */
  handle: text().notNull().unique(),
  name: text().notNull(),
  about: text(),
  /** Id of a media file. */
  avatar: text(),
  /** JSON of the user's settings about who sees what. */
  privacy: text().notNull().default('{}'),
  createdAt: integer('created_at').notNull(),
});

/** Passwords, apart from `users`, so that no query for a profile can bring one along. */
export const credentials = sqliteTable('credentials', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** The hash with its parameters and salt, as `worker/auth/password.ts` writes it. */
  password: text().notNull(),
});

/** Users of an embedding product: (issuer, subject) of its tokens is one user, for good. */
export const identities = sqliteTable(
  'identities',
  {
    issuer: text().notNull(),
    subject: text().notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] })],
);

/**
 * A signed-in device and its refresh token. The token has two secrets: `family` stays the same for the life of the
 * device, `current` changes with every refresh; both are kept as SHA-256. So any old token of a device, however old,
 * is known for what it is from this one row.
 *
 * A version that knows nothing below `refreshedAt` rotates by writing `current` and `refreshedAt` alone: what stands
 * in the others then means nothing, which shows in `rotated`.
 */
export const devices = sqliteTable(
  'devices',
  {
    id: text().primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    family: text().notNull().unique(),
    current: text().notNull(),
    createdAt: integer('created_at').notNull(),
    refreshedAt: integer('refreshed_at').notNull(),
    /** From it and the family the secret behind `current` is derived; it grows by one with each rotation. */
    number: integer().notNull().default(0),
    /** What `current` was before, as SHA-256. */
    preceding: text(),
    /** Ids of the attempts that were answered with `current`, with spaces between them; the first made it. */
    attempts: text(),
    /** `current` as the latest rotation left it: when they differ, an older version rotated since. */
    rotated: text(),
    /** A keyed hash of the product's token it was begun with: the same token again is this device. */
    exchange: text().unique(),
  },
  (table) => [index('devices_by_user').on(table.userId)],
);
