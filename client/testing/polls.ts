import { parseUp } from '../../schema/protocol/codec.ts';
import { ERRORS, type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Caller } from './accounts.ts';
import { Connection } from './connection.ts';
import { randomId } from './random.ts';
import type { World } from './world.ts';

/** A session without a poll for so long is gone, like a socket that closed. */
const LEASE_MS = 40_000;
/** What arrives within this time shares an answer. */
const GATHER_MS = 10;
/** Frames kept for a session that doesn't fetch them. */
const BUFFER = 10_000;

export interface PollCall {
  readonly session?: string;
  readonly n?: number;
  readonly cursor?: number;
  readonly heads?: Readonly<Record<string, number>>;
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
  /** Number of the last answer, and its frames until the client shows that it has them. */
  n: number;
  last: string[];
  /** Ends the poll that is waiting. */
  wake: (() => void) | undefined;
  seen: number;
  ended: Failure | undefined;
}

/** Long polling: sessions that look like sockets to the rest. */
export class Polls {
  readonly #world: World;
  readonly #sessions = new Map<string, Session>();

  constructor(world: World) {
    this.#world = world;
  }

  poll(caller: Caller, call: PollCall): Promise<PollAnswer> {
    const { clock } = this.#world;
    const session = this.#known(caller, call.session) ?? this.#begin(caller, call);
    session.seen = clock.now();
    session.wake?.();
    const lost = call.n !== undefined && call.n < session.n ? session.last : [];
    for (const frame of call.frames) this.#frame(session, JSON.stringify(frame));
    if (session.ended) return Promise.resolve(session.ended);
    const { wait = 0 } = call;
    const most = lost.length > 0 ? 0 : wait === 0 || session.buffer.length > 0 ? GATHER_MS : wait * 1000;
    return new Promise((done) => {
      const wake = (): void => {
        if (session.wake !== wake) return;
        session.wake = undefined;
        cancel();
        done(this.#answer(session, lost));
      };
      session.wake = wake;
      const cancel = clock.after(most, wake);
    });
  }

  #answer(session: Session, lost: readonly string[]): PollAnswer {
    session.seen = this.#world.clock.now();
    if (session.ended) return session.ended;
    const frames = [...lost, ...session.buffer];
    session.buffer = [];
    session.n++;
    session.last = frames;
    return { ok: true, session: session.id, n: session.n, frames: frames.map((text) => JSON.parse(text)) };
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
    const mailbox = this.#world.mailbox(user);
    const connection: Connection = new Connection(this.#world, mailbox, device, {
      send: (text) => this.#send(session, text),
      close: (_code, failure) => this.#end(session, failure),
    });
    const session: Session = {
      id: randomId(this.#world.random, 20),
      connection,
      buffer: [],
      n: 0,
      last: [],
      wake: undefined,
      seen: this.#world.clock.now(),
      ended: undefined,
    };
    mailbox.connections.add(connection);
    this.#sessions.set(session.id, session);
    const first = call.frames[0] && parseUp(JSON.stringify(call.frames[0]), this.#world.limits);
    // A session begins with a hello: its own among the frames, else one made from the body.
    if (!(first?.ok && first.value.type === 'hello')) {
      const { cursor, heads } = call;
      connection.frame(JSON.stringify({ type: 'hello', cursor, heads }));
    }
    this.#watch(session);
    return session;
  }

  #send(session: Session, text: string): void {
    const { user, device } = session.connection;
    this.#world.seen({ direction: 'down', user, device, text });
    session.buffer.push(text);
    if (session.buffer.length > BUFFER)
      return session.connection.close(
        fail('overloaded', 'too much was not fetched; resume with your cursor'),
      );
    const { wake } = session;
    if (wake && session.buffer.length === 1) this.#world.clock.after(GATHER_MS, wake);
  }

  #end(session: Session, failure: Failure): void {
    session.ended = ERRORS[failure.code].close === ERRORS.session_ended.close ? ended : failure;
    this.#sessions.delete(session.id);
    session.wake?.();
  }

  #watch(session: Session): void {
    this.#world.clock.after(LEASE_MS, () => {
      if (session.ended) return;
      const idle = this.#world.clock.now() - session.seen;
      if (session.wake || idle < LEASE_MS) return this.#watch(session);
      session.connection.close(fail('unavailable', 'the session expired'));
    });
  }

  /** Lines of this user, or of everybody, end: their sessions are not known any more. */
  cut(user: string | undefined, failure: Failure): void {
    for (const { connection } of [...this.#sessions.values()])
      if (user === undefined || connection.user === user) connection.close(failure);
  }
}

const ended = fail('session_ended', 'this device was signed out; sign in again');
