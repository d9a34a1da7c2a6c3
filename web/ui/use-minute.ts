import { useSyncExternalStore } from 'react';

const MINUTE_MS = 60_000;

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, MINUTE_MS / 4);
  return () => clearInterval(timer);
}

const minute = (): number => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;

/** The time to the minute, for what changes that slowly, such as “yesterday”. */
export const useMinute = (): number => useSyncExternalStore(subscribe, minute);
