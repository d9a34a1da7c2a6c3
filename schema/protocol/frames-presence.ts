import { bool, literal, object, optional } from './check.ts';
import { id, position, time } from './ids.ts';

export const typing = object(
  { type: literal('typing'), conversation: id, on: bool },
  'The user types, or has stopped.',
);
export const typingOf = object(
  { type: literal('typing'), conversation: id, user: id, on: bool },
  'Another member types, or has stopped.',
);
export const presence = object(
  {
    type: literal('presence'),
    user: id,
    online: bool,
    lastSeen: optional(time),
  },
  'Whether a watched user is there.',
);
export const hint = object(
  { type: literal('hint'), conversation: id, head: position },
  'A channel has news; read them over HTTP or `pull`.',
);
