import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { ApiAnswer, PollCall } from '../shared/rpc.ts';
import type { UserHost } from './host.ts';

/** A session without a poll for so long is gone, like a socket that closed. */
export const POLL_LEASE_MS = 40_000;
/** What arrives within this time shares an answer. */
const GATHER_MS = 10;
/** Frames kept for a session that doesn't fetch them; a slow reader resumes instead. */
const BUFFER = 10_000;

interface Session {
  readonly id: string;
  readonly device: string;
  readonly socket: number;
  buffer: string[];
  /** Number of the last answer, and its frames until the client shows that it has them. */
  n: number;
  last: string[];
  /** Ends the poll that is waiting. */
  wake: (() => void) | undefined;
  seen: number;
  ended: Failure | undefined;
}

export interface PollEvents {
  /** A new session takes a place among the connections. */
  open(socket: number, device: string): void;
  frame(socket: number, raw: string): void;
  isHello(raw: string): boolean;
  closed(socket: number): void;
}

/** Long polling: sessions that look like sockets to the rest, with the same frames and the same guarantees. */
export class Polls {
  readonly #host: UserHost;
  readonly #events: PollEvents;
  readonly #byId = new Map<string, Session>();
  readonly #bySocket = new Map<number, Session>();
  #nextSocket = -1;

  constructor(host: UserHost, events: PollEvents) {
    this.#host = host;
    this.#events = events;
  }

  /** @returns whether this connection is a session of long polling. */
  send(socket: number, frame: string): boolean {
    const s = this.#bySocket.get(socket);
    if (!s) return socket < 0;
    s.buffer.push(frame);
    if (s.buffer.length > BUFFER)
      this.#end(s, fail('overloaded', 'too much was not fetched; resume with your cursor'));
    else this.#wakeSoon(s);
    return true;
  }

  close(socket: number, failure: Failure): boolean {
    const s = this.#bySocket.get(socket);
    if (!s) return socket < 0;
    this.#end(s, failure);
    return true;
  }

  #wakeSoon(s: Session): void {
    const wake = s.wake;
    if (wake && s.buffer.length === 1) this.#host.timer(GATHER_MS, wake);
  }

  #end(s: Session, failure: Failure): void {
    s.ended = failure;
    this.#byId.delete(s.id);
    this.#bySocket.delete(s.socket);
    this.#events.closed(s.socket);
    s.wake?.();
  }

  poll(device: string, call: PollCall, done: (answer: ApiAnswer) => void): void {
    const s = this.#find(device, call);
    s.seen = this.#host.now();
    s.wake?.();
    // The client names the last answer it has: the one it lost comes again, before anything new.
    const lost = call.n !== undefined && call.n < s.n ? s.last : [];
    for (const raw of call.frames) this.#events.frame(s.socket, raw);
    if (s.ended) return done(s.ended);
    let open = true;
    const wake = (): void => {
      if (!open) return;
      open = false;
      cancel?.();
      if (s.wake === wake) s.wake = undefined;
      s.seen = this.#host.now();
      if (s.ended) return done(s.ended);
      const frames = [...lost, ...s.buffer];
      s.buffer = [];
      s.n++;
      s.last = frames;
      done({
        ok: true,
        status: 200,
        body: `{"session":"${s.id}","n":${s.n},"frames":[${frames.join(',')}]}`,
      });
    };
    s.wake = wake;
    const wait = lost.length > 0 ? 0 : call.wait === 0 || s.buffer.length > 0 ? GATHER_MS : call.wait * 1000;
    const cancel = this.#host.timer(wait, wake);
  }

  /** Whether this is a session of that device. */
  knows(device: string, session: string | undefined): boolean {
    return this.#session(device, session) !== undefined;
  }

  #session(device: string, session: string | undefined): Session | undefined {
    const known = session === undefined ? undefined : this.#byId.get(session);
    return known?.device === device ? known : undefined;
  }

  #find(device: string, call: PollCall): Session {
    const known = this.#session(device, call.session);
    if (known) return known;
    const s: Session = {
      id: this.#host.id(),
      device,
      socket: this.#nextSocket--,
      buffer: [],
      n: 0,
      last: [],
      wake: undefined,
      seen: 0,
      ended: undefined,
    };
    this.#byId.set(s.id, s);
    this.#bySocket.set(s.socket, s);
    this.#events.open(s.socket, device);
    // A new session begins with a hello: its own among the frames, else one made from the body.
    if (call.frames[0] === undefined || !this.#events.isHello(call.frames[0])) {
      const { cursor, heads } = call;
      this.#events.frame(s.socket, JSON.stringify({ type: 'hello', cursor, heads }));
    }
    this.#watch(s);
    return s;
  }

  #watch(s: Session): void {
    this.#host.timer(POLL_LEASE_MS, () => {
      if (s.ended) return;
      if (s.wake === undefined && this.#host.now() - s.seen >= POLL_LEASE_MS)
        this.#end(s, fail('unavailable', 'the session expired'));
      else this.#watch(s);
    });
  }
}
