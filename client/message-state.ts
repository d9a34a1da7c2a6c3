import type { Content } from '../schema/protocol/content.ts';
import type { Entry, Message } from '../schema/protocol/frames-log.ts';
import type { UpOf } from '../schema/protocol/up.ts';

/** An entry that changes a message. */
export type Change = Extract<Entry, { type: 'edit' | 'delete' | 'react' }>;

/** `ordinal` is missing on a message of this device until it comes with a page of history: no `ack` tells it. */
export type TimelineMessage = Omit<Message, 'ordinal' | 'cursor'> & { readonly ordinal?: number };

const DELETED: Content = { kind: 'deleted' };

export function isChange(entry: { readonly type: string }): entry is Change {
  return entry.type === 'edit' || entry.type === 'delete' || entry.type === 'react';
}

/**
 * The message after a change. Doing it twice, or to a message that came in its present state already, changes nothing
 * as long as all later changes follow too.
 */
export function changed(message: TimelineMessage, change: Change): TimelineMessage {
  if (message.deletedAt !== undefined) {
    const earlier = change.type === 'delete' && change.at < message.deletedAt;
    return earlier ? { ...message, deletedAt: change.at } : message;
  }
  switch (change.type) {
    case 'edit':
      return { ...message, content: change.content, editedAt: change.at };
    case 'delete': {
      const { reactions: _, editedAt: __, ...rest } = message;
      return { ...rest, content: DELETED, deletedAt: change.at };
    }
    case 'react':
      return { ...message, reactions: reacted(message.reactions ?? {}, change) };
  }
}

function reacted(
  reactions: Record<string, string[]>,
  { emoji, by, on }: Extract<Change, { type: 'react' }>,
): Record<string, string[]> {
  const others = (reactions[emoji] ?? []).filter((user) => user !== by);
  const { [emoji]: _, ...rest } = reactions;
  const users = on ? [...others, by] : others;
  return users.length > 0 ? { ...reactions, [emoji]: users } : rest;
}

/** What an own change looks like in the log, as entry `seq`. */
export function changeOf(
  op: UpOf<'edit'> | UpOf<'delete'> | UpOf<'react'>,
  seq: number,
  at: number,
  by: string,
): Change {
  const { clientId: _, seq: target, ...rest } = op;
  return { ...rest, seq, at, by, target } as Change;
}
