import { useMemo } from 'react';
import type { Client, User } from '../../client/index.ts';
import { useClient } from '../../client/react/index.ts';
import { type Observable, useValue } from '../state/value.ts';

export type Users = ReadonlyMap<string, User>;

/** Profiles by id, as far as they are known. Those that aren't are fetched. The same object while nothing changes. */
export function useUsers(ids: readonly string[]): Users {
  const client = useClient();
  const key = [...new Set(ids)].sort().join(' ');
  return useValue(useMemo(() => usersOf(client, key === '' ? [] : key.split(' ')), [client, key]));
}

function usersOf(client: Client, ids: readonly string[]): Observable<Users> {
  const live = ids.map((id) => client.user(id));
  let known: readonly (User | undefined)[] | undefined;
  let users: Users = new Map();
  return {
    get() {
      const now = live.map((user) => user.get());
      if (known?.every((user, i) => user === now[i])) return users;
      known = now;
      users = new Map(now.flatMap((user) => (user ? [[user.id, user] as const] : [])));
      return users;
    },
    subscribe(listener) {
      const offs = live.map((user) => user.subscribe(listener));
      return () => {
        for (const off of offs) off();
      };
    },
  };
}
