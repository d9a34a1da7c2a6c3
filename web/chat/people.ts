import { useMemo } from 'react';
import type { Client, User } from '../../client/index.ts';
import { type Observable, useValue } from '../state/value.ts';
import { useClient } from './context.ts';

export type People = ReadonlyMap<string, User>;

/** Profiles by id, as far as they are known; those that aren't are fetched. */
export function usePeople(ids: readonly string[]): People {
  const client = useClient();
  const key = [...new Set(ids)].sort().join(' ');
  return useValue(useMemo(() => peopleOf(client, key === '' ? [] : key.split(' ')), [client, key]));
}

export const useUser = (id: string): User | undefined => useValue(useClient().user(id));

/** Many users as one value, which stays the same object while they do. */
function peopleOf(client: Client, ids: readonly string[]): Observable<People> {
  const users = ids.map((id) => client.user(id));
  let known: readonly (User | undefined)[] | undefined;
  let people: People = new Map();
  return {
    get() {
      const now = users.map((user) => user.get());
      if (known?.every((user, i) => user === now[i])) return people;
      known = now;
      people = new Map(now.flatMap((user) => (user ? [[user.id, user]] : [])));
      return people;
    },
    subscribe(listener) {
      const offs = users.map((user) => user.subscribe(listener));
      return () => {
        for (const off of offs) off();
      };
    },
  };
}
