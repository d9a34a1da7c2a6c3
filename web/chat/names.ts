import type { Conversation } from '../../client/index.ts';
import { useUsers } from '../../client/react/index.ts';
import { useStrings } from '../strings/language.ts';
import { useMe } from './context.ts';

/** Names of people, in the order asked for. Who isn't known yet is asked for, and a mark stands in their place. */
export function useNames(ids: readonly string[]): readonly string[] {
  const { t } = useStrings();
  const users = useUsers(ids);
  return ids.map((id) => users.get(id)?.name ?? t('chat.unknownPerson'));
}

export const useName = (id: string): string => useNames([id])[0] ?? '';

/** Names of others a group without a title shows. */
const SHOWN = 4;

/** What a conversation is called on this person's screen. */
export function useTitle(conversation: Conversation | undefined): string {
  const { t, names: commas } = useStrings();
  const me = useMe();
  const others = (conversation?.members ?? []).filter((member) => member.user !== me.id);
  const named = conversation?.title === undefined ? others.slice(0, SHOWN) : [];
  const names = useNames(named.map((member) => member.user));
  if (!conversation) return '';
  if (conversation.title !== undefined) return conversation.title;
  if (others.length === 0) return t(conversation.kind === 'direct' ? 'chat.notes' : 'chat.group');
  const more = conversation.memberCount - 1 - names.length;
  return more > 0 ? t('chat.more', { names: commas(names), count: more }) : commas(names);
}

/** The other one of a direct conversation. */
export const otherOf = (me: string, { kind, members }: Conversation): string | undefined =>
  kind === 'direct' ? members?.find((member) => member.user !== me)?.user : undefined;
