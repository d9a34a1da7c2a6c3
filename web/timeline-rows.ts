import type { Conversation, TimelineEntry, TimelineMessage } from '../client/index.ts';
import type { Chat } from './chat.ts';
import { textOf } from './content.ts';
import { el } from './dom.ts';
import { failedRow, messageRow, type ShownMessage } from './message-view.ts';
import { dayOf } from './words.ts';

/** A row to be: rows with the same key and the same print stay as they are on the screen. */
export interface Row {
  readonly key: string;
  readonly print: string;
  readonly make: () => HTMLElement;
}

/** Messages of one author within this time are shown as one block. */
const BLOCK_MS = 300_000;

/** Everything the open conversation shows, oldest first. `rewrite` puts a text back into the field to write in. */
export function rowsOf(chat: Chat, conversation: Conversation, rewrite: (text: string) => void): Row[] {
  const { id } = conversation;
  const timeline = chat.client.timeline(id);
  const gaps = new Set(timeline.gaps.map((gap) => gap.to + 1));
  const rows: Row[] = [];
  let before: TimelineMessage | undefined;
  let day = '';
  for (const entry of timeline.entries) {
    if (gaps.has(entry.seq))
      rows.push(notice(`gap ${entry.seq}`, 'Some messages are not loaded. Scroll up to load them.'));
    if ('at' in entry && dayOf(entry.at) !== day) {
      day = dayOf(entry.at);
      rows.push(notice(`day ${day}`, day));
      before = undefined;
    }
    if (entry.type === 'message') {
      rows.push(messageOf(chat, conversation, entry, before));
      before = entry;
    } else {
      const text = happened(chat, entry);
      if (text === undefined) continue;
      rows.push(notice(`entry ${entry.seq}`, text));
      before = undefined;
    }
  }
  for (const pending of chat.client.pending(id)) rows.push(pendingOf(chat, pending, before));
  for (const failed of chat.failed(id)) {
    const discard = (): unknown => chat.dismiss(id, failed.clientId);
    const again = (): void => {
      const content = chat.dismiss(id, failed.clientId);
      if (content) chat.client.send(id, content);
    };
    const edit = (): void => {
      const content = chat.dismiss(id, failed.clientId);
      if (content) rewrite(textOf(content));
    };
    const make = (): HTMLElement => failedRow(failed, { again, edit, discard });
    rows.push({ key: `failed ${failed.clientId}`, print: '', make });
  }
  return rows;
}

function shown(message: ShownMessage): Row {
  return { key: message.key, print: JSON.stringify(message), make: () => messageRow(message) };
}

function messageOf(
  chat: Chat,
  { id, kind }: Conversation,
  message: TimelineMessage,
  before: TimelineMessage | undefined,
): Row {
  const own = message.from === chat.me.id;
  const joined = before?.from === message.from && message.at - before.at < BLOCK_MS;
  return shown({
    // The same for a message under way and stored, so that its row stays.
    key: `${message.from} ${message.clientId}`,
    content: message.content,
    at: message.at,
    edited: message.editedAt !== undefined,
    deleted: message.deletedAt !== undefined,
    delivery: own ? chat.client.delivery(id, message.seq) : undefined,
    author: own || kind === 'direct' || joined ? undefined : chat.people.name(message.from),
    joined,
  });
}

function pendingOf(
  chat: Chat,
  { clientId, content }: { readonly clientId: string; readonly content: TimelineMessage['content'] },
  before: TimelineMessage | undefined,
): Row {
  return shown({
    key: `${chat.me.id} ${clientId}`,
    content,
    at: undefined,
    edited: false,
    deleted: false,
    delivery: 'pending',
    author: undefined,
    joined: before?.from === chat.me.id,
  });
}

const notice = (key: string, text: string): Row => ({
  key,
  print: text,
  make: () => el('li', { class: 'notice', attrs: { 'data-key': key } }, el('span', {}, text)),
});

/** Entries that are worth a line of their own. */
function happened(chat: Chat, entry: Exclude<TimelineEntry, TimelineMessage>): string | undefined {
  const name = (user: string): string => (user === chat.me.id ? 'You' : chat.people.name(user));
  if (entry.type === 'conversation')
    return entry.title === undefined ? undefined : `${name(entry.by)} changed the title to “${entry.title}”`;
  if (entry.type !== 'member') return undefined;
  const whom = entry.user === chat.me.id ? 'you' : chat.people.name(entry.user);
  switch (entry.change) {
    case 'added':
      return `${name(entry.by)} added ${whom}`;
    case 'removed':
      return `${name(entry.by)} removed ${whom}`;
    case 'left':
      return `${name(entry.user)} left`;
    case 'role':
      return `${name(entry.by)} made ${whom} ${entry.role ?? 'member'}`;
  }
}
