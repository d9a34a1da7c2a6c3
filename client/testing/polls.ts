import { parseUp } from '../../schema/protocol/codec.ts';
import { ERRORS, type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Caller } from './accounts.ts';
import { Connection } from './connection.ts';
import { randomId } from './random.ts';
import type { World } from './world.ts';

/** A session that is not polled for so long after its last answer is gone, like a socket that closed. */
const LEASE_MS = 40_000;
/** What arrives within this time shares an answer. */
const GATHER_MS = 10;
/** An answer ends at so many characters or frames; the next one brings the rest. */
const ANSWER_LENGTH = 262_144;
const ANSWER_FRAMES = 2000;
/** Characters kept for a session that doesn't fetch them. */
const BUFFER = 33_554_432;
/** What a frame takes besides its text. */
const FRAME_OVERHEAD = 64;

export interface PollCall {
  readonly session?: string;
  readonly n?: number;
  readonly cursor?: number;
  readonly heads?: Readonly<Record<string, number>>;
  readonly limit?: number;
  readonly knows?: readonly string[];
  readonly close?: boolean;
  readonly frames: readonly object[];
  readonly wait?: number;
}

export type PollAnswer =
  | { readonly ok: true; readonly session: string; readonly n: number; readonly frames: readonly unknown[] }
  | Failure;

interface Session {
  readonly id: string;
  readonly connection: Connection;
  buffer: string[];
  /** Of the buffer and the last answer. */
  size: number;
  /** Number of the last answer, and its frames until the client shows that it has them. */
  n: number;
  last: string[];
  /** Ends the poll that is waiting. */
  wake: (() => void) | undefined;
  /** Cancels the timer that ends the session; it runs while no poll waits. */
  lease: (() => void) | undefined;
  /** The client knows its name: it was polled by it. */
  named: boolean;
  ended: Failure | undefined;
}

/** Long polling: sessions that look like sockets to the rest. */
export class Polls {
  readonly #world: World;
  readonly #sessions = new Map<string, Session>();
  /** Sessions their clients closed: a poll that comes late doesn't begin them anew. */
  readonly #closed = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  poll(caller: Caller, call: PollCall): Promise<PollAnswer> {
    const { clock } = this.#world;
    const known = this.#known(caller, call.session);
    // Leaving is never too often.
    const wait = call.close
      ? 0
      : this.#world.mailbox(caller.user).rates(caller.device).frames.take(clock.now());
    if (wait > 0) return Promise.resolve(fail('rate_limited', 'too many polls and frames', wait));
    if (!known && (call.close || this.#closed.has(call.session ?? '')))
      return Promise.resolve(fail('not_found', 'session: there is no such session'));
    if (known) known.named = true;
    const session = known ?? this.#begin(caller, call);
    session.wake?.();
    session.lease?.();
    const lost = this.#takeBack(session, call.n);
    for (const frame of call.frames) this.#frame(session, JSON.stringify(frame));
    if (session.ended) return Promise.resolve(session.ended);
    if (call.close) return Promise.resolve(this.#close(session));
    const { wait: seconds = 0 } = call;
    const now = seconds === 0 || session.buffer.length > 0;
    return this.#wait(session, lost ? 0 : now ? GATHER_MS : seconds * 1000);
  }

  #wait(session: Session, most: number): Promise<PollAnswer> {
    return new Promise((done) => {
      const wake = (): void => {
        if (session.wake !== wake) return;
        session.wake = undefined;
        cancel();
        if (session.ended) return done(session.ended);
        session.lease = this.#world.clock.after(LEASE_MS, () =>
          session.connection.close(fail('unavailable', 'the session expired')),
        );
        done(this.#answer(session));
      };
      session.wake = wake;
      const cancel = this.#world.clock.after(most, wake);
    });
  }

  /** The answer that was lost comes again, before anything new. @returns whether one was lost */
  #takeBack(session: Session, n: number | undefined): boolean {
    const lost = n !== undefined && n < session.n && session.last.length > 0;
    if (lost) session.buffer = [...session.last, ...session.buffer];
    else for (const text of session.last) session.size -= text.length + FRAME_OVERHEAD;
    session.last = [];
    return lost;
  }

  #answer(session: Session): PollAnswer {
    let count = 0;
    for (let length = 0; count < session.buffer.length; count++) {
      if (count >= ANSWER_FRAMES || length >= ANSWER_LENGTH) break;
      length += session.buffer[count]?.length ?? 0;
    }
    session.last = session.buffer.slice(0, count);
    session.buffer = session.buffer.slice(count);
    session.n++;
    const frames = session.last.map((text): unknown => JSON.parse(text));
    return { ok: true, session: session.id, n: session.n, frames };
  }

  #close(session: Session): PollAnswer {
    const answer = this.#answer(session);
    session.connection.close(fail('not_found', 'the session was closed'));
    this.#closed.add(session.id);
    return answer;
  }

  #frame({ connection }: Session, text: string): void {
    const { user, device } = connection;
    this.#world.seen({ direction: 'up', user, device, text });
    connection.frame(text);
  }

  #known({ device }: Caller, id: string | undefined): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session?.connection.device === device ? session : undefined;
  }

  #begin({ user, device }: Caller, call: PollCall): Session {
    // A client that never learnt the name of its session begins another.
    for (const other of [...this.#sessions.values()])
      if (other.connection.device === device && !other.named && !other.wake)
        other.connection.close(fail('unavailable', 'another session was begun'));
    const mailbox = this.#world.mailbox(user);
    const connection: Connection = new Connection(this.#world, mailbox, device, {
      send: (text) => this.#send(session, text),
      close: (_code, failure) => this.#end(session, failure),
    });
    const session: Session = {
      id: randomId(this.#world.random, 20),
      connection,
      buffer: [],
      size: 0,
      n: 0,
      last: [],
      wake: undefined,
      lease: undefined,
      named: false,
      ended: undefined,
    };
    mailbox.connections.add(connection);
    this.#sessions.set(session.id, session);
    const first = call.frames[0] && parseUp(JSON.stringify(call.frames[0]), this.#world.limits);
    // A session begins with a hello: its own among the frames, else one made from the body.
    if (!(first?.ok && first.value.type === 'hello')) {
      const { cursor, heads, limit, knows } = call;
      connection.frame(JSON.stringify({ type: 'hello', cursor, heads, limit, knows }));
    }
    return session;
  }

  #send(session: Session, text: string): void {
    const { user, device } = session.connection;
    this.#world.seen({ direction: 'down', user, device, text });
    session.buffer.push(text);
    session.size += text.length + FRAME_OVERHEAD;
    if (session.size > BUFFER)
      return session.connection.close(
        fail('overloaded', 'too much was not fetched; resume with your cursor'),
      );
    const { wake } = session;
    if (wake && session.buffer.length === 1) this.#world.clock.after(GATHER_MS, wake);
  }

  #end(session: Session, failure: Failure): void {
    session.ended = ERRORS[failure.code].close === ERRORS.session_ended.close ? ended : failure;
    session.lease?.();
    this.#sessions.delete(session.id);
    session.wake?.();
  }

  /** Lines of this user, or of everybody, end: their sessions are not known any more. */
  cut(user: string | undefined, failure: Failure): void {
    for (const { connection } of [...this.#sessions.values()])
      if (user === undefined || connection.user === user) connection.close(failure);
  }
}

const ended = fail('session_ended', 'this device was signed out; sign in again');
