import type { Down, DownOf } from '../schema/protocol/down.ts';
import type { Up, UpOf } from '../schema/protocol/up.ts';
import type { Asking } from './asking.ts';
import type { ParleyError } from './errors.ts';
import type { Op } from './outbox.ts';
import type { Parts } from './parts.ts';
import type { Store } from './store.ts';
import type { Tabs } from './tabs.ts';
import type { Transport } from './transport.ts';
import type {
  Acked,
  Clock,
  ConnectionState,
  Draft,
  Marks,
  TimelineEntry,
  TokenSource,
  User,
} from './types.ts';

export interface EngineOptions {
  /** Origin of the service, such as `https://chat.example`. */
  readonly url: string;
  readonly getToken: TokenSource;
  /** Default: the platform's WebSocket with sub-protocols. */
  readonly transport?: Transport;
  /** Default: the platform's fetch. */
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
  /** A number in [0, 1); for jitter and ids. Default: `Math.random`. */
  readonly random?: () => number;
  /** Default: random UUIDs. */
  readonly newId?: () => string;
  /** Messages per conversation a resume may bring, 1 to 500. Default 100. */
  readonly limit?: number;
  /** See `ClientOptions`. */
  readonly page?: number;
  /** Sends that may wait for their `ack` at once. Default 32. */
  readonly window?: number;
  /** How long confirmations are gathered, in ms. Default 20; 0 sends each at once. */
  readonly gather?: number;
  /** Entries of a conversation kept in memory; older ones can be loaded again. Default 5000. */
  readonly keep?: number;
  /** See `ClientOptions`. */
  readonly user?: string | undefined;
  readonly store?: Store | 'memory' | undefined;
  readonly tabs?: Tabs | 'none' | undefined;
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** A change before it has a name. */
export type Said = Without<Op, 'clientId'>;

export interface Sent {
  readonly clientId: string;
  /** See `Send` of the public types. */
  readonly acked: Promise<Acked>;
}

export interface EngineEvents {
  readonly state: ConnectionState;
  /** One new entry, in order of `seq`; `own`: of this user; `here`: said on this very device. */
  readonly entry: {
    readonly conversation: string;
    readonly entry: TimelineEntry;
    readonly own: boolean;
    readonly here: boolean;
  };
  /** Something in `timeline(conversation)` or `pending(conversation)` changed; once per frame. */
  readonly timeline: { readonly conversation: string };
  readonly acked: { readonly conversation: string; readonly clientId: string } & Acked;
  readonly failed: {
    readonly conversation: string;
    readonly clientId: string;
    readonly error: ParleyError;
    readonly op: Op;
  };
  /** Something came of a conversation that isn't listed yet; `loadConversation` tells what it is. */
  readonly unlisted: { readonly conversation: string };
  /** How much of a conversation is unread is a guess; in a moment `loadConversation` can tell. */
  readonly uncounted: { readonly conversation: string };
  /** Marks of others moved. */
  readonly receipt: { readonly conversation: string; readonly marks: Marks };
  /** The list of conversations, their last lines or unread counts changed. */
  readonly conversations: undefined;
  readonly typing: DownOf<'typing'>;
  readonly presence: DownOf<'presence'>;
  readonly hint: DownOf<'hint'>;
  /** An error no call of yours is waiting for. */
  readonly error: ParleyError;
  /** Every frame as it came, before it is applied; for measuring. */
  readonly frame: Down;
  /** What was kept here is in memory, or can't be had. */
  readonly loaded: undefined;
  /** Everything was forgotten. */
  readonly forgotten: undefined;
  /** These are known now. */
  readonly users: readonly User[];
  /** A conversation is no longer as it was: its summary, or what waits in it. */
  readonly conversation: { readonly conversation: string };
  readonly draft: { readonly conversation: string };
}

/** What a client does, as the handles use it; what it has is in `parts`. */
export interface Engine {
  readonly parts: Parts;
  start(): void;
  /** Ends the connection; what is not acknowledged rejects with `closed`. `start()` begins again. */
  close(): void;
  /** Closes, and forgets everything. */
  clear(): Promise<void>;
  wake(): void;
  /** What the platform knows: `false` when the network went, `true` to try at once. */
  network(online: boolean): void;

  /** Queues a change. It is sent when there is a connection, and again until there is an answer, as one. */
  say(said: Said, clientId: string): Sent;
  retry(clientId: string): void;
  /** Takes back what was never sent, or failed. False: too late. */
  cancel(clientId: string): boolean;
  /** Shown to the user up to `seq`. Sent when everything up to there has arrived. */
  read(conversation: string, seq: number): void;
  setDraft(conversation: string, draft: Draft | undefined): void;
  /** A frame that is worth nothing later; without a connection it is dropped. */
  sendNow(frame: Up): void;
  /** The last frame of its type is said again after a reconnect. */
  sendAlways(frame: UpOf<'focus'> | UpOf<'watch'>): void;
  /** While somebody looks at a timeline nothing of it is given up, and what is kept of it is read. */
  hold(conversation: string): Promise<void>;
  /** Over HTTP. Rejects with `ParleyError`. */
  ask<T>(what: (asking: Asking) => Promise<T>): Promise<T>;
}
