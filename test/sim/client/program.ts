import { autoTransport } from '../../../client/auto-transport.ts';
import { type Client, createClient, memoryStore } from '../../../client/index.ts';
import type { TestServer, TestUser, VirtualClock } from '../../../client/testing/index.ts';
import type { Send } from '../../../client/types.ts';
import { FakeBrowser } from '../../unit/client/fake-tabs.ts';
import { killable } from '../../unit/client/support.ts';

/** A send as the person remembers it; of the programs that have ended nothing more is heard. */
export interface Said {
  readonly conversation: string;
  readonly clientId: string;
  readonly text: string;
  readonly send: Send;
  cancelled?: true;
  /** Where and when: only what one tab said, or what was far enough apart, has an order. */
  readonly tab: number;
  readonly at: number;
  /** No other tab was there that may send it at this very moment. */
  readonly alone: boolean;
}

interface Tab {
  readonly number: number;
  readonly client: Client;
  kill(): void;
}

/** One device: a store that lasts, and tabs that come and go. */
export class Device {
  readonly who: TestUser;
  readonly said: Said[] = [];
  /** Messages of others a bot in a tab was told: `conversation seq`, by tab. */
  readonly told: string[][] = [];
  /** Own messages of this very device it was told of, as if somebody else had said them. */
  readonly echoes: string[] = [];
  readonly unkept = new Set<string>();
  readonly store = memoryStore();
  readonly #world: { readonly clock: VirtualClock; readonly server: TestServer };
  readonly #browser: FakeBrowser;
  readonly #random: () => number;
  readonly tabs: Tab[] = [];
  #ids = 0;

  constructor(world: { clock: VirtualClock; server: TestServer }, who: TestUser, random: () => number) {
    this.#world = world;
    this.who = who;
    this.#random = random;
    this.#browser = new FakeBrowser(world.clock);
  }

  open(): void {
    const { server } = this.#world;
    const program = killable(this.#world, this.store);
    const tabs = this.#browser.tab();
    const client = createClient({
      url: server.url,
      getToken: this.who.getToken,
      random: this.#random,
      newId: () => `${this.who.device.id}-${this.#ids++}`,
      page: 20,
      limit: 20,
      ...program.options,
      tabs,
      transport: autoTransport(program.options.transport),
    });
    const told: string[] = [];
    this.told.push(told);
    client.on('message', ({ conversation, seq, from, clientId }) => {
      told.push(`${conversation} ${seq}`);
      if (from === this.who.user.id && clientId.startsWith(this.who.device.id)) this.echoes.push(clientId);
    });
    // Somebody logs in again.
    client.connection.subscribe(() => client.connection.get().name === 'needs-auth' && client.start());
    client.start();
    this.tabs.push({
      number: this.told.length,
      client,
      kill: () => {
        program.kill();
        tabs.kill();
      },
    });
  }

  /** Ends a tab: politely, or as when the browser takes it away. */
  end(index: number, kill: boolean): void {
    const [tab] = this.tabs.splice(index, 1);
    if (!kill) return tab?.client.close();
    tab?.kill();
    // What it said at this very moment it could not keep, though the service may have heard it.
    const now = this.#world.clock.now();
    for (const { tab: number, at, clientId } of this.said)
      if (number === tab?.number && at === now) this.unkept.add(clientId);
  }

  say(tab: number, conversation: string, text: string): void {
    const { client, number = 0 } = this.tabs[tab] ?? {};
    if (!client) return;
    const send = client.conversation(conversation).send(text);
    const { clientId } = send;
    const at = this.#world.clock.now();
    this.said.push({ conversation, clientId, text, send, tab: number, at, alone: this.tabs.length === 1 });
  }
}
