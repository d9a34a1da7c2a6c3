import type { Content } from '../../schema/protocol/content.ts';
import type { Entry, Message, Role } from '../../schema/protocol/frames-log.ts';

/** What somebody wants written. */
export type Op =
  | {
      readonly type: 'message';
      readonly clientId: string;
      readonly content: Content;
      readonly replyTo?: number | undefined;
      readonly after?: string | undefined;
    }
  | { readonly type: 'edit'; readonly clientId: string; readonly target: number; readonly content: Content }
  | { readonly type: 'delete'; readonly clientId: string; readonly target: number }
  | {
      readonly type: 'react';
      readonly clientId: string;
      readonly target: number;
      readonly emoji: string;
      readonly on: boolean;
    };

/** What the service writes by itself. */
export type Note =
  | {
      readonly type: 'member';
      readonly user: string;
      readonly change: 'added' | 'removed' | 'left' | 'role';
      readonly role?: Role;
    }
  | { readonly type: 'conversation'; readonly title: string };

/** One entry as it is kept; what a member sees of it is `entryFor`. */
export interface Stored {
  readonly seq: number;
  /** Messages up to here. */
  readonly ordinal: number;
  readonly by: string;
  readonly at: number;
  readonly body: Op | Note;
  /** The member who may not see it. */
  readonly hiddenFrom: string | undefined;
  /** Of a message: the edits, deletions and reactions about it, in order. */
  readonly changes: Stored[];
}

const DELETED: Content = { kind: 'deleted' };

/** JSON with sorted keys, without what names the request and its order: two requests that say the same are equal. */
export function canonical(op: Op | Note): string {
  const { clientId: _, after: __, ...said } = { clientId: '', after: '', ...op };
  return JSON.stringify(sorted(said));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, field]) => [key, sorted(field)]));
}

/** The entry as `viewer` may see it; without a viewer as most do. */
export function entryFor(
  conversation: string,
  entry: Stored,
  target: Stored | undefined,
  viewer?: string,
): Entry {
  const { seq, at, by, body } = entry;
  if (viewer !== undefined && entry.hiddenFrom === viewer) return { type: 'withheld', conversation, seq };
  const head = { conversation, seq, at, by };
  switch (body.type) {
    case 'message':
      return messageFor(conversation, entry, viewer);
    case 'edit': {
      // The text of an edit is the message's present one: a later deletion takes it out of the edits too.
      const shown = target && messageFor(conversation, target, viewer);
      return { type: 'edit', ...head, target: body.target, content: shown?.content ?? DELETED };
    }
    case 'delete':
      return { type: 'delete', ...head, target: body.target };
    case 'react':
      return { type: 'react', ...head, target: body.target, emoji: body.emoji, on: body.on };
    case 'member':
      return { ...head, ...body };
    case 'conversation':
      return { ...head, ...body };
  }
}

/** A message in its present state: what it said first, and the changes the viewer may see. */
export function messageFor(conversation: string, entry: Stored, viewer?: string): Message {
  const { seq, ordinal, by, at, body } = entry;
  if (body.type !== 'message') throw new Error(`entry ${seq} is no message`);
  const { clientId, content, replyTo } = body;
  const changes = entry.changes.filter(({ hiddenFrom }) => viewer === undefined || hiddenFrom !== viewer);
  return {
    type: 'message',
    conversation,
    seq,
    ordinal,
    from: by,
    at,
    clientId,
    content,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...presentState(changes),
  };
}

function presentState(
  changes: readonly Stored[],
): Partial<Pick<Message, 'content' | 'editedAt' | 'deletedAt' | 'reactions'>> {
  const deletion = changes.find(({ body }) => body.type === 'delete');
  if (deletion) return { content: DELETED, deletedAt: deletion.at };
  const reactions = new Map<string, Set<string>>();
  let edit: { content: Content; editedAt: number } | undefined;
  for (const { body, by, at } of changes) {
    if (body.type === 'edit') edit = { content: body.content, editedAt: at };
    if (body.type === 'react') {
      const users = reactions.get(body.emoji) ?? new Set();
      if (body.on) users.add(by);
      else users.delete(by);
      if (users.size > 0) reactions.set(body.emoji, users);
      else reactions.delete(body.emoji);
    }
  }
  const shown = Object.fromEntries([...reactions].map(([emoji, users]) => [emoji, [...users]]));
  // As in the service, a message whose last reaction was taken back has an empty map.
  const touched = changes.some(({ body }) => body.type === 'react');
  return { ...edit, ...(touched ? { reactions: shown } : {}) };
}
