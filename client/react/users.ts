import { useMemo } from 'react';
import type { Client, User } from '../types.ts';
import { useClient } from './context.ts';
import { type Readable, useObservable } from './observable.ts';

/** Undefined: not known yet, or no `id` was given. Many users asked for at once are one request. */
export function useUser(id: string | undefined): User | undefined {
  const client = useClient();
  return useObservable(id === undefined ? undefined : client.user(id));
}

/** Those of these users that are known, by id; the same map until one of them changes. */
export function useUsers(ids: readonly string[]): ReadonlyMap<string, User> {
  const client = useClient();
  const key = [...new Set(ids)].sort().join(' ');
  return useObservable(useMemo(() => usersOf(client, key), [client, key]));
}

function usersOf(client: Client, key: string): Readable<ReadonlyMap<string, User>> {
  const all = key === '' ? [] : key.split(' ').map((id) => client.user(id));
  let known: readonly (User | undefined)[] = [];
  let users: ReadonlyMap<string, User> = new Map();
  return {
    get() {
      const now = all.map((user) => user.get());
      if (now.some((user, i) => user !== known[i])) {
        known = now;
        users = new Map(now.flatMap((user) => (user ? [[user.id, user] as const] : [])));
      }
      return users;
    },
    subscribe(changed) {
      const offs = all.map((user) => user.subscribe(changed));
      return () => {
        for (const off of offs) off();
      };
    },
  };
}
