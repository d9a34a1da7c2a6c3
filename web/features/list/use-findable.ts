import { useCallback } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { useUsers } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import type { Findable } from './find.ts';

/** Members whose names lead to a conversation: what the list itself tells of a group. */
const LOOKED_AT = 100;
const NOBODY: readonly string[] = [];

/** What each conversation is found by. Until somebody looks for something no names are fetched for it. */
export function useFindable(
  items: readonly ConversationItem[],
  looking: boolean,
): (item: ConversationItem) => Findable {
  const { t } = useStrings();
  const me = useMe();
  const users = useUsers(looking ? items.flatMap((item) => othersIn(item, me.id)) : NOBODY);
  return useCallback(
    (item) => {
      const ids = othersIn(item, me.id);
      const people = ids.map((id) => users.get(id)).filter((user) => user !== undefined);
      const names = people.map(({ name }) => name);
      const notes = item.kind === 'direct' && ids.length === 0 ? t('chat.notes') : undefined;
      return {
        title: item.title ?? notes ?? names.join(' '),
        names,
        handles: people.map(({ handle }) => handle),
      };
    },
    [users, me.id, t],
  );
}

const othersIn = ({ members }: ConversationItem, me: string): string[] =>
  (members ?? [])
    .slice(0, LOOKED_AT)
    .map(({ user }) => user)
    .filter((user) => user !== me);
