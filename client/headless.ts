import { asContent } from './content.ts';
import { createEngine } from './engine.ts';
import type { EngineEvents, EngineOptions, Sent } from './engine-types.ts';
import { closed, ParleyError } from './errors.ts';
import type { History, ListPage, OlderPage } from './history.ts';
import type { Api } from './http.ts';
import { NO_MARKS } from './marks.ts';
import { deliveryOf, reachedBy } from './reached.ts';
import type {
  Client,
  ConnectionState,
  Content,
  Conversation,
  Delivery,
  Marks,
  Member,
  SendOptions,
  TimelineView,
} from './types.ts';

/** An own message that is not stored. */
export interface Unsent {
  readonly clientId: string;
  readonly content: Content;
  readonly replyTo?: number;
}

/** What a device must remember to come back and miss nothing. Plain data; keep it together with what you show. */
export interface ResumeState {
  /** Undefined for a brand-new device, which gets no batches. */
  readonly cursor: number | undefined;
  /** Last entry this device has, by conversation. */
  readonly heads: Readonly<Record<string, number>>;
  /** Conversations whose receipts the service may not have. */
  readonly unconfirmed?: readonly string[];
}

export interface HeadlessOptions extends EngineOptions {
  /** Default: random UUIDs. */
  readonly newId?: () => string;
  /** From an earlier run of the same device. */
  readonly resume?: ResumeState | undefined;
}

/** A client without observables, for programs that measure the service and for tests of the engine. */
export interface Headless {
  readonly state: ConnectionState;
  /** Known from the first `welcome` on. */
  readonly user: string | undefined;
  readonly device: string | undefined;
  /** Write this down to continue after a restart; see `HeadlessOptions.resume`. */
  readonly resume: ResumeState;
  /** HTTP with the caller's token: `api('GET', '/users/me')`. Throws `ParleyError`. */
  readonly api: Api;

  start(): void;
  /** Ends the connection; what is not acknowledged rejects with `closed`. `start()` begins again. */
  close(): void;
  wake(): void;
  network(online: boolean): void;
  /** The answer takes the handler off again. */
  on<E extends keyof EngineEvents>(event: E, handler: (value: EngineEvents[E]) => void): () => void;
  /** Resolves when `state` is `online`; rejects with `ParleyError` when it ended. */
  online(): Promise<void>;

  send(conversation: string, content: Content | string, options?: SendOptions): Sent;
  edit(conversation: string, seq: number, content: Content | string): Sent;
  /** Deletes for everyone. */
  remove(conversation: string, seq: number): Sent;
  react(conversation: string, seq: number, emoji: string, on: boolean): Sent;
  /** Shown to the user up to `seq`. Sent when everything up to there has arrived. */
  read(conversation: string, seq: number): void;
  typing(conversation: string, on: boolean): void;
  focus(conversation: string | null): void;
  watch(users: readonly string[]): void;

  timeline(conversation: string): TimelineView;
  /** Own messages that wait for an answer, in order. */
  pending(conversation: string): readonly Unsent[];
  marks(conversation: string): Marks;
  /** How far an own message has come. */
  delivery(conversation: string, seq: number): Delivery;
  /** Asks for entries over the socket; what comes is in the timeline. Nothing happens without a connection. */
  pull(
    conversation: string,
    range: { readonly after?: number; readonly before?: number; readonly limit?: number },
  ): void;
  /** Loads the entries before the oldest, or into the newest gap. */
  loadOlder(conversation: string, limit?: number): Promise<OlderPage>;

  /** Known conversations, latest first. */
  readonly conversations: readonly Conversation[];
  conversation(id: string): Conversation | undefined;
  listConversations(page?: Parameters<History['list']>[0]): Promise<ListPage>;
  loadConversation(id: string): Promise<Conversation>;
  readonly createConversation: Client['createConversation'];
  /** Also brings the members' marks, for `delivery` of messages older than this connection. */
  loadMembers(conversation: string): Promise<readonly Member[]>;
}

export function createHeadless(options: HeadlessOptions): Headless {
  const engine = createEngine(options);
  const { parts, ask, say } = engine;
  const { logs, outbox, conversations, confirmations, now } = parts;
  const { newId = () => crypto.randomUUID(), resume } = options;
  if (resume) {
    const { cursor, heads, unconfirmed = [] } = resume;
    logs.restore(cursor, Object.entries(heads));
    for (const id of unconfirmed) confirmations.applied(id, logs.of(id).last, now());
  }
  const marks = (conversation: string): Marks => parts.marks.get(conversation) ?? NO_MARKS;
  return {
    get state() {
      return parts.state();
    },
    get user() {
      return parts.me;
    },
    get device() {
      return parts.device;
    },
    get resume() {
      return { ...logs.resume, unconfirmed: confirmations.doubtful(now()) };
    },
    get conversations() {
      return conversations.list;
    },
    api: (method, path, body) => ask(({ api }) => api(method, path, body)),
    start: engine.start,
    close: engine.close,
    wake: engine.wake,
    network: engine.network,
    on: (event, handler) => parts.events.on(event, handler),
    online: () =>
      new Promise((resolve, reject) => {
        const off = parts.events.on('state', look);
        look();
        function look(): void {
          const { name } = parts.state();
          if (name === 'online') resolve();
          else if (name === 'closed') reject(closed());
          else if (name === 'needs-auth') reject(new ParleyError('unauthenticated', 'Log in again'));
          else return;
          off();
        }
      }),
    send: (conversation, content, { replyTo, clientId = newId() } = {}) =>
      say(
        {
          type: 'send',
          conversation,
          content: asContent(content),
          ...(replyTo === undefined ? {} : { replyTo }),
        },
        clientId,
      ),
    edit: (conversation, seq, content) =>
      say({ type: 'edit', conversation, seq, content: asContent(content) }, newId()),
    remove: (conversation, seq) => say({ type: 'delete', conversation, seq }, newId()),
    react: (conversation, seq, emoji, on) => say({ type: 'react', conversation, seq, emoji, on }, newId()),
    read: engine.read,
    typing: (conversation, on) => engine.sendNow({ type: 'typing', conversation, on }),
    focus: (conversation) => engine.sendAlways({ type: 'focus', conversation }),
    watch: (users) => engine.sendAlways({ type: 'watch', users: [...users] }),
    timeline: (conversation) => logs.of(conversation),
    pending: (conversation) =>
      outbox.waiting(conversation).flatMap(({ op, state }) => {
        if (op.type !== 'send' || typeof state !== 'string') return [];
        const { clientId, content, replyTo } = op;
        return [replyTo === undefined ? { clientId, content } : { clientId, content, replyTo }];
      }),
    marks,
    delivery(conversation, seq) {
      const known = conversations.get(conversation);
      const of = marks(conversation);
      // Of a conversation that isn't listed, all whose marks came.
      const others = known
        ? known.memberCount - 1
        : Object.keys(of.users).filter((id) => id !== parts.me).length;
      return deliveryOf({ seq }, reachedBy(of, known?.reached, others, parts.me));
    },
    pull: (conversation, range) => engine.sendNow({ type: 'pull', conversation, ...range }),
    loadOlder: (conversation, size = 50) => ask(({ history }) => history.older(conversation, size)),
    conversation: (id) => conversations.get(id),
    listConversations: (page) => ask(({ history }) => history.list(page)),
    loadConversation: (id) => ask(({ history }) => history.one(id)),
    createConversation: (what) => ask(({ history }) => history.create(what)),
    loadMembers: (id) => ask(({ history }) => history.members(id)),
  };
}
