import { type Infer, literal, object, optional } from './check.ts';
import { cursor, id, time } from './ids.ts';

/** How a user keeps one conversation. What is absent is not set. */
export const prefs = object(
  {
    pinned: optional(time),
    mutedUntil: optional(time),
    archived: optional(literal(true)),
    unread: optional(literal(true)),
  },
  'How the user keeps this conversation; what is absent is not set. `pinned`: when it was pinned. `unread`: marked as unread.',
);
export type Prefs = Infer<typeof prefs>;

export const prefsChanged = object(
  { type: literal('prefs'), cursor, conversation: id, prefs },
  "The user's preferences of this conversation, as they are now.",
);
