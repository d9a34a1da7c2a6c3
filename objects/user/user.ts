import { FATAL_BYTES, PONG, parseUp } from '../../schema/protocol/codec.ts';
import { type Content, contentTooLarge } from '../../schema/protocol/content.ts';
import { ERRORS, errorRow, type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Limits } from '../../schema/protocol/limits.ts';
import { VERSION } from '../../schema/protocol/release.ts';
import type { Up, UpOf } from '../../schema/protocol/up.ts';
import type { ApiAnswer, DeliverAnswer, DeliverCall, Op, PollCall, UserRequest } from '../shared/rpc.ts';
import type { Sql } from '../shared/sql.ts';
import { type Connection, newConnection, newRates, type Pending, type Rates } from './connection.ts';
import type { KeptSocket, UserHost } from './host.ts';
import { Inbox } from './inbox.ts';
import { Polls } from './polls.ts';
import { Preferences } from './prefs.ts';
import { ownReceipt, Reports } from './reports.ts';
import { Requests } from './requests.ts';
import { batches, Resumes } from './resume.ts';
import { type SendDone, Sends } from './sends.ts';
import { UserStore } from './store.ts';

/** So many more frames refused than accepted, and the socket is closed: it isn't going to stop. */
const PATIENCE = 1_000;
/** Entries one pull brings to a connection that is behind. */
const CATCH_UP = 500;
const CATCH_UP_RETRY_MS = 1_000;

const ended: Failure = fail('session_ended', 'this device was signed out; sign in again');

/**
 * The core of a UserObject: connections, inbox, sends, receipts, requests. Every method is one synchronous turn, whose
 * writes the platform commits together; what goes out goes out after that commit. Knows no platform: `test/sim` runs it by the thousand.
 */
export class User {
  readonly #user: string;
  readonly #limits: Limits;
  readonly #host: UserHost;
  readonly #store: UserStore;
  readonly #inbox: Inbox;
  readonly #prefs: Preferences;
  readonly #sends: Sends;
  readonly #reports: Reports;
  readonly #resumes: Resumes;
  readonly #requests: Requests;
  readonly #polls: Polls;
  /** By device: another connection is no way around them. */
  readonly #rates = new Map<string, Rates>();

  /** @param sockets those that outlived hibernation, with what each kept. */
  constructor(
    user: string,
    sql: Sql,
    host: UserHost,
    limits: Limits,
    sockets: ReadonlyMap<number, KeptSocket>,
  ) {
    this.#user = user;
    this.#limits = limits;
    this.#polls = new Polls(host, {
      open: (socket, device) => this.opened(socket, device),
      frame: (socket, raw) => this.frame(socket, raw),
      isHello: (raw) => {
        const parsed = parseUp(raw, limits);
        return parsed.ok && parsed.value.type === 'hello';
      },
      closed: (socket) => this.closed(socket),
    });
    // A connection is a socket or a session of long polling; nothing else here has to know which.
    this.#host = {
      ...host,
      send: (socket, frame) => this.#polls.send(socket, frame) || host.send(socket, frame),
      close: (socket, code, reason) => {
        this.#resumes.closed(socket);
        if (!this.#polls.close(socket, ended)) host.close(socket, code, reason);
      },
      keep: (socket, kept) => socket < 0 || host.keep(socket, kept),
      lastPing: (socket) => (socket < 0 ? host.now() : host.lastPing(socket)),
      call: (conversation, method, argument, done) =>
        host.call(conversation, method, argument, (answer) => {
          done(answer);
          if (answer) this.#reports.contact(conversation);
        }),
    };
    this.#store = new UserStore(sql);
    const connections = [...sockets].map(([socket, kept]) =>
      newConnection(socket, kept, this.#ratesOf(kept.device), host.now()),
    );
    this.#inbox = new Inbox(
      this.#store,
      this.#host,
      {
        behind: (c, conversation, p) => this.#catchUp(c, conversation, p),
        silent: (c) => {
          host.telemetry?.count('user.socket.silent');
          this.#end(c, 1001, 'no sign of life');
        },
        crowded: (c) =>
          this.#drop(
            c,
            fail('overloaded', 'there are too many connections: the one silent longest goes', 10),
          ),
      },
      connections,
    );
    this.#prefs = new Preferences(this.#store, this.#inbox, () => host.now());
    const settled = (conversation: string): number => {
      this.#inbox.recall(conversation);
      return this.#inbox.settled(conversation);
    };
    this.#reports = new Reports(this.#host, user, settled, (conversation, marks) => {
      const receipt = ownReceipt(conversation, user, marks);
      for (const c of this.#inbox.connections)
        if (c.ready) this.#host.send(c.socket, c.receipts.forward(receipt));
    });
    this.#sends = new Sends(this.#host, user, settled, this.#reports, (device) =>
      this.#inbox.isOnly(device) ? this.#inbox.notes.cursor : undefined,
    );
    this.#resumes = new Resumes(
      this.#host,
      this.#inbox,
      this.#prefs,
      this.#reports,
      user,
      limits,
      (c, failure) => this.#drop(c, failure),
    );
    this.#requests = new Requests(
      this.#host,
      this.#inbox,
      this.#store,
      this.#prefs,
      this.#reports,
      user,
      this.#sends,
      (conversation, result) => this.#sent(conversation, result, undefined),
    );
    this.#dropInterrupted(sockets);
    // After a deploy sockets may have outlived the code that said `welcome`, or, after going back, newer code.
    for (const c of this.#inbox.connections)
      if (sockets.get(c.socket)?.release !== VERSION) this.#resumes.welcomeAgain(c);
  }

  // ---- connections ----

  /** Whether this device may come in at all. */
  refuses(device: string): Failure | undefined {
    return this.#inbox.isRemoved(device) ? ended : undefined;
  }

  /** Where there are as many connections as may be, the one that was silent longest makes room. */
  opened(socket: number, device: string): void {
    this.#inbox.lines.makeRoom();
    const now = this.#host.now();
    // A socket alone may outlive this object's memory: it keeps what was given out to others before it.
    const kept = { device, synced: false, ceiling: this.#inbox.notes.cursor, at: now };
    this.#inbox.open(newConnection(socket, kept, this.#ratesOf(device), now));
    this.#host.keep(socket, kept);
  }

  /**
   * The memory before this was lost in the middle of something for these sockets: they are closed, and a resume brings
   * what they wait for. So are those that were in the middle of a resume when the object left memory.
   */
  #dropInterrupted(sockets: ReadonlyMap<number, KeptSocket>): void {
    for (const [socket, kept] of sockets) {
      const c = this.#inbox.connection(socket);
      if (!c || !(kept.interrupted || (kept.ready && !kept.synced))) continue;
      // So that what it did not confirm is noted.
      c.ready = kept.ready === true;
      try {
        this.#end(c, 1012, 'interrupted');
      } catch {
        // Storage that takes nothing must not keep the others out. What is not recorded counts as after a crash.
        this.#inbox.lines.remove(c);
        this.#host.close(socket, 1012, 'interrupted');
      }
    }
  }

  /** Sockets that wait for something this memory has under way. */
  get interruptible(): number[] {
    return [...this.#inbox.connections]
      .filter((c) => c.open > 0 || (c.ready && !c.synced))
      .map((c) => c.socket);
  }

  #end(c: Connection, code: number, reason: string): void {
    this.closed(c.socket);
    this.#host.close(c.socket, code, reason);
  }

  #ratesOf(device: string): Rates {
    let rates = this.#rates.get(device);
    if (!rates) {
      rates = newRates(this.#limits, this.#host.now());
      this.#rates.set(device, rates);
    }
    return rates;
  }

  closed(socket: number): void {
    const c = this.#inbox.connection(socket);
    if (!c) return;
    this.#inbox.closed(socket);
    this.#resumes.closed(socket);
  }

  removeDevice(device: string): void {
    const { close, reason } = { close: ERRORS.session_ended.close, reason: 'session_ended' };
    for (const socket of this.#inbox.remove(device)) this.#host.close(socket, close, reason);
    this.#rates.delete(device);
  }

  // ---- frames ----

  frame(socket: number, raw: string | ArrayBuffer): void {
    const c = this.#inbox.connection(socket);
    if (!c) return;
    c.seen = this.#host.now();
    this.#inbox.lines.sweep();
    this.#host.telemetry?.count('user.frame');
    const wait = c.rates.frames.take(c.seen);
    if (wait > 0) {
      if (++c.refused > PATIENCE)
        return this.#drop(c, fail('rate_limited', 'too many frames; come back later', wait));
      return this.#error(c, fail('rate_limited', 'too many frames', wait), nameIn(raw));
    }
    // Not back to 0: while a flood lasts there is always some frame that is let through.
    if (c.refused > 0) c.refused--;
    const size = typeof raw === 'string' ? raw.length : raw.byteLength;
    if (size > FATAL_BYTES)
      return this.#drop(c, fail('too_large', `a frame has at most ${this.#limits.frameBytes} bytes`));
    const parsed = parseUp(raw, this.#limits);
    if (!parsed.ok) return this.#error(c, parsed, nameIn(raw));
    this.#handle(c, parsed.value);
  }

  #drop(c: Connection, failure: Failure): void {
    this.#error(c, failure);
    // The socket first: what follows writes, and storage may be what is broken.
    if (!this.#polls.close(c.socket, failure))
      this.#host.close(c.socket, errorRow(failure.code).close, failure.code);
    this.closed(c.socket);
  }

  #error(c: Connection, failure: Failure, about: { clientId?: string; conversation?: string } = {}): void {
    const { code, detail, retryAfter } = failure;
    this.#host.send(c.socket, JSON.stringify({ type: 'error', code, detail, ...about, retryAfter }));
  }

  #handle(c: Connection, frame: Up): void {
    if (frame.type === 'ping') return this.#host.send(c.socket, PONG);
    if (frame.type === 'hello') {
      if (c.ready)
        return this.#error(c, fail('bad_request', 'type: hello was said already on this connection'));
      this.#host.telemetry?.count('user.resume');
      return this.#resumes.start(c, frame);
    }
    if (!c.ready)
      return this.#error(c, fail('bad_request', 'type: the first frame must be hello'), about(frame));
    switch (frame.type) {
      case 'send':
      case 'edit':
      case 'delete':
      case 'react':
        return this.#send(c, frame);
      case 'received':
        return this.#confirmed(c, frame.conversation, frame.seq, 0);
      case 'read':
        return this.#confirmed(c, frame.conversation, frame.seq, frame.seq);
      case 'pull':
        return this.#pull(c, frame);
      case 'typing':
      case 'focus':
      case 'watch':
        // Presence and typing come with their own objects; a frame that only informs has no answer.
        return;
    }
  }

  // ---- sends ----

  #send(c: Connection, frame: UpOf<'send' | 'edit' | 'delete' | 'react'>): void {
    const { conversation, clientId } = frame;
    const wait = c.rates.sends.take(this.#host.now());
    if (wait > 0)
      return this.#error(c, fail('rate_limited', 'too many sends', wait), { clientId, conversation });
    const op = opOf(frame);
    const tooLarge = 'content' in op ? contentTooLarge(op.content as Content, this.#limits) : undefined;
    if (tooLarge) return this.#error(c, tooLarge, { clientId, conversation });
    const bytes = 'content' in op ? 200 + sizeOf(op.content as Content) : 200;
    c.open++;
    const done = (result: SendDone): void => {
      c.open--;
      if (!result.ok) return this.#error(c, result, { clientId, conversation });
      const { seq, at, duplicate } = result;
      this.#host.send(
        c.socket,
        `{"type":"ack","clientId":"${clientId}","conversation":"${conversation}","seq":${seq},"at":${at},"state":"sent"${duplicate ? ',"duplicate":true' : ''}}`,
      );
      this.#sent(conversation, result, c);
      this.#inbox.pushes.acked(c, conversation, seq);
    };
    this.#sends.add(conversation, op, bytes, done, c.device);
  }

  /** The user's other devices learn of an own entry from here, with no further call. */
  #sent(conversation: string, result: SendDone, from: Connection | undefined): void {
    if (!result.ok) return;
    this.#inbox.own(conversation, result.kind, { seq: result.seq, json: result.entry }, result.settled, from);
  }

  // ---- receipts ----

  #confirmed(c: Connection, conversation: string, seq: number, read: number): void {
    this.#inbox.pushes.confirm(c, conversation, seq);
    this.#resumes.confirmed(c);
    // Also the entry that ended a membership is confirmed; there is nobody left to tell.
    if (this.#inbox.notes.row(conversation)?.ended) return;
    if (read > 0) this.#prefs.read(conversation);
    const moved = this.#reports.add(conversation, seq, read, c.socket, (failure) =>
      this.#error(c, failure, { conversation }),
    );
    if (!moved) return;
    const marks = this.#reports.marks(conversation);
    if (!marks) return;
    this.#inbox.marked(c, conversation, ownReceipt(conversation, this.#user, marks));
  }

  // ---- pulls ----

  #pull(c: Connection, frame: UpOf<'pull'>): void {
    const { conversation, after, before, limit } = frame;
    const call = {
      user: this.#user,
      limit: limit ?? this.#limits.page,
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
    };
    c.open++;
    this.#host.call(conversation, 'pull', call, (answer) => {
      c.open--;
      if (!answer?.ok)
        return this.#error(
          c,
          answer ?? fail('unavailable', 'this conversation can not be reached at the moment', 1),
          { conversation },
        );
      // What was asked for is not a cut: only a pull of the newest names what it left out below.
      const have = after ?? (answer.entries[0]?.seq ?? 1) - 1;
      for (const f of batches(conversation, answer.entries, answer.head, have))
        this.#host.send(c.socket, f.text);
    });
  }

  /** A connection whose window was full has room: the rest comes by pull, a page at a time. */
  #catchUp(c: Connection, conversation: string, p: Pending): void {
    this.#host.call(
      conversation,
      'pull',
      { user: this.#user, after: p.pushed, limit: CATCH_UP },
      (answer) => {
        // The conversation can't be reached: without another try the rest would wait for a confirmation that never comes.
        if (!answer) {
          this.#host.timer(CATCH_UP_RETRY_MS, () => {
            if (c.pending.get(conversation) === p && this.#inbox.connection(c.socket))
              this.#catchUp(c, conversation, p);
          });
          return;
        }
        p.pulling = false;
        if (!answer.ok || !this.#inbox.connection(c.socket)) return;
        // Large entries fill the window before the page is through; the next confirmation brings the rest.
        const entries = this.#inbox.pushes.fitting(c, answer.entries);
        if (entries.length === 0) return;
        for (const f of batches(conversation, entries, answer.head, p.pushed))
          this.#host.send(c.socket, f.text);
        this.#inbox.pushes.expect(c, conversation, entries);
      },
    );
  }

  // ---- calls ----

  deliver(call: DeliverCall): DeliverAnswer {
    this.#host.telemetry?.count('user.deliver');
    const { notes } = this.#inbox;
    const before = notes.row(call.conversation)?.ended?.seq;
    const answer = this.#inbox.deliver(call);
    const after = notes.row(call.conversation)?.ended?.seq;
    if (after !== undefined && after !== before) this.#prefs.forget(call.conversation);
    this.#reports.contact(call.conversation);
    return answer;
  }

  blocks(other: string): boolean {
    return this.#store.blocked().includes(other);
  }

  request(device: string, request: UserRequest, done: (answer: ApiAnswer) => void): void {
    if (this.#inbox.isRemoved(device)) return done(ended);
    this.#inbox.lines.sweep();
    if (request.op === 'setPrefs') {
      const wait = this.#ratesOf(device).frames.take(this.#host.now());
      if (wait > 0) return done(fail('rate_limited', 'too many changes', wait));
    }
    if (request.op === 'send') {
      const tooLarge = contentTooLarge(request.message.content, this.#limits);
      if (tooLarge) return done(tooLarge);
      const wait = this.#ratesOf(device).sends.take(this.#host.now());
      if (wait > 0) return done(fail('rate_limited', 'too many sends', wait));
    }
    this.#requests.handle(request, done);
  }

  poll(device: string, call: PollCall, done: (answer: ApiAnswer) => void): void {
    // Leaving is never too often.
    const wait = call.close ? 0 : this.#ratesOf(device).frames.take(this.#host.now());
    // A session that is there takes no further place.
    const refused = this.#polls.knows(device, call.session) ? undefined : this.refuses(device);
    if (refused) return done(refused);
    if (wait > 0) return done(fail('rate_limited', 'too many polls and frames', wait));
    this.#polls.poll(device, call, done);
  }
}

function about(frame: Exclude<Up, { type: 'ping' | 'hello' }>): { clientId?: string; conversation?: string } {
  return 'clientId' in frame ? { clientId: frame.clientId, conversation: frame.conversation } : {};
}

/** A refused frame that still names its `clientId` is answered with it, so that the sender knows which one failed. */
function nameIn(raw: string | ArrayBuffer): { clientId?: string } {
  if (typeof raw !== 'string') return {};
  const found = /"clientId"\s*:\s*"([A-Za-z0-9_-]{1,64})"/.exec(raw.slice(0, 4096));
  return found?.[1] === undefined ? {} : { clientId: found[1] };
}

function opOf(frame: UpOf<'send' | 'edit' | 'delete' | 'react'>): Op {
  switch (frame.type) {
    case 'send': {
      const { clientId, content, replyTo, after } = frame;
      return {
        type: 'message',
        clientId,
        content,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(after === undefined ? {} : { after }),
      };
    }
    case 'edit':
      return { type: 'edit', clientId: frame.clientId, target: frame.seq, content: frame.content };
    case 'delete':
      return { type: 'delete', clientId: frame.clientId, target: frame.seq };
    case 'react':
      return { type: 'react', clientId: frame.clientId, target: frame.seq, emoji: frame.emoji, on: frame.on };
  }
}

function sizeOf(content: Content): number {
  return content.kind === 'text' ? (content as { text: string }).text.length : JSON.stringify(content).length;
}
