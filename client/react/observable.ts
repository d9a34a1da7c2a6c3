import { useSyncExternalStore } from 'react';
import type { Observable } from '../observable.ts';

export type Readable<T> = Pick<Observable<T>, 'get' | 'subscribe'>;

const NOTHING: Readable<undefined> = { get: () => undefined, subscribe: () => () => {} };

/** The present value of any observable of the client, and undefined of none. */
export function useObservable<T>(observable: Readable<T>): T;
export function useObservable<T>(observable: Readable<T> | undefined): T | undefined;
export function useObservable<T>(observable: Readable<T> | undefined): T | undefined {
  const { get, subscribe } = observable ?? NOTHING;
  return useSyncExternalStore<T | undefined>(subscribe, get, get);
}
