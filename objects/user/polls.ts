import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { ApiAnswer, PollCall } from '../shared/rpc.ts';
import type { UserHost } from './host.ts';

/** A session that is not polled for so long after its last answer is gone, like a socket that closed. */
export const POLL_LEASE_MS = 40_000;
/** What arrives within this time shares an answer. */
const GATHER_MS = 10;
/** An answer ends at so much, or so many frames: it may have to travel twice, on a line that is slow. The next one brings the rest. */
export const ANSWER_BYTES = 262_144;
const ANSWER_FRAMES = 2_000;
/** Kept for a session that doesn't fetch it, in characters; a slow reader resumes instead. */
const BUFFER = 33_554_432;
/** What a frame takes besides its text, so that small ones are bounded too. */
const FRAME_OVERHEAD = 64;
/** Ids of sessions closed last: a poll that comes late doesn't begin them anew. */
const CLOSED_KEPT = 50;

interface Session {
  readonly id: string;
  readonly device: string;
  readonly socket: number;
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
  readonly #closed = new Set<string>();
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
    s.size += frame.length + FRAME_OVERHEAD;
    if (s.size > BUFFER)
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
    s.lease?.();
    this.#byId.delete(s.id);
    this.#bySocket.delete(s.socket);
    this.#events.closed(s.socket);
    s.wake?.();
  }

  poll(device: string, call: PollCall, done: (answer: ApiAnswer) => void): void {
    const known = this.#session(device, call.session);
    if (!known && (call.close || this.#closed.has(call.session ?? '')))
      return done(fail('not_found', 'session: there is no such session'));
    if (known) known.named = true;
    const s = known ?? this.#begin(device, call);
    s.wake?.();
    s.lease?.();
    const lost = this.#takeBack(s, call.n);
    for (const raw of call.frames) this.#events.frame(s.socket, raw);
    if (s.ended) return done(s.ended);
    if (call.close) return this.#close(s, done);
    let open = true;
    const wake = (): void => {
      if (!open) return;
      open = false;
      cancel?.();
      if (s.wake === wake) s.wake = undefined;
      if (s.ended) return done(s.ended);
      s.lease = this.#host.timer(POLL_LEASE_MS, () =>
        this.#end(s, fail('unavailable', 'the session expired')),
      );
      done(this.#answer(s));
    };
    s.wake = wake;
    const wait = lost ? 0 : call.wait === 0 || s.buffer.length > 0 ? GATHER_MS : call.wait * 1000;
    const cancel = this.#host.timer(wait, wake);
  }

  /**
   * The client names the last answer it has: the one it lost comes again, before anything new.
   * @returns whether one was lost.
   */
  #takeBack(s: Session, n: number | undefined): boolean {
    const lost = n !== undefined && n < s.n && s.last.length > 0;
    if (lost) s.buffer = [...s.last, ...s.buffer];
    else for (const frame of s.last) s.size -= frame.length + FRAME_OVERHEAD;
    s.last = [];
    return lost;
  }

  #answer(s: Session): ApiAnswer {
    let count = 0;
    for (let bytes = 0; count < s.buffer.length && count < ANSWER_FRAMES && bytes < ANSWER_BYTES; count++)
      bytes += s.buffer[count]?.length ?? 0;
    s.last = s.buffer.slice(0, count);
    s.buffer = s.buffer.slice(count);
    s.n++;
    return {
      ok: true,
      status: 200,
      body: `{"session":"${s.id}","n":${s.n},"frames":[${s.last.join(',')}]}`,
    };
  }

  /** The client leaves: what it hasn't confirmed is noted now and not when the lease is over. */
  #close(s: Session, done: (answer: ApiAnswer) => void): void {
    const answer = this.#answer(s);
    this.#end(s, fail('not_found', 'the session was closed'));
    this.#closed.add(s.id);
    for (const id of this.#closed) if (this.#closed.size > CLOSED_KEPT) this.#closed.delete(id);
    done(answer);
  }

  /** Whether this is a session of that device. */
  knows(device: string, session: string | undefined): boolean {
    return this.#session(device, session) !== undefined;
  }

  #session(device: string, session: string | undefined): Session | undefined {
    const known = session === undefined ? undefined : this.#byId.get(session);
    return known?.device === device ? known : undefined;
  }

  #begin(device: string, call: PollCall): Session {
    // A client that never learnt the name of its session begins another: the lost one must not collect what nobody fetches.
    for (const other of [...this.#byId.values()])
      if (other.device === device && !other.named && !other.wake)
        this.#end(other, fail('unavailable', 'another session was begun'));
    const s: Session = {
      id: this.#host.id(),
      device,
      socket: this.#nextSocket--,
      buffer: [],
      size: 0,
      n: 0,
      last: [],
      wake: undefined,
      lease: undefined,
      named: false,
      ended: undefined,
    };
    this.#byId.set(s.id, s);
    this.#bySocket.set(s.socket, s);
    this.#events.open(s.socket, device);
    // A new session begins with a hello: its own among the frames, else one made from the body.
    if (call.frames[0] === undefined || !this.#events.isHello(call.frames[0])) {
      const { cursor, heads, limit, knows } = call;
      this.#events.frame(s.socket, JSON.stringify({ type: 'hello', cursor, heads, limit, knows }));
    }
    return s;
  }
}
