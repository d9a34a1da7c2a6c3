import type { Client } from './types.ts';

/** Tells the client what a browser knows of its network and its page. Elsewhere nothing. */
export function browserEvents(client: Pick<Client, 'network' | 'wake'>): () => void {
  const { document, navigator } = globalThis;
  if (!document) return () => {};
  const network = (): void => client.network(navigator.onLine);
  const shown = (): void => {
    if (document.visibilityState === 'visible') client.wake();
  };
  const events: [EventTarget, string, () => void][] = [
    [globalThis, 'online', network],
    [globalThis, 'offline', network],
    [globalThis, 'pageshow', shown],
    [document, 'visibilitychange', shown],
    [document, 'resume', shown],
  ];
  if (navigator.onLine === false) network();
  const listening = new AbortController();
  for (const [target, name, handler] of events) target.addEventListener(name, handler, listening);
  return () => listening.abort();
}
