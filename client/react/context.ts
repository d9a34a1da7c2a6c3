import { createContext, createElement, type ReactNode, useContext, useEffect } from 'react';
import type { Client } from '../types.ts';

const ClientContext = createContext<Client | undefined>(undefined);

/**
 * Gives `client` to the hooks below it, and connects it while it is mounted: `start()` with the first render, `close()`
 * with the last. What waits in the outbox outlives that, so StrictMode's second mount loses nothing.
 */
export function ParleyProvider({
  client,
  children,
}: {
  readonly client: Client;
  readonly children?: ReactNode;
}): ReactNode {
  useEffect(() => {
    client.start();
    return () => client.close();
  }, [client]);
  return createElement(ClientContext.Provider, { value: client }, children);
}

/** The client of the nearest `ParleyProvider`. Throws where there is none. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error('Parley hooks work below a <ParleyProvider client={…}>');
  return client;
}
