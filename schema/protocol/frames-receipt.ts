import { integer, literal, object, optional } from './check.ts';
import { id, position, seq } from './ids.ts';

/** This device has everything up to `seq`. */
export const received = object(
  { type: literal('received'), conversation: id, seq },
  'This device has everything up to `seq`.',
);
/** Shown to the user up to `seq`; implies `received`. */
export const read = object(
  { type: literal('read'), conversation: id, seq },
  'Shown to the user up to `seq`; implies `received`.',
);

/**
 * High-water marks. In a direct conversation those of `user`; in a group `delivered` and `read` are the marks that
 * every other member has reached, and the counts say how many members have the receiver's own message `seq`.
 */
export const receipt = object(
  {
    type: literal('receipt'),
    conversation: id,
    user: optional(id),
    delivered: position,
    read: position,
    seq: optional(seq),
    deliveredCount: optional(integer(0)),
    readCount: optional(integer(0)),
  },
  'High-water marks of others: of `user` in a direct conversation, of all others together in a group.',
);
