import type { Content } from '../../schema/protocol/content.ts';
import { fail } from '../../schema/protocol/errors.ts';
import type { Entry } from '../../schema/protocol/frames-log.ts';
import type { User } from '../../schema/protocol/http-auth.ts';
import type { Conversation as ConversationView } from '../../schema/protocol/http-conversations.ts';
import { KNOWS } from '../../schema/protocol/knows.ts';
import { DEFAULT_LIMITS, type Limits } from '../../schema/protocol/limits.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { SocketLike } from '../transport.ts';
import type { TokenSource } from '../types.ts';
import { addDevice as addTo } from './account-handlers.ts';
import { Accounts, type Outcome, type ProductUser } from './accounts.ts';
import { setBlock } from './blocks.ts';
import type { Conversation } from './conversation.ts';
import { createConversation, summary } from './conversation-handlers.ts';
import { createFaults, type Faults } from './faults.ts';
import { createFetch } from './fetch.ts';
import { createHandle } from './handlers.ts';
import { Mailbox } from './mailbox.ts';
import type { Mark } from './members.ts';
import { Polls } from './polls.ts';
import { Presence } from './presence.ts';
import { randomId, seededRandom } from './random.ts';
import { welcome } from './resume.ts';
import { Sends } from './sends.ts';
import { TestSocket } from './socket.ts';
import type { Seen, World } from './world.ts';

export interface TestServerOptions {
  /** Default: real time. A `createVirtualClock()` here and in the client makes a test exact and quick. */
  readonly clock?: Clock;
  /** For ids and chances; the same seed and the same calls give the same run. Default 1. */
  readonly seed?: number;
  /** Limits that differ from the defaults of the protocol. */
  readonly limits?: Partial<Limits>;
  /** Who a token of the product that embeds Parley is about; undefined refuses it. Without this no token is taken. */
  readonly exchange?: (token: string) => ProductUser | undefined;
}

/** Somebody with a device of their own. */
export interface TestUser {
  readonly user: User;
  readonly device: { readonly id: string; readonly name: string };
  /** For `createClient`. Gives a new access token when the last has expired, or with `force`. */
  readonly getToken: TokenSource;
}

export interface TestServer {
  /** For `createClient({ url })`. Any other origin will do as well. */
  readonly url: string;
  /** For `createClient({ transport })`: sockets. With long polling where they are blocked: `autoTransport(server.transport)`. */
  readonly transport: (url: string, token: string) => SocketLike;
  /** For `createClient({ fetch })` and `createAccount({ fetch })`: every route of the protocol. Without delays it needs no time. */
  readonly fetch: typeof globalThis.fetch;
  readonly faults: Faults;
  readonly limits: Limits;

  /** A user with one device. `password`: they can log in with it too. Throws when the handle is taken. */
  addUser(who: { readonly handle: string; readonly name?: string; readonly password?: string }): TestUser;
  /** Another device of a user, by id. Where they have as many as the limit allows, the longest unused is signed out. */
  addDevice(user: string, name?: string): TestUser;
  /** Made by `creator`, or by the first of the members. `members`: user ids. Answers as `creator` sees it. */
  addConversation(what: {
    readonly kind: 'direct' | 'group';
    readonly members: readonly string[];
    readonly creator?: string;
    readonly title?: string;
  }): ConversationView;
  /**
   * A message as if a device of this user without a connection here had sent it. Not subject to faults.
   * Throws when the service would refuse it.
   */
  post(
    conversation: string,
    user: string,
    content: string | Content,
    options?: { readonly clientId?: string; readonly replyTo?: number },
  ): { readonly seq: number; readonly at: number };
  /** The user has everything up to `seq`, or has seen it: as if another client had confirmed. */
  confirm(conversation: string, user: string, seq: number, kind?: 'received' | 'read'): void;
  block(user: string, other: string, on?: boolean): void;

  /** Every entry, as most members see it; or as this member does. */
  log(conversation: string, viewer?: string): Entry[];
  marks(conversation: string, user: string): Mark;
  isMember(conversation: string, user: string): boolean;
  /** What stands under this sender's `clientId`; undefined when nothing was stored. */
  sent(conversation: string, user: string, clientId: string): number | undefined;
  /** Lines that are open and said `hello`: sockets and sessions of long polling. */
  connections(user?: string): number;
  /** Tells every frame either way, as text, in the order they arrived. The answer ends it. */
  tap(listener: (frame: Seen) => void): () => void;
}

/** A whole Parley service in memory, with no network and no storage. */
export function createTestServer(options: TestServerOptions = {}): TestServer {
  const { clock = systemClock, seed = 1 } = options;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const random = seededRandom(seed);
  const accounts = new Accounts(clock, random, limits.devices);
  const mailboxes = new Map<string, Mailbox>();
  const sockets = new Set<TestSocket>();
  const listeners = new Set<(frame: Seen) => void>();

  const socketsOf = (user: string | undefined): TestSocket[] =>
    [...sockets].filter((socket) => !socket.over && (user === undefined || socket.user === user));
  const plan = createFaults(random, {
    cut(user, code) {
      for (const socket of socketsOf(user)) socket.cut(code);
      if (plan.isDown) polls.cut(user, fail('unavailable', 'the session expired'));
    },
    silence(user) {
      for (const socket of socketsOf(user)) socket.silence();
    },
    expireTokens: (user) => accounts.expireAll(user),
    release(knows) {
      world.knows = knows;
      for (const { connections } of mailboxes.values())
        for (const connection of connections)
          if (connection.ready && connection.knows.includes('welcome.again')) welcome(world, connection);
    },
  });

  const world: World = {
    clock,
    random,
    limits,
    knows: KNOWS,
    plan,
    accounts,
    product: options.exchange,
    conversations: new Map(),
    get presence() {
      return presence;
    },
    get sends() {
      return sends;
    },
    mailbox(user) {
      const mailbox = mailboxes.get(user) ?? new Mailbox(world, user);
      mailboxes.set(user, mailbox);
      return mailbox;
    },
    mailboxes: () => mailboxes.values(),
    sender: undefined,
    seen(frame) {
      for (const listener of listeners) listener(frame);
    },
  };
  const presence = new Presence(world);
  const sends = new Sends(world);
  const polls = new Polls(world);

  const conversationOf = (id: string): Conversation => {
    const conversation = world.conversations.get(id);
    if (!conversation) throw new Error(`There is no conversation ${id}`);
    return conversation;
  };

  const addDevice = (id: string, name?: string): TestUser => {
    const user = accounts.user(id);
    if (!user) throw new Error(`There is no user ${id}`);
    const { device } = addTo(world, id, name);
    let token: string | undefined;
    const getToken: TokenSource = async ({ force = false } = {}) => {
      if (token === undefined || force || !accounts.isGood(token)) token = accounts.accessToken(device);
      return token;
    };
    return { user, device: { id: device.id, name: device.name }, getToken };
  };

  return {
    url: 'http://parley.test',
    transport: (_url, token) => {
      const socket = new TestSocket(world, token);
      for (const old of sockets) if (old.over) sockets.delete(old);
      sockets.add(socket);
      return socket;
    },
    fetch: createFetch(world, createHandle(world, polls)),
    faults: plan.faults,
    limits,
    addUser({ handle, name, password }) {
      return addDevice(must(accounts.add(handle, name, password)).id);
    },
    addDevice,
    addConversation({ kind, members, creator = members[0] ?? '', title }) {
      const others = must(accounts.resolve(members)).filter((user) => user !== creator);
      if (kind === 'direct' && others.length !== 1) throw new Error('A direct conversation has two members');
      const { id } = createConversation(world, { kind, creator, others, title });
      return summary(world, id, creator) as ConversationView;
    },
    post(id, user, content, { clientId = `post-${randomId(random)}`, replyTo } = {}) {
      const said = typeof content === 'string' ? { kind: 'text', text: content } : content;
      const result = conversationOf(id).append({ type: 'message', clientId, content: said, replyTo }, user);
      if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
      if ('held' in result) throw new Error('Nothing to wait for was named');
      return { seq: result.seq, at: result.at };
    },
    confirm(id, user, seq, kind = 'received') {
      conversationOf(id).mark(user, { delivered: seq, read: kind === 'read' ? seq : 0 });
    },
    block(user, other, on = true) {
      setBlock(world, user, other, on);
    },
    log(id, viewer) {
      const conversation = conversationOf(id);
      return Array.from({ length: conversation.head }, (_, i) => conversation.entry(i + 1, viewer));
    },
    marks(id, user) {
      const member = conversationOf(id).member(user);
      if (!member) throw new Error(`${user} is no member of ${id}`);
      return member.mark;
    },
    isMember: (id, user) => conversationOf(id).active(user) !== undefined,
    sent: (id, user, clientId) => conversationOf(id).sent(user, clientId)?.seq,
    connections(user) {
      const of = user === undefined ? [...mailboxes.values()] : [world.mailbox(user)];
      return of.flatMap(({ connections }) => [...connections]).filter(({ ready }) => ready).length;
    },
    tap(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function must<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.code}: ${outcome.detail}`);
}
