import type { Conversation } from '../../client/index.ts';
import { useStrings } from '../strings/language.ts';
import type { Strings } from '../strings/strings.ts';
import { useMe } from './context.ts';
import { type People, usePeople } from './people.ts';

/** Names of others a group without a title shows. */
const SHOWN = 4;

export const nameOf = (people: People, { t }: Strings, id: string): string =>
  people.get(id)?.name ?? t('chat.unknownPerson');

/** The other one of a direct conversation. */
export const otherOf = ({ kind, members }: Conversation, me: string): string | undefined =>
  kind === 'direct' ? members?.find((member) => member.user !== me)?.user : undefined;

/** What a conversation is called on this person's screen. */
export function useTitle(conversation: Conversation): string {
  const strings = useStrings();
  const me = useMe();
  const others = (conversation.members ?? []).filter(({ user }) => user !== me.id).map(({ user }) => user);
  const shown = conversation.title === undefined ? others.slice(0, SHOWN) : [];
  const people = usePeople(shown);
  if (conversation.title !== undefined) return conversation.title;
  if (shown.length === 0) return strings.t(conversation.kind === 'direct' ? 'chat.notes' : 'chat.group');
  const names = shown.map((user) => nameOf(people, strings, user)).join(', ');
  const more = conversation.memberCount - 1 - shown.length;
  return more > 0 ? strings.t('chat.more', { names, count: more }) : names;
}
