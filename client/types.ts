import type { Content } from '../schema/protocol/content.ts';
import type { Down, DownOf } from '../schema/protocol/down.ts';
import type { Role } from '../schema/protocol/frames-log.ts';
import type { User } from '../schema/protocol/http-auth.ts';
import type { Conversation } from '../schema/protocol/http-conversations.ts';
import type { Clock } from './clock.ts';
import type { ParleyError } from './errors.ts';
import type { Api } from './http.ts';
import type { Marks } from './marks.ts';
import type { TimelineEntry, TimelineMessage, TimelineView } from './timeline.ts';
import type { Transport } from './transport.ts';

export type {
  Api,
  Clock,
  Content,
  Conversation,
  Marks,
  Role,
  TimelineEntry,
  TimelineMessage,
  TimelineView,
  User,
};

/**
 * Gives an access token; `force` asks for a fresh one because the service refused the last.
 * Reject with a `ParleyError` of code `session_ended` or `unauthenticated` when only a new log-in helps;
 * any other rejection is tried again later.
 */
export type TokenSource = (options?: { readonly force?: boolean }) => Promise<string>;

/** What a device must remember to come back and miss nothing. Plain data; keep it together with what you show. */
export interface ResumeState {
  /** Undefined for a brand-new device, which gets no batches. */
  readonly cursor: number | undefined;
  /** Last entry this device has, by conversation. */
  readonly heads: Readonly<Record<string, number>>;
  /** Conversations whose receipts the service may not have. */
  readonly unconfirmed?: readonly string[];
}

export interface ClientOptions {
  /** Origin of the service, such as `https://chat.example`. */
  readonly url: string;
  readonly getToken: TokenSource;
  /** Default: `autoTransport()`: WebSocket, and long polling where that doesn't get through. */
  readonly transport?: Transport;
  /** Default: the platform's fetch. */
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
  /** A number in [0, 1); for jitter and ids. Default: `Math.random`. */
  readonly random?: () => number;
  /** Default: random UUIDs. */
  readonly newId?: () => string;
  /** From an earlier run of the same device. */
  readonly resume?: ResumeState;
  /** Messages per conversation a resume may bring, 1 to 500. Default 100. */
  readonly limit?: number;
  /** Sends that may wait for their `ack` at once. Default 32. */
  readonly window?: number;
  /** How long confirmations are gathered, in ms. Default 20; 0 sends each at once. */
  readonly gather?: number;
  /** How long a gap may stand before it is pulled, in ms. Default 1000. */
  readonly patience?: number;
  /** Entries of a conversation kept in memory; older ones can be loaded again. Default 5000. */
  readonly keep?: number;
  /** Whether to confirm what arrives. Only a measuring tool would say no. Default true. */
  readonly confirm?: boolean;
}

export type CloseReason = 'stopped' | 'session_ended' | 'unsupported_version';

/** Why there is no connection at the moment. */
export type RetryReason =
  /** The line broke, or could not be made. */
  | 'network'
  /** No answer to a ping. */
  | 'silent'
  /** The service closed it, and its code says no more than that. */
  | 'refused'
  | 'overloaded'
  | 'unavailable'
  /** This device said too much. */
  | 'rate_limited'
  /** The service restarts or moves. */
  | 'going-away'
  /** `getToken` failed or gave none in time. */
  | 'token';

export type ConnectionState =
  | { readonly name: 'idle' }
  /** On the way; `attempt` counts the failures before. */
  | { readonly name: 'connecting'; readonly attempt: number }
  /** Everything missed has arrived, new things come as they happen. */
  | { readonly name: 'online' }
  /** The next try is at `at`, the clock's time in ms; `attempt` counts the failures in a row. */
  | {
      readonly name: 'reconnecting';
      readonly reason: RetryReason;
      readonly attempt: number;
      readonly at: number;
    }
  /** The platform says there is no network. It may be wrong, so there is a try at `at` all the same. */
  | { readonly name: 'offline'; readonly reason: RetryReason; readonly attempt: number; readonly at: number }
  /** Log in again, then `start()`. */
  | { readonly name: 'needs-auth' }
  | { readonly name: 'closed'; readonly reason: CloseReason };

export interface Acked {
  readonly seq: number;
  /** The server's time. */
  readonly at: number;
  /** A retry of something that was stored before. */
  readonly duplicate: boolean;
}

export interface Sent {
  readonly clientId: string;
  /** Resolves when it is durable. Rejects with a `ParleyError` when it never will be; unhandled, that is only an event. */
  readonly acked: Promise<Acked>;
}

export interface SendOptions {
  readonly replyTo?: number;
  /** Names the send across restarts of the program (P3). Default: a fresh id. */
  readonly clientId?: string;
}

/** A message of this device that has no number yet. */
export interface PendingMessage {
  readonly clientId: string;
  readonly content: Content;
  readonly replyTo?: number;
}

export type Delivery = 'sent' | 'delivered' | 'read';

export interface Member {
  readonly user: string;
  readonly role: Role;
  readonly delivered: number;
  readonly read: number;
}

export interface ClientEvents {
  readonly state: ConnectionState;
  /** One new entry, in order of `seq`; `own`: this user's, from this or another device. */
  readonly entry: { readonly conversation: string; readonly entry: TimelineEntry; readonly own: boolean };
  /** Something in `timeline(conversation)` or `pending(conversation)` changed; once per frame. */
  readonly timeline: { readonly conversation: string };
  /** Entries between `after` and `before` (both exclusive) were left out of a resume; `loadOlder` brings them. */
  readonly gap: { readonly conversation: string; readonly after: number; readonly before: number };
  readonly acked: { readonly conversation: string; readonly clientId: string } & Acked;
  readonly failed: {
    readonly conversation: string;
    readonly clientId: string;
    readonly error: ParleyError;
    /** What was to be sent, if it was a message. */
    readonly message: PendingMessage | undefined;
  };
  /** Something came of a conversation that isn't listed yet; `loadConversation` tells what it is. */
  readonly unlisted: { readonly conversation: string };
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
}

export interface Client {
  readonly state: ConnectionState;
  /** Known from the first `welcome` on. */
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Write this down to continue after a restart; see `ClientOptions.resume`. */
  readonly resume: ResumeState;
  /** HTTP with the caller's token: `api('GET', '/users/me')`. Throws `ParleyError`. */
  readonly api: Api;

  start(): void;
  /** Ends the connection; what is not acknowledged rejects with `closed`. `start()` begins again. */
  close(): void;
  /** Tell it what the platform knows: `false` when the network went, `true` to try at once. */
  network(online: boolean): void;
  /** Tell it that the page woke up or is looked at again: proves the line within 5 s, or tries at once. */
  wake(): void;
  /** The answer takes the handler off again. */
  on<E extends keyof ClientEvents>(event: E, handler: (value: ClientEvents[E]) => void): () => void;
  /** Resolves when `state` is `online`; rejects with `ParleyError` when it ended. */
  online(): Promise<void>;

  /** Queues a message. It is sent when there is a connection, and again until there is an answer, as one message. */
  send(conversation: string, content: Content | string, options?: SendOptions): Sent;
  edit(conversation: string, seq: number, content: Content | string): Sent;
  /** Deletes for everyone. */
  remove(conversation: string, seq: number): Sent;
  react(conversation: string, seq: number, emoji: string, on: boolean): Sent;
  /** Shown to the user up to `seq`. Sent when everything up to there has arrived. */
  read(conversation: string, seq: number): void;
  typing(conversation: string, on: boolean): void;
  /** What is open on the screen; said again after a reconnect. */
  focus(conversation: string | null): void;
  /** Presence of these users for 60 s. */
  watch(users: readonly string[]): void;

  timeline(conversation: string): TimelineView;
  /** Own messages that wait for an answer, in order. */
  pending(conversation: string): readonly PendingMessage[];
  marks(conversation: string): Marks;
  /** How far an own message has come. */
  delivery(conversation: string, seq: number): Delivery;

  /** Asks for entries over the socket; what comes is in the timeline. Nothing happens without a connection. */
  pull(
    conversation: string,
    range: { readonly after?: number; readonly before?: number; readonly limit?: number },
  ): void;
  /** Loads the entries before the oldest, or into the newest gap. `more`: there is something older still. */
  loadOlder(
    conversation: string,
    limit?: number,
  ): Promise<{ readonly loaded: number; readonly more: boolean }>;

  /** Known conversations, latest first. */
  readonly conversations: readonly Conversation[];
  conversation(id: string): Conversation | undefined;
  listConversations(page?: { readonly limit?: number; readonly before?: string }): Promise<{
    readonly conversations: readonly Conversation[];
    readonly next?: string;
    /** Some could not be reached at the moment: ask again. */
    readonly incomplete?: boolean;
  }>;
  loadConversation(id: string): Promise<Conversation>;
  /** `members`: user ids or `@handle`. A direct conversation that exists is answered as it is. */
  createConversation(what: {
    readonly kind: Conversation['kind'];
    readonly members: readonly string[];
    readonly title?: string;
  }): Promise<Conversation>;
  /** Also brings the members' marks, for `delivery` of messages older than this connection. */
  loadMembers(conversation: string): Promise<readonly Member[]>;
}
