import { WebSocket } from 'ws';
import type { Session } from '../../schema/protocol/http-auth.ts';

/**
 * A device as lean as the protocol allows, so that the measuring side costs little. It repairs nothing: no retry, no
 * sorting, no de-duplication, so whatever the service does wrong shows.
 */

/** Confirmations are gathered so long, as the client module does. */
const GATHER_MS = 20;
const CONNECT_MS = 30_000;

interface Frame {
  readonly type: string;
  readonly conversation: string;
  readonly seq: number;
  readonly cursor?: number;
  readonly clientId?: string;
  readonly content?: { readonly text?: string };
  readonly entries?: readonly Frame[];
  readonly code?: string;
  readonly detail?: string;
}

/** Where a device stands: what it says in `hello`. */
export interface Standing {
  readonly cursor?: number;
  readonly heads: ReadonlyMap<string, number>;
}

export class Device {
  readonly #socket: WebSocket;
  readonly #heads: Map<string, number>;
  readonly #waiting = new Map<string, () => void>();
  readonly #unconfirmed = new Set<string>();
  #cursor: number | undefined;
  #gathering = false;
  #open = true;
  #sends = 0;
  /** Entries that came, own acknowledged ones not counted. */
  received = 0;
  acked = 0;
  readonly violations: string[] = [];
  /** Called for every entry that came. */
  onEntry: (() => void) | undefined;

  private constructor(socket: WebSocket, standing: Standing) {
    this.#socket = socket;
    this.#heads = new Map(standing.heads);
    this.#cursor = standing.cursor;
  }

  /** Connects and says `hello`; resolves once `synced`. */
  static connect(
    url: string,
    session: Session,
    standing: Standing = { heads: new Map() },
    onEntry?: () => void,
  ): Promise<Device> {
    const socket = new WebSocket(
      `${url.replace(/^http/, 'ws')}/v1/ws`,
      ['parley.v1', `parley.bearer.${session.accessToken}`],
      { perMessageDeflate: false, skipUTF8Validation: true },
    );
    const device = new Device(socket, standing);
    device.onEntry = onEntry;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('not connected in time')), CONNECT_MS);
      socket.on('open', () => {
        const { cursor, heads } = standing;
        const since = cursor === undefined ? {} : { cursor, heads: Object.fromEntries(heads) };
        socket.send(JSON.stringify({ type: 'hello', limit: 500, ...since }));
      });
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame;
        device.#take(frame);
        if (frame.type !== 'synced') return;
        clearTimeout(late);
        resolve(device);
      });
      socket.on('error', reject);
      socket.on('close', (code) => device.#closed(code));
    });
  }

  get standing(): Standing {
    return { ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }), heads: new Map(this.#heads) };
  }

  head(conversation: string): number {
    return this.#heads.get(conversation) ?? 0;
  }

  /** Sends the text of number `n`; `acked` runs when it is durable. */
  send(conversation: string, n: number, acked: () => void): void {
    const clientId = `c${this.#sends++}`;
    this.#waiting.set(clientId, acked);
    this.#socket.send(
      `{"type":"send","clientId":"${clientId}","conversation":"${conversation}","content":{"kind":"text","text":"${textOf(n)}"}}`,
    );
  }

  close(): void {
    this.#open = false;
    this.#socket.close();
  }

  #closed(code: number): void {
    if (this.#open) this.violations.push(`a socket was closed with ${code}`);
  }

  #take(frame: Frame): void {
    if (frame.cursor !== undefined && frame.cursor > (this.#cursor ?? -1)) this.#cursor = frame.cursor;
    switch (frame.type) {
      case 'message':
        this.#entry(frame);
        return this.#confirm(frame.conversation);
      case 'batch':
        for (const entry of frame.entries ?? []) this.#entry(entry);
        if (frame.entries?.length) this.#confirm(frame.conversation);
        return;
      case 'ack': {
        this.acked++;
        this.#advance(frame, 'ack');
        const { clientId = '' } = frame;
        this.#waiting.get(clientId)?.();
        if (!this.#waiting.delete(clientId)) this.violations.push(`acknowledged twice: ${clientId}`);
        return;
      }
      case 'error':
        this.violations.push(`error ${frame.code}: ${frame.detail}`);
        return;
    }
  }

  #entry(frame: Frame): void {
    this.received++;
    this.#advance(frame, 'entry');
    const text = frame.content?.text;
    // One sender a conversation and nothing else in its log: the number in the text must be the entry's.
    if (text !== textOf(frame.seq)) this.violations.push(`seq ${frame.seq} holds the wrong text: ${text}`);
    this.onEntry?.();
  }

  #advance({ conversation, seq }: Frame, what: string): void {
    const head = this.head(conversation);
    if (seq !== head + 1) this.violations.push(`${what} ${seq} came after ${head}`);
    this.#heads.set(conversation, Math.max(head, seq));
  }

  #confirm(conversation: string): void {
    this.#unconfirmed.add(conversation);
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      if (this.#socket.readyState !== WebSocket.OPEN) return;
      for (const id of this.#unconfirmed)
        this.#socket.send(`{"type":"received","conversation":"${id}","seq":${this.head(id)}}`);
      this.#unconfirmed.clear();
    }, GATHER_MS);
  }
}

const textOf = (n: number): string =>
  `${n} so it goes, and so on: about as long as what people say in a chat`;
