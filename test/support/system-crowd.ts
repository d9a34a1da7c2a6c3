import { WebSocket } from 'ws';
import {
  type Account,
  type Client,
  type Conversation,
  createAccount,
  createClient,
  type Transport,
} from '../../client/index.ts';
import type { Issuer } from '../../bench/support/issuer.ts';
import type { Rng } from './rng.ts';

/** Counts what left for the service: `again` are sends of something that was sent before. */
export interface Traffic {
  sends: number;
  again: number;
  readonly onSend: (clientId: string) => void;
}

/** Sockets of `ws` that count the sends going out. */
export function countingTransport(traffic: Traffic): Transport {
  const seen = new Set<string>();
  return (url, token) => {
    const socket = new WebSocket(url, ['parley.v1', `parley.bearer.${token}`], { perMessageDeflate: false });
    const send = socket.send.bind(socket);
    return Object.assign(socket, {
      send: (text: string): void => {
        const sent = text.startsWith('{"type":"send"') ? /"clientId":"([^"]+)"/.exec(text)?.[1] : undefined;
        if (sent !== undefined) {
          traffic.sends++;
          if (seen.has(sent)) traffic.again++;
          seen.add(sent);
          traffic.onSend(sent);
        }
        send(text);
      },
    });
  };
}

/** One device of somebody, with a client that finds its way back by itself. */
export interface Phone {
  readonly name: string;
  readonly user: string;
  readonly account: Account;
  readonly client: Client;
}

export interface PhoneOptions {
  readonly url: string;
  readonly issuer: Issuer;
  readonly rng: Rng;
  readonly transport: Transport;
}

/** Waits between tries are this share of what they are in real life: the crash is the test, not the patience. */
const HASTE = 0.02;
/** All of a test stays in memory, to be compared at the end. */
const KEEP = 1_000_000;

/** Signs `who` in on one more device; `limit`: messages a conversation that a resume may bring. */
export async function signIn(
  { url, issuer, rng, transport }: PhoneOptions,
  who: string,
  device: string,
  limit: number,
): Promise<Phone> {
  const account = createAccount({ url });
  const { user } = await account.exchange(await issuer.token(who, who), device);
  const name = `${who}-${device}`;
  let sends = 0;
  const client = createClient({
    url,
    getToken: account.getToken,
    transport,
    limit,
    keep: KEEP,
    random: () => rng.next() * HASTE,
    newId: () => `${name}-${sends++}`,
  });
  return { name, user: user.id, account, client };
}

/** Every entry of a conversation's log as `phone` may read it, over HTTP. */
export async function wholeLog({ client }: Phone, conversation: string): Promise<LogEntry[]> {
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
}

/** What a conversation of the crowd is: who is in it, by the place in the crowd. */
export interface Room {
  readonly conversation: Conversation;
  readonly phones: readonly Phone[];
}

/** Resolves when `done`, which is looked at after each of the client's events; rejects after `ms`. */
export function whenSeen(client: Client, done: () => boolean, ms: number, what: () => string): Promise<void> {
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
