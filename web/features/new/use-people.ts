import { useEffect, useState } from 'react';
import type { ConversationItem, User } from '../../../client/index.ts';
import { useClient, useConversations, useUsers } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { handleIn, ranked, wordsOf } from '../list/find.ts';

/** Members of a large group are not all people one knows. */
const KNOWN_OF_GROUP = 50;
/** A pause in typing, in ms. */
const PAUSE_MS = 250;

/** Whom one shares a conversation with, whoever wrote last first. */
export function useKnownPeople(): readonly User[] {
  const me = useMe();
  const ids = knownIn(useConversations().items, me.id);
  const users = useUsers(ids);
  return ids.flatMap((id) => users.get(id) ?? []);
}

function knownIn(items: readonly ConversationItem[], me: string): string[] {
  const direct = items.filter(({ kind }) => kind === 'direct');
  const groups = items.filter(({ kind }) => kind !== 'direct');
  const ids = [...direct, ...groups].flatMap(({ members }) =>
    (members ?? []).slice(0, KNOWN_OF_GROUP).map(({ user }) => user),
  );
  return [...new Set(ids)].filter((id) => id !== me);
}

export const peopleThatFit = (people: readonly User[], query: string): User[] =>
  ranked(people, wordsOf(query), ({ name, handle }) => ({ title: name, names: [name], handles: [handle] }));

/** Who has exactly the handle that was written, once there is a pause in writing. */
export type LookUp =
  | { readonly name: 'none' }
  | { readonly name: 'looking' }
  | { readonly name: 'found'; readonly user: User }
  | { readonly name: 'nobody'; readonly handle: string }
  | { readonly name: 'failed'; readonly error: unknown };

export function useLookUp(query: string, known: readonly User[]): LookUp {
  const client = useClient();
  const me = useMe();
  const handle = handleIn(query);
  const here = handle === me.handle ? me : known.find((user) => user.handle === handle);
  const [answer, setAnswer] = useState<{ readonly handle: string; readonly result: LookUp }>();
  const ask = here ? undefined : handle;

  useEffect(() => {
    if (ask === undefined) return undefined;
    let wanted = true;
    const show = (result: LookUp): void => {
      if (wanted) setAnswer({ handle: ask, result });
    };
    const timer = setTimeout(() => {
      client.findUser(ask).then(
        (user) => show(user ? { name: 'found', user } : { name: 'nobody', handle: ask }),
        (error: unknown) => show({ name: 'failed', error }),
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [client, ask]);

  if (handle === undefined) return { name: 'none' };
  if (here) return { name: 'found', user: here };
  return answer?.handle === handle ? answer.result : { name: 'looking' };
}
