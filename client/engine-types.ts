import type { Down, DownOf } from '../schema/protocol/down.ts';
import type { ParleyError } from './errors.ts';
import type { Waiting } from './outbox.ts';
import type { Store } from './store.ts';
import type { Tabs } from './tabs.ts';
import type { Transport } from './transport.ts';
import type {
  Acked,
  Api,
  Clock,
  ConnectionState,
  Content,
  Conversation,
  Delivery,
  Draft,
  Marks,
  Member,
  PrefsChange,
  ResumeState,
  SendOptions,
  TimelineEntry,
  TimelineView,
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
  /** Where everything is kept; without one, in memory alone. */
  readonly store?: Store | undefined;
  /** Other programs that share the store; one of them is connected at a time. */
  readonly tabs?: Tabs | undefined;
}

export interface Sent {
  readonly clientId: string;
  /** See `Send` of the public types. */
  readonly acked: Promise<Acked>;
}

/** An own message that is not stored. */
export interface Unsent {
  readonly clientId: string;
  readonly content: Content;
  readonly replyTo?: number;
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
  /** Entries between `after` and `before` (both exclusive) were left out of a resume; `loadOlder` brings them. */
  readonly gap: { readonly conversation: string; readonly after: number; readonly before: number };
  readonly acked: { readonly conversation: string; readonly clientId: string } & Acked;
  readonly failed: {
    readonly conversation: string;
    readonly clientId: string;
    readonly error: ParleyError;
    /** What was to be sent, if it was a message. */
    readonly message: Unsent | undefined;
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
  /** What was kept here is in memory. */
  readonly loaded: undefined;
  /** A conversation is no longer as it was: its summary, or what waits in it. */
  readonly conversation: { readonly conversation: string };
  readonly draft: { readonly conversation: string };
}

export interface Engine {
  readonly state: ConnectionState;
  /** Known from the first `welcome` on. */
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Write this down to continue after a restart; see `EngineOptions.resume`. */
  readonly resume: ResumeState;
  /** HTTP with the caller's token: `api('GET', '/users/me')`. Throws `ParleyError`. */
  readonly api: Api;

  /** No other tab does the work. */
  readonly leading: boolean;
  start(): void;
  /** Ends the connection; what is not acknowledged rejects with `closed`. `start()` begins again. */
  close(): void;
  wake(): void;
  /** Tell it what the platform knows: `false` when the network went, `true` to try at once. */
  network(online: boolean): void;
  /** The answer takes the handler off again. */
  on<E extends keyof EngineEvents>(event: E, handler: (value: EngineEvents[E]) => void): () => void;
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
  pending(conversation: string): readonly Unsent[];
  /** Everything that waits or failed in a conversation, in order. */
  waiting(conversation: string): readonly Waiting[];
  /** One of them; undefined: answered, or never known here. */
  standing(clientId: string): Waiting | undefined;
  /** The send that waits under this id. */
  waitFor(clientId: string): Sent;
  retry(clientId: string): void;
  /** Takes back what was never sent, or failed. False: too late. */
  cancel(clientId: string): boolean;
  /** While somebody looks at a timeline nothing of it is given up, and what is kept of it is read. */
  hold(conversation: string): Promise<void>;
  release(conversation: string): void;
  /** A page of the log from the store or the service; where it doesn't join what is there, a gap stays between. */
  page(
    conversation: string,
    range: { readonly after: number } | { readonly before: number },
    limit: number,
  ): Promise<number>;
  keepLatest(conversation: string): void;
  draft(conversation: string): Draft | undefined;
  setDraft(conversation: string, draft: Draft | undefined): void;
  setPrefs(conversation: string, change: PrefsChange): Promise<void>;
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
  /** Its unread count is a guess. */
  guessed(id: string): boolean;
  /** `members`: user ids or `@handle`. A direct conversation that exists is answered as it is. */
  createConversation(what: {
    readonly kind: Conversation['kind'];
    readonly members: readonly string[];
    readonly title?: string;
  }): Promise<Conversation>;
  /** Users that are kept here. */
  readonly users: ReadonlyMap<string, User>;
  keepUsers(users: readonly User[]): void;
  /** The whole list was loaded once, so resumes keep it complete. */
  listed: boolean;
  /** Resolves when everything said so far is in the store. */
  kept(): Promise<void>;
  /** Closes, and forgets everything. */
  clear(): Promise<void>;
  /** Also brings the members' marks, for `delivery` of messages older than this connection. */
  loadMembers(conversation: string): Promise<readonly Member[]>;
}
