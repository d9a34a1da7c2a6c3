import { createApi, type Method } from '../../../client/http.ts';
import { attach, type SocketLike, socketUrl } from '../../../client/transport.ts';
import { parseDown } from '../../../schema/protocol/codec.ts';
import type { Down, DownOf } from '../../../schema/protocol/down.ts';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';
import type { Up, UpOf } from '../../../schema/protocol/up.ts';

/** Where a suite runs: a service, real or in memory. */
export interface Service {
  readonly url: string;
  readonly transport: (url: string, token: string) => SocketLike;
  readonly fetch: typeof globalThis.fetch;
  /** Of which release it is, where `/v1/health` doesn't tell the whole. */
  readonly release?: string;
  /** A new token of the product that embeds it, about this user of the product. Undefined: there is no product. */
  readonly product?: (subject: string) => Promise<string>;
  /** A token of the product that embeds it, about this person: signs them up, or in, without the work of a password. */
  readonly tokenOf?: (handle: string) => Promise<string>;
}

/** Only ever reached by a test that fails. */
const PATIENCE_MS = 120_000;

export type Problem = { readonly code: string; readonly detail: string; readonly status: number };

/** Somebody signed in on one device. */
export class Person {
  readonly service: Service;
  readonly session: Session;
  readonly id: string;

  constructor(service: Service, session: Session) {
    this.service = service;
    this.session = session;
    this.id = session.user.id;
  }

  get device(): string {
    return this.session.device.id;
  }

  /** The answer of a route; a problem is thrown. */
  api<T = unknown>(method: Method, path: string, body?: unknown): Promise<T> {
    return createApi({ ...this.service, getToken: async () => this.session.accessToken })(method, path, body);
  }

  /** Status and body, whatever they are. */
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.session.accessToken}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const init = text === undefined ? { method, headers } : { method, headers, body: text };
    const response = await this.service.fetch(`${this.service.url}/v1${path}`, init);
    const answer = await response.text();
    return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer) };
  }

  /** The code with which a request is refused. */
  async refused(method: string, path: string, body?: unknown): Promise<string> {
    const { status, body: problem } = await this.ask(method, path, body);
    const code = (problem as Problem | undefined)?.code;
    return code === undefined ? `answered ${status}` : code;
  }

  say(conversation: string, text: string, clientId = text): Promise<{ seq: number }> {
    return this.api('POST', `/conversations/${conversation}/messages`, {
      clientId,
      content: { kind: 'text', text },
    });
  }

  summary(conversation: string): Promise<Conversation> {
    return this.api('GET', `/conversations/${conversation}`);
  }

  /** Another device of the same user. */
  async again(password: string): Promise<Person> {
    const { handle } = this.session.user;
    const token = await this.service.tokenOf?.(handle);
    const session = await (token === undefined
      ? post<Session>(this.service, '/auth/login', { handle, password })
      : post<Session>(this.service, '/auth/exchange', { token }));
    return new Person(this.service, session);
  }

  connect(hello: Partial<UpOf<'hello'>> = {}): Promise<Line> {
    return Line.open(this, hello);
  }
}

/** A request without a token. */
export async function post<T>(service: Service, path: string, body: unknown): Promise<T> {
  const response = await service.fetch(`${service.url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer as T;
}

/** One socket, and all that came on it. */
export class Line {
  readonly frames: Down[] = [];
  closed: number | undefined;
  readonly #socket: SocketLike;
  readonly #waiting = new Set<() => void>();

  private constructor(person: Person) {
    const { service, session } = person;
    this.#socket = service.transport(socketUrl(service.url), session.accessToken);
  }

  /** A line on which nothing was said yet; undefined when the service did not let it in. */
  static async silent(person: Person): Promise<Line | undefined> {
    const line = new Line(person);
    const opened = await new Promise<boolean>((resolve) => {
      attach(line.#socket, {
        opened: () => resolve(true),
        text: (text) => line.#arrived(text),
        closed: ({ code }) => {
          line.closed = code;
          line.#look();
          resolve(false);
        },
      });
    });
    return opened ? line : undefined;
  }

  /** Open and resumed. */
  static async open(person: Person, hello: Partial<UpOf<'hello'>>): Promise<Line> {
    const line = await Line.silent(person);
    if (!line) throw new Error('the socket did not open');
    line.send({ type: 'hello', ...hello });
    await line.frame('synced');
    return line;
  }

  #arrived(text: string): void {
    const frame = parseDown(text);
    if (!frame.ok) throw new Error(`a frame that is none: ${frame.detail}: ${text}`);
    this.frames.push(frame.value);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  send(frame: Up): void {
    this.raw(JSON.stringify(frame));
  }

  raw(text: string): void {
    this.#socket.send(text);
  }

  say(conversation: string, text: string, more: Partial<UpOf<'send'>> = {}): void {
    this.send({ type: 'send', clientId: text, conversation, content: { kind: 'text', text }, ...more });
  }

  of<T extends Down['type']>(type: T): DownOf<T>[] {
    return this.frames.filter((frame) => frame.type === type) as DownOf<T>[];
  }

  /** Waits until `look` has a result. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`it did not come; the last frames: ${JSON.stringify(this.frames.slice(-8))}`));
      }, PATIENCE_MS);
      const check = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The first frame of this type that `fits`. */
  frame<T extends Down['type']>(
    type: T,
    fits: (frame: DownOf<T>) => boolean = () => true,
  ): Promise<DownOf<T>> {
    return this.until(() => this.of(type).find(fits));
  }

  /** The answer to a send. */
  acked(clientId: string): Promise<DownOf<'ack'>> {
    return this.frame('ack', (frame) => frame.clientId === clientId);
  }

  /** The error about a send. */
  async failed(clientId: string): Promise<string> {
    return (await this.frame('error', (frame) => frame.clientId === clientId)).code;
  }

  /** Everything the service had to say so far has arrived: a pull is answered behind it. */
  async settle(conversation: string): Promise<void> {
    const before = this.of('batch').length + this.of('error').length;
    this.send({ type: 'pull', conversation, limit: 1 });
    await this.until(() => this.of('batch').length + this.of('error').length > before);
  }

  /** Resolves when the service has noticed. */
  async hangUp(): Promise<void> {
    this.#socket.close(1000);
    await this.until(() => this.closed !== undefined);
  }
}
