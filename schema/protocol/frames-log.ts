import {
  bool,
  type Check,
  type Infer,
  integer,
  list,
  literal,
  object,
  oneOf,
  optional,
  record,
  text,
  union,
} from './check.ts';
import type { Content } from './content.ts';
import { cursor, id, position, seq, time } from './ids.ts';
import { MAX_PAGE } from './limits.ts';

/**
 * Asks for entries above `after` and below `before`: the first of them when `after` is given, else the newest.
 * Answered by a `batch`.
 */
export const pull = object(
  {
    type: literal('pull'),
    conversation: id,
    after: optional(position),
    before: optional(seq),
    limit: optional(integer(1, MAX_PAGE)),
  },
  'Asks for entries above `after` and below `before`: the first of them when `after` is given, else the newest. Answered by `batch`.',
);

const head = { conversation: id, seq, cursor: optional(cursor) };
const event = { ...head, at: time, by: id };

const anyContent = object({ kind: text({ max: 64 }) }) as Check<Content>;

/** A message in its present state. */
export const message = object(
  {
    type: literal('message'),
    ...head,
    ordinal: seq,
    from: id,
    at: time,
    clientId: id,
    content: anyContent,
    replyTo: optional(seq),
    editedAt: optional(time),
    deletedAt: optional(time),
    reactions: optional(record(text({ max: 32 }), list(id, 100_000), 1000)),
  },
  'A message in its present state.',
);
export type Message = Infer<typeof message>;

export const role = oneOf('owner', 'admin', 'member');
export type Role = Infer<typeof role>;

/** `target` is the message an edit, a deletion or a reaction is about. */
export const edited = object(
  { type: literal('edit'), ...event, target: seq, content: anyContent },
  'The message `target` has new content.',
);
export const deleted = object(
  { type: literal('delete'), ...event, target: seq },
  'The message `target` was deleted for everyone.',
);
export const reacted = object(
  {
    type: literal('react'),
    ...event,
    target: seq,
    emoji: text({ max: 32 }),
    on: bool,
  },
  'A reaction to the message `target` was put, or taken back.',
);
export const memberChanged = object(
  {
    type: literal('member'),
    ...event,
    user: id,
    change: oneOf('added', 'removed', 'left', 'role'),
    role: optional(role),
  },
  '`user` was added or removed, left, or has another role.',
);
export const conversationChanged = object(
  {
    type: literal('conversation'),
    ...event,
    title: optional(text({ max: 256 })),
  },
  'The conversation has another title.',
);
/** An entry this user may not see; it keeps the numbers whole. */
export const withheld = object(
  { type: literal('withheld'), ...head },
  'An entry this user may not see; it keeps the numbers whole.',
);

export const entry = union('type', {
  message,
  edit: edited,
  delete: deleted,
  react: reacted,
  member: memberChanged,
  conversation: conversationChanged,
  withheld,
});
export type Entry = Infer<typeof entry>;

/** `gapBefore: n`: what lies between n and the first entry was left out, and can be pulled. */
export const batch = object(
  {
    type: literal('batch'),
    conversation: id,
    entries: list(entry, MAX_PAGE),
    head: position,
    gapBefore: optional(position),
  },
  'Entries in ascending order without gaps. `gapBefore: n`: what lies between n and the first entry was left out. No entries: the conversation is new to this user.',
);
