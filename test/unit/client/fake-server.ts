import type { Clock } from '../../../client/clock.ts';
import type { SocketLike, Transport } from '../../../client/transport.ts';
import { parseUp } from '../../../schema/protocol/codec.ts';
import type { Down } from '../../../schema/protocol/down.ts';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import type { Up, UpOf } from '../../../schema/protocol/up.ts';

/** How badly things go; all 0 is a good day. Chances from 0 to 1. */
export interface Trouble {
  /** A frame either way kills the socket instead of arriving. */
  readonly drop: number;
  /** A push is lost; the service repeats it seconds later. */
  readonly lose: number;
  /** A push comes twice. */
  readonly repeat: number;
  /** A send is answered by an error that asks to come again. */
  readonly refuse: number;
  /** ms a push is late, at most. */
  readonly lag: number;
}

export const CALM: Trouble = { drop: 0, lose: 0, repeat: 0, refuse: 0, lag: 0 };

interface Log {
  readonly members: string[];
  readonly entries: Entry[];
  readonly sent: Map<string, number>;
  readonly received: Map<string, number>;
  readonly read: Map<string, number>;
}

interface Change {
  readonly conversation: string;
  readonly seq: number;
}

/** A server in memory: sends, resume, pulls, receipts and every trouble a line can have, on the test's clock. */
export class FakeServer {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logs = new Map<string, Log>();
  /** By user; index + 1 is the cursor. */
  readonly #changes = new Map<string, Change[]>();
  readonly sockets = new Set<FakeSocket>();
  trouble: Trouble = CALM;
  /** Every frame that came up, with its user. */
  readonly seen: { readonly user: string; readonly frame: Up }[] = [];
  limits: Record<string, number> = {};

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  create(id: string, members: string[]): void {
    this.#logs.set(id, { members, entries: [], sent: new Map(), received: new Map(), read: new Map() });
  }

  log(id: string): Log {
    const log = this.#logs.get(id);
    if (!log) throw new Error(`no conversation ${id}`);
    return log;
  }

  /** Opens sockets for tokens of the form `user/device`. */
  readonly transport: Transport = (_url, token) => {
    const [user = '', device = ''] = token.split('/');
    const arrive = (text: string): void => this.#arrive(socket, text);
    const socket: FakeSocket = new FakeSocket(user, device, arrive, () => this.#left(socket));
    this.#clock.after(1, () => {
      // An earlier socket of the device may be dead without anybody knowing.
      for (const other of this.sockets) if (other.user === user && other.device === device) this.#note(other);
      if (socket.open) this.sockets.add(socket);
      socket.open && socket.onopen?.(undefined as never);
    });
    return socket;
  };

  /** HTTP, as far as a client uses it. */
  readonly fetchAs =
    (user: string): typeof globalThis.fetch =>
    async (input) => {
      const url = new URL(String(input));
      const [, , , id = '', what] = url.pathname.split('/');
      const answer = (body: unknown): Response => Response.json(body);
      if (id === '') {
        const mine = [...this.#logs].filter(([, log]) => log.members.includes(user));
        return answer({ conversations: mine.map(([name]) => this.#summary(name, user)) });
      }
      if (what === undefined) return answer(this.#summary(id, user));
      const { entries } = this.log(id);
      const before = Number(url.searchParams.get('before'));
      const limit = Number(url.searchParams.get('limit'));
      return answer({
        entries: entries.slice(Math.max(0, before - 1 - limit), before - 1),
        head: entries.length,
      });
    };

  #summary(id: string, user: string): unknown {
    const { members, entries, received, read } = this.log(id);
    return {
      id,
      kind: members.length === 2 ? 'direct' : 'group',
      mode: 'server',
      memberCount: members.length,
      members: members.map((member) => ({ user: member, role: 'member' })),
      head: entries.length,
      delivered: received.get(user) ?? 0,
      read: read.get(user) ?? 0,
      unread: 0,
      createdAt: 1,
    };
  }

  /** Says something as `user`, from nowhere in particular. */
  say(conversation: string, user: string, text: string): Entry {
    return this.#append(conversation, user, { clientId: `said-${text}`, content: { kind: 'text', text } });
  }

  #append(
    conversation: string,
    from: string,
    op: Pick<UpOf<'send'>, 'clientId' | 'content'>,
    by?: FakeSocket,
  ): Entry {
    const log = this.log(conversation);
    const seq = log.entries.length + 1;
    const entry: Entry = {
      type: 'message',
      conversation,
      seq,
      ordinal: seq,
      from,
      at: this.#clock.now(),
      ...op,
    };
    log.entries.push(entry);
    log.sent.set(`${from} ${op.clientId}`, seq);
    for (const user of log.members) {
      const changes = this.#changesOf(user);
      changes.push({ conversation, seq });
      const cursor = changes.length;
      for (const socket of this.sockets)
        if (socket.user === user && socket !== by) this.#push(socket, { ...entry, cursor });
    }
    return entry;
  }

  #changesOf(user: string): Change[] {
    const changes = this.#changes.get(user) ?? [];
    this.#changes.set(user, changes);
    return changes;
  }

  /** One push to one socket, with what can happen to it. */
  #push(socket: FakeSocket, frame: Down): void {
    const { lose, repeat, lag } = this.trouble;
    const late = lag === 0 ? 0 : this.#random() * lag;
    const times = this.#chance(repeat) ? 2 : 1;
    if (this.#chance(lose)) this.#clock.after(3000, () => this.#down(socket, frame));
    else for (let i = 0; i < times; i++) this.#clock.after(late, () => this.#down(socket, frame));
  }

  #chance(p: number): boolean {
    return p > 0 && this.#random() < p;
  }

  #down(socket: FakeSocket, frame: Down): void {
    if (!socket.open) return;
    if (this.#chance(this.trouble.drop)) return this.kill(socket);
    socket.onmessage?.({ data: JSON.stringify(frame) } as never);
  }

  kill(socket: FakeSocket, code = 1006): void {
    if (!socket.open) return;
    socket.open = false;
    this.#left(socket);
    socket.onclose?.({ code, reason: '' } as never);
  }

  #left(socket: FakeSocket): void {
    if (this.sockets.delete(socket)) this.#note(socket);
  }

  /** As the service does it: what a device leaves unconfirmed is noted as a change of its own. */
  #note(socket: FakeSocket): void {
    for (const [conversation, { members, entries }] of this.#logs) {
      if (!members.includes(socket.user) || (socket.confirmed.get(conversation) ?? 0) >= entries.length)
        continue;
      this.#changesOf(socket.user).push({ conversation, seq: entries.length });
    }
  }

  #arrive(socket: FakeSocket, text: string): void {
    if (this.#chance(this.trouble.drop)) return void this.#clock.after(0, () => this.kill(socket));
    const up = parseUp(text, DEFAULT_LIMITS);
    if (!up.ok) throw new Error(`the client sent a bad frame: ${up.detail}: ${text}`);
    this.seen.push({ user: socket.user, frame: up.value });
    this.#clock.after(1, () => this.#answer(socket, up.value));
  }

  #answer(socket: FakeSocket, frame: Up): void {
    if (!socket.open) return;
    const answer = (down: Down): void => this.#down(socket, down);
    switch (frame.type) {
      case 'hello':
        return this.#resume(socket, frame);
      case 'ping':
        return answer({ type: 'pong' });
      case 'send':
        return this.#send(socket, frame);
      case 'pull': {
        const { entries } = this.log(frame.conversation);
        const { after = 0, limit = 100 } = frame;
        return answer({
          type: 'batch',
          conversation: frame.conversation,
          entries: entries.slice(after, after + limit),
          head: entries.length,
        });
      }
      case 'received':
      case 'read':
        return this.#confirm(socket, frame);
    }
  }

  #confirm(socket: FakeSocket, { type, conversation, seq }: UpOf<'received'> | UpOf<'read'>): void {
    const log = this.log(conversation);
    if (seq > log.entries.length) throw new Error('the client confirms what does not exist');
    for (const marks of type === 'read' ? [log.received, log.read] : [log.received]) {
      marks.set(socket.user, Math.max(seq, marks.get(socket.user) ?? 0));
    }
    socket.confirmed.set(conversation, Math.max(seq, socket.confirmed.get(conversation) ?? 0));
    const mark = { delivered: log.received.get(socket.user) ?? 0, read: log.read.get(socket.user) ?? 0 };
    for (const other of this.sockets) {
      if (other.user !== socket.user && log.members.includes(other.user)) {
        this.#push(other, { type: 'receipt', conversation, user: socket.user, ...mark });
      }
    }
  }

  #send(socket: FakeSocket, frame: UpOf<'send'>): void {
    const { clientId, conversation, after, content } = frame;
    const log = this.log(conversation);
    const known = log.sent.get(`${socket.user} ${clientId}`);
    const error = (code: string, retryAfter?: number): void =>
      this.#down(socket, {
        type: 'error',
        code,
        detail: code,
        clientId,
        ...(retryAfter === undefined ? {} : { retryAfter }),
      });
    if (known === undefined && this.#chance(this.trouble.refuse)) {
      return this.#chance(0.5) ? error('rate_limited', 1) : error('unavailable');
    }
    if (known === undefined && after !== undefined && !log.sent.has(`${socket.user} ${after}`))
      return error('conflict');
    if (content.kind === 'text' && content.text === 'forbidden') return error('forbidden');
    const seq = known ?? this.#append(conversation, socket.user, { clientId, content }, socket).seq;
    const { at } = log.entries[seq - 1] as Extract<Entry, { type: 'message' }>;
    const duplicate = known === undefined ? {} : { duplicate: true };
    this.#down(socket, { type: 'ack', clientId, conversation, seq, at, state: 'sent', ...duplicate });
  }

  #resume(socket: FakeSocket, { cursor, heads = {}, limit = 100 }: UpOf<'hello'>): void {
    const { user, device } = socket;
    for (const [conversation, seq] of Object.entries(heads)) {
      socket.confirmed.set(conversation, seq);
      const { received } = this.log(conversation);
      received.set(user, Math.max(seq, received.get(user) ?? 0));
    }
    const changes = this.#changesOf(user);
    const head = changes.length;
    const time = this.#clock.now();
    this.#down(socket, {
      type: 'welcome',
      user,
      device,
      cursor: head,
      heartbeat: 15_000,
      time,
      limits: this.limits,
    });
    const due =
      cursor === undefined ? [] : new Set(changes.slice(cursor).map((change) => change.conversation));
    // A resume takes its time, and live frames come in between.
    let at = 0;
    for (const conversation of due) {
      at += 30;
      this.#clock.after(at, () =>
        this.#down(socket, this.#missed(conversation, heads[conversation] ?? 0, limit)),
      );
    }
    this.#clock.after(at + 30, () => this.#down(socket, { type: 'synced', cursor: head }));
  }

  #missed(conversation: string, from: number, limit: number): Down {
    const { entries } = this.log(conversation);
    const left = entries.length - from > limit;
    const shown = left ? entries.slice(-limit) : entries.slice(from);
    const batch = { type: 'batch', conversation, entries: shown, head: entries.length } as const;
    return left ? { ...batch, gapBefore: from } : batch;
  }
}

export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  open = true;
  readonly user: string;
  readonly device: string;
  readonly confirmed = new Map<string, number>();
  readonly #arrive: (text: string) => void;
  readonly #left: () => void;

  constructor(user: string, device: string, arrive: (text: string) => void, left: () => void) {
    this.user = user;
    this.device = device;
    this.#arrive = arrive;
    this.#left = left;
  }

  send(text: string): void {
    if (this.open) this.#arrive(text);
  }

  close(): void {
    this.open = false;
    this.#left();
  }
}
