import { type Infer, integer, text } from './check.ts';

/** Opaque ids: users, devices, conversations, and the `clientId` a client gives its sends. */
export const id = text({ min: 1, max: 64, pattern: /^[A-Za-z0-9_-]+$/, describe: 'Opaque.' });
export type Id = Infer<typeof id>;

export const handle = text({
  min: 3,
  max: 32,
  pattern: /^[a-z0-9_.]+$/,
  describe: 'Unique name of a user, without the `@`.',
});
/** A user id, or a handle behind an `@`. */
export const userRef = text({
  min: 1,
  max: 64,
  pattern: /^(@[a-z0-9_.]{3,32}|[A-Za-z0-9_-]+)$/,
  describe: 'A user id, or a handle behind an `@`.',
});

const MAX = Number.MAX_SAFE_INTEGER;
/** Number of an entry in its conversation: 1, 2, 3, … without gaps. */
export const seq = integer(1, MAX, 'Number of an entry in its conversation: 1, 2, 3, … without gaps.');
/** Position in a log where 0 stands before the first entry. */
export const position = integer(0, MAX, 'A `seq`, or 0, which stands before the first entry.');
/** Grows per user; gaps are allowed. */
export const cursor = integer(0, MAX, 'Counts the changes of one user; grows, with gaps.');
/** Milliseconds since 1970, the server's clock. */
export const time = integer(0, MAX, "Milliseconds since 1970, the server's clock.");

/**
 * A reaction: an emoji, or a word an application gives a picture. No `__proto__`, because reactions are kept in maps
 * under this name.
 */
export const emoji = text({ min: 1, max: 32, pattern: /^(?!__proto__$)[^\s\p{Cc}]+$/u });
