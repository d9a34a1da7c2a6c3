import type { Conversation, Delivery, TimelineEntry, TimelineMessage } from '../../../client/index.ts';
import type { Chat, FailedMessage } from '../../chat/chat.ts';
import { textOf } from '../../chat/content.ts';
import { nameOf } from '../../chat/names.ts';
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
  readonly message: FailedMessage;
}

export type Row =
  | MessageLine
  | FailedLine
  | { readonly type: 'notice'; readonly key: string; readonly text: string };

/** Messages of one author within this time are shown as one block. */
const BLOCK_MS = 300_000;

/** Everything the open conversation shows, oldest first. */
export function rowsOf(chat: Chat, strings: Strings, conversation: Conversation): Row[] {
  const { id } = conversation;
  const timeline = chat.client.timeline(id);
  const gaps = new Set(timeline.gaps.map((gap) => gap.to + 1));
  const rows: Row[] = [];
  const notice = (key: string, text: string): void => {
    rows.push({ type: 'notice', key, text });
    before = undefined;
  };
  let before: TimelineMessage | undefined;
  let day = '';
  for (const entry of timeline.entries) {
    if (gaps.has(entry.seq)) notice(`gap ${entry.seq}`, strings.t('chat.gap'));
    if ('at' in entry && strings.day(entry.at) !== day) {
      day = strings.day(entry.at);
      notice(`day ${day}`, day);
    }
    if (entry.type === 'message') {
      rows.push(messageOf(chat, strings, conversation, entry, before));
      before = entry;
    } else {
      const text = happened(chat, strings, entry);
      if (text !== undefined) notice(`entry ${entry.seq}`, text);
    }
  }
  for (const pending of chat.client.pending(id)) {
    rows.push({
      type: 'message',
      key: `${chat.me.id} ${pending.clientId}`,
      text: textOf(strings, pending.content),
      at: undefined,
      edited: false,
      deleted: false,
      delivery: 'pending',
      author: undefined,
      joined: before?.from === chat.me.id,
    });
  }
  for (const message of chat.failed(id))
    rows.push({ type: 'failed', key: `failed ${message.clientId}`, message });
  return rows;
}

function messageOf(
  chat: Chat,
  strings: Strings,
  { id, kind }: Conversation,
  message: TimelineMessage,
  before: TimelineMessage | undefined,
): Row {
  const own = message.from === chat.me.id;
  const joined = before?.from === message.from && message.at - before.at < BLOCK_MS;
  return {
    type: 'message',
    // The same for a message under way and stored, so that its row stays.
    key: `${message.from} ${message.clientId}`,
    text: textOf(strings, message.content),
    at: message.at,
    edited: message.editedAt !== undefined,
    deleted: message.deletedAt !== undefined,
    delivery: own ? chat.client.delivery(id, message.seq) : undefined,
    author: own || kind === 'direct' || joined ? undefined : nameOf(chat, strings, message.from),
    joined,
  };
}

/** Entries that are worth a line of their own. */
function happened(
  chat: Chat,
  strings: Strings,
  entry: Exclude<TimelineEntry, TimelineMessage>,
): string | undefined {
  const { t } = strings;
  const me = chat.me.id;
  if (entry.type === 'conversation') {
    if (entry.title === undefined) return undefined;
    return entry.by === me
      ? t('event.titleByMe', { title: entry.title })
      : t('event.title', { name: nameOf(chat, strings, entry.by), title: entry.title });
  }
  if (entry.type !== 'member') return undefined;
  const name = nameOf(chat, strings, entry.by);
  const whom = nameOf(chat, strings, entry.user);
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
