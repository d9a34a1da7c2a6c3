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
  },
  (table) => [index('devices_by_user').on(table.userId)],
);
