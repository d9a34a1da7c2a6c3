import type { Clock } from './clock.ts';
import type { TokenSource } from './types.ts';

/** The part of a WebSocket that is used; the platform's and that of the package `ws` have it. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** The page woke up or the network changed: the next ping may only be answered by the service itself. */
  doubt?(): void;
  addEventListener?(type: 'open', listener: () => void): void;
}

/** What happens to one socket. `closed` comes once, last, and whatever the reason. */
export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  closed(close: { readonly code: number; readonly reason: string }): void;
}

/** What a transport may use of the client that calls it. */
export interface TransportTools {
  /** For what outlives the first token. */
  readonly getToken: TokenSource;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Begins a connection to `url` (ws: or wss:) with this access token. May throw. Where it promises a socket, that one
 * says `onopen` after it was handed over.
 */
export type Transport = (
  url: string,
  token: string,
  tools: TransportTools,
) => SocketLike | Promise<SocketLike>;

type SocketClass = new (url: string, protocols: string[]) => SocketLike;

/**
 * A transport over any class with the browser's constructor; the token travels as a sub-protocol, since browsers can
 * set no header. In Node: `webSocketTransport(WebSocket)` with the class of the package `ws`. Whoever opens thousands
 * passes a subclass that turns `perMessageDeflate` off: compressing small frames is most of what a client costs.
 */
export function webSocketTransport(Socket?: SocketClass): (url: string, token: string) => SocketLike {
  return (url, token) => {
    const Class = Socket ?? (globalThis.WebSocket as unknown as SocketClass | undefined);
    if (!Class) throw new Error('No WebSocket: pass one to webSocketTransport');
    return new Class(url, ['parley.v1', `parley.bearer.${token}`]);
  };
}

/** Wires a socket up; after `closed` nothing comes any more, whatever the socket still does. */
export function attach(socket: SocketLike, events: SocketEvents): void {
  let over = false;
  socket.onopen = () => {
    if (!over) events.opened();
  };
  socket.onmessage = (event: { readonly data: unknown }) => {
    if (!over && typeof event.data === 'string') events.text(event.data);
  };
  socket.onclose = (event: { readonly code?: number; readonly reason?: string }) => {
    if (over) return;
    over = true;
    events.closed({ code: event.code ?? 1006, reason: event.reason ?? '' });
  };
  // An error is always followed by a close, and says no more than it.
  socket.onerror = () => {};
}

/** Closes it from here. */
export function shut(socket: SocketLike | undefined): void {
  try {
    socket?.close(1000);
  } catch {
    // It was never open.
  }
}

/** `https://host/base` → `wss://host/base/v1/ws`. */
export const socketUrl = (origin: string): string =>
  `${origin.replace(/^http/, 'ws').replace(/\/+$/, '')}/v1/ws`;
