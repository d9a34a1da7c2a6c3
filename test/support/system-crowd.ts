import { WebSocket } from 'ws';
import type { Issuer } from '../../bench/support/issuer.ts';
import { createHeadless, type Headless } from '../../client/headless.ts';
import { type Account, type Conversation, createAccount, type Transport } from '../../client/index.ts';
import type { Rng } from './rng.ts';

/** The sends and their acknowledgements, as they pass by on the sockets. */
export class Traffic {
  readonly #seen = new Set<string>();
  #waiting: (() => void)[] = [];
  /** Sent since the last `forget` and not answered. */
  readonly underWay = new Set<string>();
  /** Sends of something that was sent before. */
  resends = 0;
  /** Acknowledgements of what the service stored at that moment, and not before. */
  firstAcks = 0;

  sent(clientId: string): void {
    if (this.#seen.has(clientId)) this.resends++;
    this.#seen.add(clientId);
    this.underWay.add(clientId);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  watch(client: Headless): void {
    client.on('acked', ({ clientId }) => this.underWay.delete(clientId));
    client.on('frame', (frame) => {
      if (frame.type === 'ack' && !frame.duplicate) this.firstAcks++;
    });
  }

  nextSend(): Promise<void> {
    return new Promise((wake) => this.#waiting.push(wake));
  }

  /** Whatever is under way gets no answer any more. */
  forget(): void {
    this.underWay.clear();
  }
}

/** Sockets of `ws` that tell of the sends going out. */
export function countingTransport(traffic: Traffic): Transport {
  return (url, token) => {
    const socket = new WebSocket(url, ['parley.v1', `parley.bearer.${token}`], { perMessageDeflate: false });
    const send = socket.send.bind(socket);
    return Object.assign(socket, {
      send: (text: string): void => {
        const sent = text.startsWith('{"type":"send"') ? /"clientId":"([^"]+)"/.exec(text)?.[1] : undefined;
        send(text);
        if (sent !== undefined) traffic.sent(sent);
      },
    });
  };
}

/** One device of somebody, with a client that finds its way back by itself. */
export interface Phone {
  /** Whose it is. */
  readonly who: string;
  readonly name: string;
  readonly user: string;
  readonly account: Account;
  readonly client: Headless;
}

export interface PhoneOptions {
  readonly url: string;
  readonly issuer: Issuer;
  readonly rng: Rng;
  readonly transport: Transport;
  /** Of another release than today's. */
  readonly createHeadless?: typeof createHeadless;
}

/** Waits between tries are this share of what they are in real life: the crash is the test, not the patience. */
const HASTE = 0.02;
/** All of a test stays in memory, to be compared at the end. */
const KEEP = 1_000_000;

/** Signs `who` in on one more device; `limit`: messages a conversation that a resume may bring. */
export async function signIn(
  { url, issuer, rng, transport, createHeadless: create = createHeadless }: PhoneOptions,
  who: string,
  device: string,
  limit: number,
): Promise<Phone> {
  const account = createAccount({ url });
  const { user } = await account.exchange(await issuer.token(who, who), device);
  const name = `${who}-${device}`;
  let sends = 0;
  const client = create({
    url,
    // Never a refresh: this token outlives the test.
    getToken: () => account.getToken(),
    transport,
    limit,
    keep: KEEP,
    random: () => rng.next() * HASTE,
    newId: () => `${name}-${sends++}`,
  });
  return { who, name, user: user.id, account, client };
}

/** Every entry of a conversation's log as the user of this client may read it, over HTTP. */
export async function wholeLog(
  { client }: { readonly client: Pick<Headless, 'api'> },
  conversation: string,
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (;;) {
    const after = entries.at(-1)?.seq ?? 0;
    const page = await client.api<{ entries: LogEntry[]; head: number }>(
      'GET',
      `/conversations/${conversation}/log?after=${after}`,
    );
    entries.push(...page.entries);
    if (page.entries.length === 0 || entries.at(-1)?.seq === page.head) return entries;
  }
}

export interface LogEntry {
  readonly type: string;
  readonly seq: number;
  readonly from?: string;
  readonly clientId?: string;
  readonly content?: { readonly text?: string };
  readonly reactions?: Readonly<Record<string, readonly string[]>>;
}

/** What a conversation of the crowd is: who is in it, by the place in the crowd. */
export interface Room {
  readonly conversation: Conversation;
  readonly phones: readonly Phone[];
}

/** Resolves when `done`, which is looked at after each of the client's events; rejects after `ms`. */
export function whenSeen(
  client: Headless,
  done: () => boolean,
  ms: number,
  what: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const offs = (['timeline', 'receipt', 'state', 'acked'] as const).map((event) => client.on(event, look));
    const late = setTimeout(() => finish(() => reject(new Error(`not in time: ${what()}`))), ms);
    look();
    function look(): void {
      if (done()) finish(resolve);
    }
    function finish(then: () => void): void {
      clearTimeout(late);
      for (const off of offs) off();
      then();
    }
  });
}
