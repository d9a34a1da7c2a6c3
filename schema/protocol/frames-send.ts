import { bool, described, literal, object, optional } from './check.ts';
import { content } from './content.ts';
import { emoji, id, seq, time } from './ids.ts';

const previousSend = "`clientId` of this device's previous send in the conversation; their order is kept.";

/** `after`: this device's previous send in that conversation; the service keeps that order (P5). */
export const send = object(
  {
    type: literal('send'),
    clientId: id,
    conversation: id,
    content,
    replyTo: optional(seq),
    after: optional(described(id, previousSend)),
  },
  'A message. Repeat it with the same `clientId` until there is an answer: it becomes one message.',
);
export const edit = object(
  { type: literal('edit'), clientId: id, conversation: id, seq, content },
  'New content for the own message `seq`.',
);
export const remove = object(
  { type: literal('delete'), clientId: id, conversation: id, seq },
  'Deletes the message `seq` for everyone.',
);
export const react = object(
  {
    type: literal('react'),
    clientId: id,
    conversation: id,
    seq,
    emoji,
    on: bool,
  },
  'Puts a reaction to the message `seq`, or takes it back.',
);

/** From here the entry is durable (P1). */
export const ack = object(
  {
    type: literal('ack'),
    clientId: id,
    conversation: id,
    seq,
    at: time,
    state: literal('sent'),
    duplicate: optional(bool),
  },
  'The entry is durable and has this number.',
);
