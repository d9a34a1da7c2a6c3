import {
  type Client,
  type ClientOptions,
  createClient,
  memoryStore,
  type Store,
} from '../../../client/index.ts';
import type { Tabs } from '../../../client/tabs.ts';
import { createTestServer, createVirtualClock, type TestUser } from '../../../client/testing/index.ts';
import type { SocketLike } from '../../../client/transport.ts';
import type { TimelineItem } from '../../../client/types.ts';
import type { Limits } from '../../../schema/protocol/limits.ts';

/** Two people, their direct conversation, and clients on a clock of their own. */
export function world(seed = 1, limits: Partial<Limits> = {}) {
  const clock = createVirtualClock();
  const server = createTestServer({ clock, seed, limits });
  const ada = server.addUser({ handle: 'ada' });
  const ben = server.addUser({ handle: 'ben' });
  const { id } = server.addConversation({ kind: 'direct', members: [ada.user.id, ben.user.id] });
  /** A program on a device; `store` is what it finds there. */
  const make = (
    who: TestUser,
    more: Partial<ClientOptions> & { readonly store?: Store | 'memory'; readonly tabs?: Tabs | 'none' } = {},
  ): Client =>
    createClient({
      url: server.url,
      transport: server.transport,
      fetch: server.fetch,
      getToken: who.getToken,
      clock,
      random: () => 0.5,
      ...more,
    });
  /** The same, and it runs. */
  const open = (who: TestUser, more: Parameters<typeof make>[1] = {}): Client => {
    const client = make(who, more);
    client.start();
    return client;
  };
  const online = async (who: TestUser, more: Parameters<typeof open>[1] = {}): Promise<Client> => {
    const client = open(who, more);
    await clock.until(client.online());
    return client;
  };
  return { clock, server, ada, ben, id, make, open, online };
}

export { memoryStore };

/** What a person would read: texts in order, with what is odd about them. */
export function texts(items: readonly TimelineItem[]): string[] {
  return items.map((item) => {
    if (item.type === 'gap') return `gap ${item.from}-${item.to}`;
    if (item.type === 'member' || item.type === 'conversation') return item.type;
    const text = item.content.kind === 'text' ? String(item.content.text) : item.content.kind;
    return item.type === 'pending' ? `${text} (${item.state.name})` : text;
  });
}

/** Subscribes, as a screen does; answers what it shows now. */
export function look(client: Client, conversation: string) {
  const { timeline } = client.conversation(conversation);
  const off = timeline.subscribe(() => {});
  return { off, texts: () => texts(timeline.get().items), state: () => timeline.get() };
}

/** What a program runs on, and how it ends when the machine takes it away: nothing more comes from it or to it. */
export function killable(
  { clock, server }: Pick<ReturnType<typeof world>, 'clock' | 'server'>,
  store: Store,
) {
  let alive = true;
  const sockets: SocketLike[] = [];
  const never = <T>(): Promise<T> => new Promise(() => {});
  const living = <T>(promise: Promise<T>): Promise<T> =>
    promise.then(
      (value) => (alive ? value : never<T>()),
      (error) => (alive ? Promise.reject(error) : never<T>()),
    );
  const options = {
    clock: {
      now: clock.now,
      after: (ms: number, run: () => void) => clock.after(ms, () => alive && run()),
    },
    transport: (url: string, token: string) => {
      if (!alive) return never<SocketLike>();
      const socket = server.transport(url, token);
      sockets.push(socket);
      return socket;
    },
    fetch: ((input, init) => living(server.fetch(input, init))) as typeof globalThis.fetch,
    store: {
      read: (...args) => living(store.read(...args)),
      write: (rows) => (alive ? living(store.write(rows)) : never()),
      clear: () => (alive ? living(store.clear()) : never()),
    } satisfies Store,
  };
  return {
    options,
    kill: () => {
      alive = false;
      for (const socket of sockets) {
        // What was under way to it until the close arrives is heard by nobody.
        socket.onmessage = null;
        socket.close(1000);
      }
    },
  };
}
