import { useSyncExternalStore } from 'react';

/** Something that changes and can be watched; fits `useSyncExternalStore`. */
export interface Observable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

export interface Value<T> extends Observable<T> {
  readonly set: (next: T) => void;
}

/** A value that tells its listeners when it became another one. */
export function createValue<T>(initial: T): Value<T> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set(next) {
      if (Object.is(next, current)) return;
      current = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useValue = <T>({ get, subscribe }: Observable<T>): T => useSyncExternalStore(subscribe, get);
