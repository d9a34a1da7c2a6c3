import { browserEvents } from './browser-events.ts';
import { systemClock } from './clock.ts';
import { Handle } from './conversation.ts';
import { Directory } from './directory.ts';
import { Emitter } from './emitter.ts';
import { createEngine } from './engine.ts';
import { incoming } from './incoming.ts';
import { Live } from './observable.ts';
import { People } from './people.ts';
import { reachedBy } from './reached.ts';
import { indexedDbStore, type Store } from './store.ts';
import { browserTabs, type Tabs } from './tabs.ts';
import type {
  Client,
  ClientEvents,
  ClientOptions,
  ConversationItem,
  ConversationList,
  Mark,
  Me,
  User,
} from './types.ts';
import { Watching } from './watching.ts';

const PAGE = 50;

/** A client for one device. Nothing happens before `start()`. */
export function createClient(options: ClientOptions): Client {
  const { url, getToken, user, store: _, tabs: __, page = PAGE, ...more } = options;
  const clock = options.clock ?? systemClock;
  const { store, tabs } = keeping(options);
  const engine = createEngine({ url, getToken, ...more, store, tabs });
  const events = new Emitter<ClientEvents>();
  const people = new People(engine, (ms, run) => clock.after(ms, run));
  const watching = new Watching(engine, clock);
  const directory = new Directory(engine, clock, options.random ?? Math.random);
  const handles = new Map<string, Handle>();
  const items = new Map<string, { readonly of: readonly unknown[]; readonly item: ConversationItem }>();
  let offBrowser: (() => void) | undefined;

  const connection = new Live(() => engine.state);
  const me = new Live((): Me | undefined => {
    const id = engine.user ?? user;
    return id === undefined ? undefined : { user: id, device: engine.device };
  });
  const conversations = new Live((): ConversationList => {
    const list = engine.conversations.map(({ id }) => item(id)).filter((found) => found !== undefined);
    return { items: list, loaded: engine.listed };
  });

  function reached(id: string): Mark {
    const known = engine.conversation(id);
    return reachedBy(engine.marks(id), known?.reached, (known?.memberCount ?? 0) - 1, engine.user);
  }

  /** The same object as long as nothing in it changed, so that rows of a list can be compared. */
  function item(id: string): ConversationItem | undefined {
    const told = engine.conversation(id);
    if (!told) return undefined;
    const draft = engine.draft(id);
    const waiting = engine.waiting(id).filter(({ op }) => op.type === 'send');
    const failed = waiting.filter(({ state }) => typeof state !== 'string').length;
    const of = [told, draft, waiting.length, failed, engine.marks(id), engine.user];
    const known = items.get(id);
    if (known?.of.every((part, i) => part === of[i])) return known.item;
    const made = {
      ...told,
      reached: reached(id),
      ...(draft ? { draft } : {}),
      waiting: waiting.length - failed,
      failed,
    };
    items.set(id, { of, item: made });
    return made;
  }

  engine.on('state', (state) => {
    connection.changed();
    me.changed();
    events.emit('state', state);
    if (state.name !== 'online') return;
    for (const handle of handles.values()) handle.online();
  });
  engine.on('loaded', () => {
    me.changed();
    for (const handle of handles.values()) {
      handle.infoChanged();
      handle.draft.changed();
    }
  });
  engine.on('conversations', () => conversations.changed());
  engine.on('conversation', ({ conversation }) => handles.get(conversation)?.infoChanged());
  engine.on('timeline', ({ conversation }) => {
    handles.get(conversation)?.infoChanged();
    conversations.changed();
  });
  engine.on('receipt', ({ conversation }) => {
    handles.get(conversation)?.infoChanged();
    conversations.changed();
  });
  engine.on('draft', ({ conversation }) => {
    handles.get(conversation)?.draft.changed();
    handles.get(conversation)?.info.changed();
    conversations.changed();
  });
  engine.on('acked', ({ conversation, clientId, ...acked }) =>
    handles.get(conversation)?.acked(clientId, acked),
  );
  engine.on('entry', ({ conversation, entry, here }) => {
    if (entry.type === 'member') handles.get(conversation)?.membersChanged();
    if (entry.type === 'message' && !here) events.emit('message', entry);
  });
  engine.on('failed', ({ message: _, ...failure }) => events.emit('failed', failure));
  engine.on('typing', (typing) => events.emit('typing', typing));
  engine.on('hint', (hint) => events.emit('hint', hint));
  engine.on('error', (error) => events.emit('error', error));

  const client: Client = {
    connection,
    me,
    conversations,
    conversation(id) {
      let handle = handles.get(id);
      if (!handle) {
        handle = new Handle(id, { engine, clock, page, watching, item, reached });
        handles.set(id, handle);
      }
      return handle;
    },
    user: (id) => people.user(id),
    presence: (id) => watching.presence(id),
    api: engine.api,
    start() {
      offBrowser ??= browserEvents(client);
      engine.start();
    },
    close() {
      offBrowser?.();
      offBrowser = undefined;
      watching.stop();
      engine.close();
    },
    async clear() {
      client.close();
      directory.forget();
      await engine.clear();
    },
    wake: () => engine.wake(),
    network: (online) => engine.network(online),
    on: (event, handler) => events.on(event, handler),
    online: () => engine.online(),
    messages: () => incoming(engine),
    createConversation: (what) => engine.createConversation(what),
    async findUser(handle) {
      const found = await engine.api<User[]>('GET', `/users?handle=${encodeURIComponent(handle)}`);
      people.found(found);
      return found[0];
    },
  };
  return client;
}

/** Where a client keeps what it has, and whom it shares that with. */
function keeping({ url, user, store, tabs }: ClientOptions): {
  store?: Store | undefined;
  tabs?: Tabs | undefined;
} {
  const shared = tabs === 'none' ? undefined : tabs;
  if (store === 'memory') return { tabs: shared };
  if (store) return { store, tabs: shared };
  if (!globalThis.indexedDB) return { tabs: shared };
  const name = `parley ${url}${user === undefined ? '' : ` ${user}`}`;
  return { store: indexedDbStore(name), tabs: tabs === undefined ? browserTabs(name) : shared };
}
