import {
  type Account,
  type Client,
  createClient,
  memoryStore,
  ParleyError,
  type Send,
} from '../../client/index.ts';
import type { Rng } from '../support/rng.ts';

/** A message somebody wrote, until the end of the run. */
export interface Said {
  readonly room: string;
  readonly clientId: string;
  /** As it was changed last. */
  text: string;
  /** Known when its acknowledgement came. */
  seq: number | undefined;
}

export interface DeviceOptions {
  readonly name: string;
  readonly account: Account;
  readonly url: string;
  /** Messages a conversation that a resume may bring. */
  readonly limit: number;
  /** Waits between tries are this share of what they are in real life. */
  readonly haste: number;
  readonly rng: Rng;
  readonly online: (device: Device) => void;
}

const EMOJI = ['👍', '🎉', '😀'];

/** One device of somebody: its store outlives the clients that are started on it, one after the other. */
export class Device {
  readonly name: string;
  readonly said: Said[] = [];
  /** What must not happen, and did. */
  readonly violations: string[] = [];
  /** From writing to the acknowledgement, at most, in ms. */
  slowestAck = 0;
  /** Acknowledgements of what was stored before its first one got lost. */
  duplicates = 0;
  changes = 0;
  connects = 0;
  /** Sends of the client that runs now. */
  sends: { readonly said: Said; readonly send: Send }[] = [];
  readonly #options: DeviceOptions;
  readonly #store = memoryStore();
  readonly #counts = new Map<string, number>();
  /** The last message of each room that the app was told of. */
  readonly #told = new Map<string, number>();
  #client: Client | undefined;
  #room: { readonly id: string; readonly leave: () => void } | undefined;

  constructor(options: DeviceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get user(): string {
    return this.#options.account.session?.user.id ?? '';
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  get client(): Client {
    if (!this.#client) throw new Error(`${this.name} is closed`);
    return this.#client;
  }

  open(): void {
    const { account, url, limit, haste, online } = this.#options;
    const client = createClient({
      url,
      getToken: account.getToken,
      user: this.user,
      limit,
      random: () => Math.random() * haste,
      store: this.#store,
      tabs: 'none',
    });
    client.on('state', ({ name }) => {
      if (name === 'online') {
        this.connects++;
        online(this);
      }
      if (name === 'needs-auth') this.violations.push(`${this.name} was logged out`);
    });
    client.on('message', ({ conversation, seq }) => {
      const before = this.#told.get(conversation) ?? 0;
      if (seq <= before) this.violations.push(`${this.name} was told of ${seq} after ${before}`);
      this.#told.set(conversation, seq);
    });
    client.on('failed', ({ clientId, error }) =>
      this.violations.push(`${this.name} could not send ${clientId}: ${error}`),
    );
    client.on('error', (error) => {
      if (error.code !== 'network') this.violations.push(`${this.name}: ${error.code} ${error.message}`);
    });
    this.#client = client;
    client.start();
  }

  /** The program ends; what it wrote in its last moment is in the store. */
  async close(): Promise<void> {
    this.#room?.leave();
    this.#room = undefined;
    this.sends = [];
    const client = this.#client;
    this.#client = undefined;
    client?.close();
    await new Promise((done) => setImmediate(done));
  }

  say(room: string): void {
    const count = this.#counts.get(room) ?? 0;
    this.#counts.set(room, count + 1);
    const text = `${this.name} #${count}`;
    const began = performance.now();
    const send = this.client.conversation(room).send(text);
    const said: Said = { room, clientId: send.clientId, text, seq: undefined };
    this.said.push(said);
    this.sends.push({ said, send });
    send.acked.then(
      ({ seq, duplicate }) => {
        said.seq = seq;
        if (duplicate) this.duplicates++;
        this.slowestAck = Math.max(this.slowestAck, performance.now() - began);
      },
      (error) => {
        // A program that ends leaves it to the next one.
        if (!(error instanceof ParleyError && error.code === 'closed'))
          this.violations.push(`${this.name} could not send ${text}: ${error}`);
      },
    );
  }

  /** Changes something it said before, or reacts to it. */
  change(): void {
    const { rng } = this.#options;
    const said = this.said.filter(({ seq }) => seq !== undefined).at(-rng.int(1, 5));
    if (said?.seq === undefined) return;
    this.changes++;
    const room = this.client.conversation(said.room);
    if (rng.chance(0.5)) {
      said.text = `${said.text}!`;
      room.edit(said.seq, said.text);
    } else room.react(said.seq, rng.pick(EMOJI), rng.chance(0.8));
  }

  /** Puts this room on the screen: what is in it and what comes gets read. */
  look(id: string): void {
    if (this.#room?.id === id) return;
    this.#room?.leave();
    const room = this.client.conversation(id);
    const leave = room.timeline.subscribe(() => room.read());
    room.read();
    this.#room = { id, leave };
  }
}
