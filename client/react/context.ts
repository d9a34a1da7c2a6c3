import { createContext, createElement, type ReactNode, useContext, useEffect } from 'react';
import type { Client } from '../types.ts';

const ClientContext = createContext<Client | undefined>(undefined);

/** How many providers hold a client: a page may have several roots. */
const holders = new WeakMap<Client, number>();

function hold(client: Client, by: 1 | -1): number {
  const now = (holders.get(client) ?? 0) + by;
  holders.set(client, now);
  return now;
}

/**
 * Gives `client` to the hooks below it, and connects it while it is mounted: `start()` with the first provider of this
 * client, `close()` with the last. What waits in the outbox outlives that, so StrictMode's second mount loses nothing.
 */
export function ParleyProvider({
  client,
  children,
}: {
  readonly client: Client;
  readonly children?: ReactNode;
}): ReactNode {
  useEffect(() => {
    if (hold(client, 1) === 1) client.start();
    return () => {
      if (hold(client, -1) === 0) client.close();
    };
  }, [client]);
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** The client of the nearest `ParleyProvider`. Throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('Parley hooks work below a <ParleyProvider client={…}>');
  return client;
}
