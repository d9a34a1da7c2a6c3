import type { Content } from '../schema/protocol/content.ts';
import type { DownOf } from '../schema/protocol/down.ts';
import type { Role } from '../schema/protocol/frames-log.ts';
import type { User } from '../schema/protocol/http-auth.ts';
import type { Conversation as Told } from '../schema/protocol/http-conversations.ts';
import type { Limits } from '../schema/protocol/limits.ts';
import type { Clock } from './clock.ts';
import type { ParleyError } from './errors.ts';
import type { Api } from './http.ts';
import type { Mark, Marks } from './marks.ts';
import type { Observable } from './observable.ts';
import type { Range } from './ranges.ts';
import type { Store } from './store.ts';
import type { Tabs } from './tabs.ts';
import type { TimelineEntry, TimelineMessage, TimelineView } from './timeline.ts';
import type { Transport } from './transport.ts';

export type {
  Api,
  Clock,
  Content,
  Mark,
  Marks,
  Observable,
  Role,
  Store,
  Tabs,
  TimelineEntry,
  TimelineMessage,
  TimelineView,
  User,
};

/** A conversation as the service tells it, with the last line in its present state. */
export type Conversation = Omit<Told, 'last'> & { readonly last?: TimelineMessage };

/**
 * Gives an access token; `force` asks for a fresh one because the service refused the last.
 * Reject with a `ParleyError` of code `session_ended` or `unauthenticated` when only a new log-in helps;
 * any other rejection is tried again later.
 */
export type TokenSource = (options?: { readonly force?: boolean }) => Promise<string>;

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
  /** The next try is at `at`, in ms of the client's clock (`systemClock.now()`); `attempt` counts the failures in a row. */
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

export interface ClientOptions {
  /** Origin of the service, such as `https://chat.example`. */
  readonly url: string;
  readonly getToken: TokenSource;
  /** Whose client this is, where that is known: each user of a browser gets a store of their own. */
  readonly user?: string;
  /** Where to keep things across restarts. Default: IndexedDB where there is one, else memory alone. */
  readonly store?: Store | 'memory';
  /** How tabs of one browser share a connection. Default: Web Locks and a BroadcastChannel, with the default store. */
  readonly tabs?: Tabs | 'none';
  /** Default: WebSocket, and long polling where sockets don't get through. */
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
  /** Messages of a page of history, up to the service's limit. Default 50. */
  readonly page?: number;
}

/** What a deployment allows, as far as it is known: its names and units are those of `limits` in the protocol. */
export type ServiceLimits = { readonly [K in keyof Limits]?: number | undefined };

export interface Acked {
  readonly seq: number;
  /** The server's time. */
  readonly at: number;
  /** A retry of something that was stored before. */
  readonly duplicate: boolean;
}

export interface SendOptions {
  readonly replyTo?: number;
  /** Names the send across restarts of the program (P3). Default: a fresh id. */
  readonly clientId?: string;
}

export type Delivery = 'sent' | 'delivered' | 'read';

export type SendState =
  /** Waits on this device, for a connection or its turn. */
  | { readonly name: 'queued' }
  | { readonly name: 'sending' }
  /** Durable (P1), and how far it has come. `at`: the server's time. */
  | { readonly name: Delivery; readonly seq: number; readonly at: number }
  /** Refused for good. `retry()` tries again; it stays in the timeline until then or until `cancel()`. */
  | { readonly name: 'failed'; readonly error: ParleyError }
  | { readonly name: 'cancelled' };

/** Something this device wants stored. It never throws for being offline. */
export interface Send {
  /** The row's key, forever. */
  readonly clientId: string;
  readonly state: Observable<SendState>;
  /**
   * Resolves when it is durable. Rejects with a `ParleyError` when it failed or was cancelled, and with `closed` when the
   * client is closed first (it stays in the outbox). Unhandled rejections of it are silent.
   */
  readonly acked: Promise<Acked>;
  /** Tries again what failed; otherwise nothing. */
  retry(): void;
  /** Takes it back while that is possible: queued and never sent, or failed. False: too late. */
  cancel(): boolean;
}

/** An own message that the service has not answered for. */
export interface PendingMessage {
  readonly type: 'pending';
  readonly clientId: string;
  readonly content: Content;
  readonly replyTo?: number;
  /** When it was written, by this machine's clock. */
  readonly at: number;
  readonly state: Extract<SendState, { readonly name: 'queued' | 'sending' | 'failed' }>;
}

/** Entries `from` to `to` were not loaded: `fill` brings them. */
export interface TimelineGap extends Range {
  readonly type: 'gap';
}

/** Objects are never changed in place: compare by identity. `keyOf` gives each its key. */
export type TimelineItem =
  | TimelineMessage
  | Extract<TimelineEntry, { readonly type: 'member' | 'conversation' }>
  | TimelineGap
  | PendingMessage;

export interface TimelineState {
  /** As they stand in the log; own messages that wait come last. */
  readonly items: readonly TimelineItem[];
  /** The first item is the beginning of the conversation. */
  readonly start: boolean;
  /** False: it isn't known yet whether there is anything. */
  readonly ready: boolean;
  /** Older ones are being fetched. */
  readonly loading: boolean;
  /** The user's own mark: what lies above was not read. */
  readonly read: number;
  /** What every other member has reached; for `deliveryOf`. */
  readonly reached: Mark;
}

export interface Draft {
  readonly text: string;
  readonly replyTo?: number;
}

/** What one user sets for one conversation, the same on all their devices. */
export type Prefs = NonNullable<Conversation['prefs']>;

export interface PrefsChange {
  readonly pinned?: boolean;
  /** ms since 1970; null ends it. */
  readonly mutedUntil?: number | null;
  readonly archived?: boolean;
  /** Marked as unread by hand; reading takes it back. */
  readonly unread?: boolean;
}

/** A conversation as the list shows it. */
export interface ConversationItem extends Conversation {
  /** What every other member has reached, as far as it is known here. */
  readonly reached: Mark;
  readonly draft?: Draft;
  /** Own messages that are not stored yet. */
  readonly waiting: number;
  /** Own messages that will not be stored. */
  readonly failed: number;
}

export interface ConversationList {
  /** Latest first. */
  readonly items: readonly ConversationItem[];
  /** False: there may be more that are not known yet. */
  readonly loaded: boolean;
}

export interface Me {
  readonly user: string;
  /** Undefined until the service has said it. */
  readonly device: string | undefined;
}

export interface Presence {
  /** Undefined: not known. */
  readonly online: boolean | undefined;
  readonly lastSeen?: number;
}

export interface Member {
  readonly user: string;
  readonly role: Role;
  readonly delivered: number;
  readonly read: number;
}

/** One conversation. Calls that ask the service reject with `ParleyError`. */
export interface ConversationHandle {
  readonly id: string;
  /** Undefined: not known (yet), or not a member (any more). */
  readonly info: Observable<ConversationItem | undefined>;
  /** Whoever subscribes sees what is kept here first, then what the service has. */
  readonly timeline: Observable<TimelineState>;
  readonly draft: Observable<Draft | undefined>;
  /** Who else is typing. */
  readonly typing: Observable<readonly string[]>;
  /** With everybody's marks; loaded with the first subscriber. */
  readonly members: Observable<readonly Member[] | undefined>;

  /** Queues a message. It is sent when there is a connection, and again until there is an answer, as one message. */
  send(content: Content | string, options?: SendOptions): Send;
  edit(seq: number, content: Content | string): Send;
  /** Deletes for everyone. */
  remove(seq: number): Send;
  react(seq: number, emoji: string, on: boolean): Send;
  /** The send of this id, such as that of a pending item; undefined when it was answered long ago. */
  sent(clientId: string): Send | undefined;

  /** Shown to the user up to `seq`, or everything there is. */
  read(seq?: number): void;
  setDraft(draft: Draft | undefined): void;
  setTyping(on: boolean): void;
  /** It is what the screen shows, or no longer. */
  focus(on: boolean): void;

  /** Brings the page before the first item. */
  loadOlder(): Promise<void>;
  /** Brings what is around `seq`; a gap stays where it doesn't join what is there. */
  loadAround(seq: number): Promise<void>;
  /** Brings a page of a gap, from its beginning or its end. */
  fill(gap: Range, side: 'start' | 'end'): Promise<void>;
  /**
   * Gives up what is loaded of these, but for the newest message: a gap stays, or, where they were the oldest, the place
   * where `loadOlder` goes on. Who lets go of what is far from the screen can page through any number of messages.
   */
  letGo(range: Range): Promise<void>;
  /** Gives up what was loaded around older messages: what is left is the unbroken newest part. */
  jumpToLatest(): void;

  setPrefs(change: PrefsChange): Promise<void>;
  loadMembers(): Promise<readonly Member[]>;
  /** `user`: an id or `@handle`. */
  addMember(user: string): Promise<void>;
  removeMember(user: string): Promise<void>;
  setRole(user: string, role: Role): Promise<void>;
  leave(): Promise<void>;
  rename(title: string): Promise<void>;
}

export interface ClientEvents {
  readonly state: ConnectionState;
  /** A new message of somebody else, or of another device of this user: once each, in order. */
  readonly message: TimelineMessage;
  readonly failed: {
    readonly conversation: string;
    readonly clientId: string;
    readonly error: ParleyError;
  };
  readonly typing: DownOf<'typing'>;
  readonly hint: DownOf<'hint'>;
  /** An error no call of yours is waiting for. */
  readonly error: ParleyError;
}

export interface Client {
  readonly connection: Observable<ConnectionState>;
  /** Known from the store, or from the first connection on. */
  readonly me: Observable<Me | undefined>;
  readonly conversations: Observable<ConversationList>;
  /** The same object for the same id. */
  conversation(id: string): ConversationHandle;
  /** Fetched when somebody subscribes, many at a time, and kept. */
  user(id: string): Observable<User | undefined>;
  /** Watched while somebody subscribes. */
  presence(user: string): Observable<Presence>;
  /** What this deployment allows, such as `textBytes` of a message; what isn't known yet is missing. */
  limits(): ServiceLimits;
  /** HTTP with the caller's token: `api('GET', '/users/me')`. Throws `ParleyError`. */
  readonly api: Api;

  /** Opens the store, then connects. Nothing happens before. */
  start(): void;
  /** Ends the connection. What is not acknowledged stays in the outbox; `start()` goes on with it. */
  close(): void;
  /** Closes, and forgets everything this device keeps; for logging out. */
  clear(): Promise<void>;
  /** Tell it what the platform knows: `false` when the network went, `true` to try at once. Browsers are listened to. */
  network(online: boolean): void;
  /** Tell it that the page woke up or is looked at again: proves the line within 5 s, or tries at once. */
  wake(): void;
  /** The answer takes the handler off again. */
  on<E extends keyof ClientEvents>(event: E, handler: (value: ClientEvents[E]) => void): () => void;
  /** Resolves when everything that was missed is here; rejects with `ParleyError` when the connection ended. */
  online(): Promise<void>;
  /** Every new message of others from now on, once each and in order; for bots. Ends with `close()`. */
  messages(): AsyncIterable<TimelineMessage>;
  /** `members`: user ids or `@handle`. A direct conversation that exists is answered as it is. */
  createConversation(what: {
    readonly kind: Conversation['kind'];
    readonly members: readonly string[];
    readonly title?: string;
  }): Promise<Conversation>;
  /** By the exact handle. */
  findUser(handle: string): Promise<User | undefined>;
}
