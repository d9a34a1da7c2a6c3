import type { Conversation } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';
import type { Chat } from './chat.ts';

export const nameOf = (chat: Chat, { t }: Strings, id: string): string =>
  chat.people.get(id)?.name ?? t('chat.unknownPerson');

/** Names of others a group without a title shows. */
const SHOWN = 4;

/** What a conversation is called on this person's screen. */
export function titleOf(chat: Chat, strings: Strings, conversation: Conversation): string {
  const { t } = strings;
  if (conversation.title !== undefined) return conversation.title;
  const others = (conversation.members ?? []).filter((member) => member.user !== chat.me.id);
  if (others.length === 0) return t(conversation.kind === 'direct' ? 'chat.notes' : 'chat.group');
  const names = others.slice(0, SHOWN).map((member) => nameOf(chat, strings, member.user));
  const more = conversation.memberCount - 1 - names.length;
  return more > 0 ? t('chat.more', { names: names.join(', '), count: more }) : names.join(', ');
}

/** The other one of a direct conversation. */
export const otherOf = (chat: Chat, { kind, members }: Conversation): string | undefined =>
  kind === 'direct' ? members?.find((member) => member.user !== chat.me.id)?.user : undefined;
