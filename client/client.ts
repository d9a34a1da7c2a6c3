import { browserEvents } from './browser-events.ts';
import { Handle } from './conversation.ts';
import { Emitter } from './emitter.ts';
import { createEngine } from './engine.ts';
import { closed, ParleyError } from './errors.ts';
import { held } from './held.ts';
import { incoming } from './incoming.ts';
import type { Looking } from './looking.ts';
import { NO_MARKS } from './marks.ts';
import { Live } from './observable.ts';
import { reachedBy } from './reached.ts';
import type {
  Client,
  ClientEvents,
  ClientOptions,
  ConversationItem,
  ConversationList,
  Me,
  Presence,
  User,
} from './types.ts';

const UNKNOWN: Presence = { online: undefined };

/** A client for one device. Nothing happens before `start()`. */
export function createClient(options: ClientOptions): Client {
  const newId = options.newId ?? (() => crypto.randomUUID());
  const engine = createEngine(options);
  const { parts, ask } = engine;
  const heard = parts.events;
  const events = new Emitter<ClientEvents>();
  const users = new Map<string, Live<User | undefined>>();
  const presence = new Map<string, Live<Presence>>();
  const typing = new Map<string, Live<readonly string[]>>();
  let looking: Looking | undefined;
  const look = (): void => looking?.look();
  const handles = new Map<string, Handle>();
  let offBrowser: (() => void) | undefined;

  const connection = new Live(parts.state);
  const me = new Live((): Me | undefined => {
    const user = parts.me ?? options.user;
    return user === undefined ? undefined : { user, device: parts.device };
  });
  const conversations = new Live((): ConversationList => {
    // The same objects as long as nothing in them changed, so that rows can be compared.
    const list = parts.conversations.list.map(({ id }) => client.conversation(id).info.get());
    return { items: list.filter((found) => found !== undefined), loaded: parts.listed };
  });

  const typers = (id: string) => held(typing, id, () => new Live(() => looking?.typing(id) ?? [], look));

  function item(id: string): ConversationItem | undefined {
    const told = parts.conversations.get(id);
    if (!told) return undefined;
    const draft = parts.drafts.get(id);
    const sends = parts.outbox.waiting(id).filter(({ op }) => op.type === 'send');
    const failed = sends.filter(({ state }) => typeof state !== 'string').length;
    return {
      ...told,
      reached: reachedBy(parts.marks.get(id) ?? NO_MARKS, told.reached, told.memberCount - 1, parts.me),
      ...(draft ? { draft } : {}),
      waiting: sends.length - failed,
      failed,
    };
  }

  heard.on('state', (state) => {
    connection.changed();
    me.changed();
    events.emit('state', state);
    if (state.name !== 'online') return;
    for (const handle of handles.values()) handle.online();
    ask(async (asking) => {
      looking ??= asking.look({ users, presence, typing }, engine);
      asking.directory.online();
    }).catch((error) => events.emit('error', error));
  });
  heard.on('loaded', () => {
    me.changed();
    for (const user of users.values()) user.changed();
    for (const handle of handles.values()) {
      handle.infoChanged();
      handle.draft.changed();
    }
  });
  heard.on('users', (found) => {
    for (const { id } of found) users.get(id)?.changed();
  });
  heard.on('conversations', () => conversations.changed());
  heard.on('conversation', ({ conversation }) => handles.get(conversation)?.infoChanged());
  for (const event of ['timeline', 'receipt'] as const)
    heard.on(event, ({ conversation }) => {
      handles.get(conversation)?.infoChanged();
      conversations.changed();
    });
  heard.on('draft', ({ conversation }) => {
    const handle = handles.get(conversation);
    handle?.draft.changed();
    handle?.info.changed();
    conversations.changed();
  });
  heard.on('acked', ({ conversation, clientId, ...acked }) =>
    handles.get(conversation)?.acked(clientId, acked),
  );
  heard.on('entry', ({ conversation, entry, here }) => {
    if (entry.type === 'member') handles.get(conversation)?.membersChanged();
    if (entry.type === 'message' && !here) events.emit('message', entry);
  });
  heard.on('failed', ({ op: _, ...failure }) => events.emit('failed', failure));
  for (const event of ['typing', 'hint', 'error'] as const)
    heard.on(event, (value) => events.emit(event, value as never));

  const client: Client = {
    connection,
    me,
    conversations,
    conversation: (id) => held(handles, id, () => new Handle(id, { engine, newId, item, typing: typers })),
    user: (id) => held(users, id, () => new Live(() => parts.users.get(id), look)),
    presence: (id) => held(presence, id, () => new Live(() => looking?.presence(id) ?? UNKNOWN, look)),
    limits: () => parts.limits,
    api: (method, path, body) => ask(({ api }) => api(method, path, body)),
    start() {
      offBrowser ??= browserEvents(client);
      engine.start();
    },
    close() {
      offBrowser?.();
      offBrowser = undefined;
      looking?.stop();
      engine.close();
    },
    clear() {
      client.close();
      return engine.clear();
    },
    wake: engine.wake,
    network: engine.network,
    on: (event, handler) => events.on(event, handler),
    async online() {
      for await (const { name } of connection) {
        if (name === 'online') return;
        if (name === 'closed') throw closed();
        if (name === 'needs-auth') throw new ParleyError('unauthenticated', 'Log in again');
      }
    },
    messages: () => incoming(heard),
    createConversation: (what) => ask(({ history }) => history.create(what)),
    findUser: (handle) => ask((asking) => asking.findUser(handle)),
  };
  return client;
}
