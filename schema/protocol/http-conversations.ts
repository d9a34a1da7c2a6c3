import {
  bool,
  described,
  type Infer,
  integer,
  list,
  nullable,
  object,
  oneOf,
  openObject,
  optional,
  text,
} from './check.ts';
import { content } from './content.ts';
import { down } from './down.ts';
import { entry, message, role } from './frames-log.ts';
import { prefs } from './frames-prefs.ts';
import { heads, knows } from './frames-session.ts';
import { cursor, id, position, seq, time, userRef } from './ids.ts';
import { MAX_PAGE, MAX_RESUME } from './limits.ts';
import { up } from './up.ts';

const title = text({ min: 1, max: 256 });
export const conversationKind = oneOf('direct', 'group', 'channel');
export const mode = oneOf('server', 'encrypted');

export const createBody = object({
  kind: conversationKind,
  members: list(userRef, 100_000),
  title: optional(title),
  mode: optional(mode),
});
export const changeConversationBody = object({ title });
/** Fields that are left out stay as they are. */
export const prefsBody = object({
  pinned: optional(bool),
  mutedUntil: optional(nullable(time)),
  archived: optional(bool),
  unread: optional(bool),
});
export type PrefsChange = Infer<typeof prefsBody>;
export const sendBody = object({ clientId: id, content, replyTo: optional(seq), after: optional(id) });
export const sendResult = object({ seq, at: time, duplicate: optional(bool) });
export const memberBody = object({ role: optional(role) });

const member = object({ user: id, role });
export const memberDetail = object({ user: id, role, delivered: position, read: position });
export const membersPage = object({ members: list(memberDetail, 1024), next: optional(text({ max: 128 })) });

export const conversation = object({
  id,
  kind: conversationKind,
  mode,
  title: optional(title),
  memberCount: integer(0),
  members: optional(list(member, 100)),
  head: position,
  delivered: position,
  read: position,
  unread: integer(0),
  reached: described(
    object({ delivered: position, read: position }),
    'The marks that every other member has reached; 0 where there is nobody else.',
  ),
  prefs: optional(prefs),
  last: optional(message),
  createdAt: time,
});
export type Conversation = Infer<typeof conversation>;
export const conversationsPage = object({
  conversations: list(conversation, MAX_PAGE),
  next: optional(text({ max: 128 })),
  incomplete: optional(described(bool, 'Some conversations could not be reached; ask again.')),
});

export const messagesPage = object({ messages: list(message, MAX_PAGE), head: position });
export const logPage = object({ entries: list(entry, MAX_PAGE), head: position });

/** Each frame is checked by itself, so that a bad one is answered by an `error` frame and spoils no other. */
const anyFrame = { ...openObject, json: up.json };

/** Long polling: the same frames. `n`: the number of the last answer this client has, so that a lost one is repeated. */
export const pollBody = object({
  session: optional(id),
  n: optional(integer(0)),
  cursor: optional(cursor),
  heads: optional(heads),
  limit: optional(integer(1, MAX_RESUME, 'As in `hello`.')),
  knows: optional(described(knows, 'As in `hello`.')),
  close: optional(described(bool, 'Ends `session` at once.')),
  frames: list(anyFrame, 100),
  wait: optional(integer(0, 25, 'Seconds.')),
});
export const pollResult = object({ session: id, n: integer(0), frames: list(down, 10_000) });
