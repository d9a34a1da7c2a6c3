import {
  type ConversationItem,
  type Delivery,
  deliveryOf,
  keyOf,
  type ParleyError,
  type PendingMessage,
  type TimelineItem,
  type TimelineMessage,
  type TimelineState,
} from '../../../client/index.ts';
import { textOf } from '../../chat/content.ts';
import type { Users } from '../../chat/users.ts';
import type { Strings } from '../../strings/strings.ts';

export interface MessageLine {
  readonly type: 'message';
  readonly key: string;
  readonly text: string;
  readonly at: number | undefined;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** Undefined for what others wrote. */
  readonly delivery: Delivery | 'pending' | undefined;
  /** Who wrote it, where that isn't plain. */
  readonly author: string | undefined;
  /** Follows another of the same author closely. */
  readonly joined: boolean;
}

export interface FailedLine {
  readonly type: 'failed';
  readonly key: string;
  readonly clientId: string;
  readonly text: string;
  readonly error: ParleyError;
}

export type Row =
  | MessageLine
  | FailedLine
  | { readonly type: 'notice'; readonly key: string; readonly text: string };

export interface RowsInput {
  readonly strings: Strings;
  readonly me: string;
  readonly people: Users;
  readonly conversation: ConversationItem;
  readonly timeline: TimelineState;
}

/** Messages of one author within this time are shown as one block. */
const BLOCK_MS = 300_000;

/** Everything the open conversation shows, oldest first. */
export function rowsOf(input: RowsInput): Row[] {
  const { strings, me, timeline } = input;
  const rows: Row[] = [];
  let before: TimelineMessage | undefined;
  let day = '';
  const notice = (key: string, text: string): void => {
    rows.push({ type: 'notice', key, text });
    before = undefined;
  };
  for (const item of timeline.items) {
    const key = keyOf(item, me);
    if (item.type !== 'gap' && item.type !== 'pending' && strings.day(item.at) !== day) {
      day = strings.day(item.at);
      notice(`day ${day}`, day);
    }
    switch (item.type) {
      case 'message':
        rows.push(messageOf(input, key, item, before));
        before = item;
        break;
      case 'pending':
        rows.push(pendingOf(input, key, item, before));
        break;
      case 'gap':
        notice(key, strings.t('chat.gap'));
        break;
      default: {
        const text = happened(input, item);
        if (text !== undefined) notice(key, text);
      }
    }
  }
  return rows;
}

function messageOf(
  { strings, me, people, conversation, timeline }: RowsInput,
  key: string,
  message: TimelineMessage,
  before: TimelineMessage | undefined,
): Row {
  const own = message.from === me;
  const joined = before?.from === message.from && message.at - before.at < BLOCK_MS;
  const named = !own && conversation.kind !== 'direct' && !joined;
  return {
    type: 'message',
    key,
    text: textOf(strings, message.content),
    at: message.at,
    edited: message.editedAt !== undefined,
    deleted: message.deletedAt !== undefined,
    delivery: own ? deliveryOf(message, timeline.reached) : undefined,
    author: named ? nameOf(people, message.from) : undefined,
    joined,
  };
}

function pendingOf(
  { strings, me }: RowsInput,
  key: string,
  { clientId, content, state }: PendingMessage,
  before: TimelineMessage | undefined,
): Row {
  const text = textOf(strings, content);
  if (state.name === 'failed') return { type: 'failed', key, clientId, text, error: state.error };
  return {
    type: 'message',
    key,
    text,
    at: undefined,
    edited: false,
    deleted: false,
    delivery: 'pending',
    author: undefined,
    joined: before?.from === me,
  };
}

/** Entries that are worth a line of their own. */
function happened(
  { strings, me, people }: RowsInput,
  entry: Extract<TimelineItem, { type: 'member' | 'conversation' }>,
): string | undefined {
  const { t } = strings;
  const name = nameOf(people, entry.by);
  if (entry.type === 'conversation') {
    const { title } = entry;
    if (title === undefined) return undefined;
    return entry.by === me ? t('event.titleByMe', { title }) : t('event.title', { name, title });
  }
  const whom = nameOf(people, entry.user);
  switch (entry.change) {
    case 'added':
      if (entry.by === me) return t('event.addedByMe', { whom });
      return entry.user === me ? t('event.addedMe', { name }) : t('event.added', { name, whom });
    case 'removed':
      if (entry.by === me) return t('event.removedByMe', { whom });
      return entry.user === me ? t('event.removedMe', { name }) : t('event.removed', { name, whom });
    case 'left':
      return entry.user === me ? t('event.leftMe') : t('event.left', { name: whom });
    case 'role':
      return t('event.role', { whom, role: t(`role.${entry.role ?? 'member'}`) });
  }
}

const nameOf = (people: Users, id: string): string => people.get(id)?.name ?? '…';

/** Everybody the rows name. */
export function peopleIn(timeline: TimelineState): string[] {
  const ids = timeline.items.flatMap((item) => {
    if (item.type === 'message') return [item.from];
    if (item.type === 'member') return [item.by, item.user];
    return item.type === 'conversation' ? [item.by] : [];
  });
  return [...new Set(ids)];
}
