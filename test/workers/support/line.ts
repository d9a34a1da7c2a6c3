/** A device's socket as tests use it: every frame is checked against the schema, and waiting is for frames. */
import { parseDown } from '../../../schema/protocol/codec.ts';
import type { Down, DownOf } from '../../../schema/protocol/down.ts';
import type { Entry as LogEntry } from '../../../schema/protocol/frames-log.ts';
import type { UpOf } from '../../../schema/protocol/up.ts';
import worker from '../../../worker/index.ts';
import type { Person } from './people.ts';
import { site, textOf } from './site.ts';

/** Only ever reached by a test that fails. */
const PATIENCE_MS = 120_000;
const GATHER_MS = 20;

export interface Opening {
  /** How the token is brought; browsers can't set headers. */
  readonly by?: 'protocol' | 'header';
  /** `null`: say nothing yet. */
  readonly hello?: Omit<UpOf<'hello'>, 'type'> | null;
  /** Confirms what has come without a gap, as a client does. */
  readonly confirm?: boolean;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export function upgrade(token: string, by: 'protocol' | 'header' = 'protocol'): Promise<Response> {
  const headers: Record<string, string> =
    by === 'protocol'
      ? { 'sec-websocket-protocol': `parley.v1, parley.bearer.${token}` }
      : { authorization: `Bearer ${token}` };
  return worker.fetch(
    new Request('https://parley.test/v1/ws', { headers: { upgrade: 'websocket', ...headers } }),
    site.env,
  );
}

const isEntry = (frame: Down): frame is LogEntry =>
  'seq' in frame && frame.type !== 'ack' && frame.type !== 'receipt';

export class Line {
  readonly frames: Down[] = [];
  readonly closed: Promise<Closed>;
  /** Every entry that came, live or in a batch, by conversation and `seq`. */
  readonly #entries = new Map<string, Map<number, LogEntry>>();
  /** Up to here there is no gap, own sends counted by their `ack`. */
  readonly #whole = new Map<string, number>();
  readonly #acked = new Map<string, Set<number>>();
  readonly #waiting = new Set<() => void>();
  readonly #toConfirm = new Set<string>();
  readonly #socket: WebSocket;
  readonly #confirm: boolean;
  #broken: string | undefined;

  constructor(socket: WebSocket, confirm: boolean) {
    this.#socket = socket;
    this.#confirm = confirm;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }), { once: true });
    });
    socket.addEventListener('message', ({ data }) => this.#take(String(data)));
    void this.closed.then((how) => {
      this.#broken ??= `closed ${how.code} ${how.reason}`;
      this.#wake();
    });
    socket.accept();
  }

  static async open(who: Person, { by, hello = {}, confirm = true }: Opening = {}): Promise<Line> {
    const response = await upgrade(who.token, by);
    if (!response.webSocket) throw new Error(`refused: ${response.status} ${await response.text()}`);
    const line = new Line(response.webSocket, confirm);
    if (hello === null) return line;
    for (const [conversation, seq] of Object.entries(hello.heads ?? {})) line.#whole.set(conversation, seq);
    line.send({ type: 'hello', ...hello });
    await line.first('synced');
    return line;
  }

  #take(text: string): void {
    const frame = parseDown(text);
    if (!frame.ok) this.#broken ??= `${frame.detail}: ${text.slice(0, 500)}`;
    else this.#keep(frame.value);
    this.#wake();
  }

  #keep(frame: Down): void {
    this.frames.push(frame);
    if (frame.type === 'ack') {
      inMap(this.#acked, frame.conversation, () => new Set<number>()).add(frame.seq);
      return this.#advance(frame.conversation);
    }
    if (frame.type !== 'batch') {
      if (isEntry(frame)) this.#enter(frame);
      return;
    }
    // What an explicit gap leaves out counts as had: this device pages it when it wants it.
    const first = frame.entries[0];
    if (frame.gapBefore !== undefined && first)
      this.#whole.set(frame.conversation, Math.max(this.whole(frame.conversation), first.seq - 1));
    for (const one of frame.entries) this.#enter(one);
  }

  #enter(entry: LogEntry): void {
    inMap(this.#entries, entry.conversation, () => new Map<number, LogEntry>()).set(entry.seq, entry);
    this.#advance(entry.conversation);
  }

  #advance(conversation: string): void {
    const before = this.whole(conversation);
    const log = this.#entries.get(conversation);
    const own = this.#acked.get(conversation);
    let last = before;
    while (log?.has(last + 1) || own?.has(last + 1)) last++;
    if (last === before) return;
    this.#whole.set(conversation, last);
    if (this.#confirm) this.#confirmSoon(conversation);
  }

  /** Gathered, as clients do: a confirmation for every entry would be more frames than a device may send. */
  #confirmSoon(conversation: string): void {
    if (this.#toConfirm.size === 0)
      setTimeout(() => {
        for (const one of this.#toConfirm)
          this.send({ type: 'received', conversation: one, seq: this.whole(one) });
        this.#toConfirm.clear();
      }, GATHER_MS);
    this.#toConfirm.add(conversation);
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** The last `seq` before which nothing is missing here. */
  whole(conversation: string): number {
    return this.#whole.get(conversation) ?? 0;
  }

  send(frame: object | string): void {
    // Closed meanwhile: what waits for an answer fails with that.
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** Waits until `look`, asked again at every frame, has a result. */
  until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      const fail = (why: string): void => {
        end();
        const last = this.frames.slice(-5).map((frame) => JSON.stringify(frame).slice(0, 200));
        reject(new Error(`${what}: ${why}; last of ${this.frames.length} frames:\n${last.join('\n')}`));
      };
      const check = (): void => {
        try {
          const found = look();
          if (found !== undefined && found !== false) {
            end();
            resolve(found);
          } else if (this.#broken !== undefined) fail(this.#broken);
        } catch (thrown) {
          fail(String(thrown));
        }
      };
      const timer = setTimeout(() => fail('did not come'), PATIENCE_MS);
      this.#waiting.add(check);
      check();
    });
  }

  of<T extends Down['type']>(type: T): DownOf<T>[] {
    return this.frames.filter((frame): frame is DownOf<T> & Down => frame.type === type) as DownOf<T>[];
  }

  /** The first frame of this type that fits. */
  first<T extends Down['type']>(
    type: T,
    fits: (frame: DownOf<T>) => boolean = () => true,
  ): Promise<DownOf<T>> {
    return this.until(`${type} ${fits}`, () => this.of(type).find(fits));
  }

  /** Waits until nothing is missing up to `seq`. */
  async reaches(conversation: string, seq: number): Promise<LogEntry[]> {
    await this.until(`${conversation} up to ${seq}`, () => this.whole(conversation) >= seq);
    return this.log(conversation);
  }

  /** What came of a conversation, by `seq`; own sends of this very connection are not in it. */
  log(conversation: string): LogEntry[] {
    return [...(this.#entries.get(conversation) ?? [])].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  }

  /** Sends a message and waits for its `ack`. */
  async say(
    conversation: string,
    clientId: string,
    more: { text?: string; after?: string; replyTo?: number } = {},
  ) {
    const { text = clientId, ...rest } = more;
    this.send({ type: 'send', clientId, conversation, content: textOf(text), ...rest });
    return this.ack(clientId, conversation);
  }

  ack(clientId: string, conversation?: string): Promise<DownOf<'ack'>> {
    const mine = (f: { clientId?: string; conversation?: string }): boolean =>
      f.clientId === clientId && (conversation === undefined || f.conversation === conversation);
    return this.until(`ack of ${clientId}`, () => {
      const failed = this.of('error').find(mine);
      if (failed) throw new Error(`${clientId}: ${failed.code} ${failed.detail}`);
      return this.of('ack').find(mine);
    });
  }

  /** The first error of this code that fits. */
  error(code: string, fits: (frame: DownOf<'error'>) => boolean = () => true): Promise<DownOf<'error'>> {
    return this.first('error', (frame) => frame.code === code && fits(frame));
  }

  /** Everything this connection sent before is answered as far as the user's object answers it at once. */
  async fence(): Promise<void> {
    const before = this.of('pong').length;
    // Not the exact text of a ping: the runtime would answer that itself, out of turn.
    this.send('{"type":"ping" }');
    await this.until('pong', () => this.of('pong').length > before);
  }

  /** Cursors of the live frames, in the order they came. */
  cursors(): number[] {
    return this.frames.flatMap((frame) =>
      isEntry(frame) && frame.cursor !== undefined ? [frame.cursor] : [],
    );
  }
}

function inMap<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
