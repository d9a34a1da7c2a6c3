import { steadyClock } from '../shared/steady-clock.ts';
import type { Connection } from './connection.ts';
import type { UserHost } from './host.ts';

/** Two missed heartbeats, and a little: who shows no sign of life for longer is gone, whether the line says so or not. */
export const LEASE_MS = 35_000;
/** A connection says `hello` within this time. */
export const HELLO_MS = 30_000;
/** Connections of one user at a time. */
export const CONNECTIONS = 100;
/** What connections must remember is written into their attachments at most so often; a timer sees to the last of it. */
const KEEP_MS = 1_000;

export interface ConnectionsEvents {
  /** What this connection must remember across hibernation goes into its attachment now. */
  keep(c: Connection): void;
  /** It showed no sign of life, or never said `hello`: its line is to be closed. */
  silent(c: Connection): void;
  /** It has to make room for another. */
  crowded(c: Connection): void;
}

/** The connections of a user: which of them live, and when what they must remember is written down. */
export class Connections {
  readonly #all = new Map<number, Connection>();
  readonly #host: UserHost;
  readonly #events: ConnectionsEvents;
  readonly #steady: () => number;
  readonly #toKeep = new Set<Connection>();
  #keepTimer: (() => void) | undefined;

  constructor(host: UserHost, events: ConnectionsEvents, connections: readonly Connection[]) {
    this.#host = host;
    this.#events = events;
    this.#steady = steadyClock(() => host.now());
    for (const c of connections) this.#all.set(c.socket, c);
  }

  get all(): Iterable<Connection> {
    return this.#all.values();
  }

  get(socket: number): Connection | undefined {
    return this.#all.get(socket);
  }

  /** Those that said `hello`. Who is silent is closed first and not among them. */
  ready(): Connection[] {
    this.sweep();
    const ready: Connection[] = [];
    for (const c of this.#all.values()) if (c.ready) ready.push(c);
    return ready;
  }

  isConnected(device: string): boolean {
    for (const c of this.#all.values()) if (c.device === device && c.ready) return true;
    return false;
  }

  open(c: Connection): void {
    this.#all.set(c.socket, c);
    c.helloTimer = this.#host.timer(HELLO_MS, () => {
      if (this.#all.get(c.socket) === c && !c.ready) this.#events.silent(c);
    });
  }

  remove(c: Connection): void {
    this.#all.delete(c.socket);
    this.#toKeep.delete(c);
    this.#stopTimer();
    c.helloTimer?.();
    c.helloTimer = undefined;
  }

  /** Closes who was silent for too long. A comparison each, as long as nobody is. */
  sweep(): void {
    for (const c of [...this.#all.values()]) if (this.#isGone(c)) this.#events.silent(c);
  }

  /** Makes place for one more: who was silent longest goes, when there are as many as may be. */
  makeRoom(): void {
    this.sweep();
    while (this.#all.size >= CONNECTIONS) {
      let longest: Connection | undefined;
      for (const c of this.#all.values()) {
        this.#look(c);
        if (!longest || c.seen < longest.seen) longest = c;
      }
      if (longest) this.#events.crowded(longest);
    }
  }

  #isGone(c: Connection): boolean {
    const now = this.#host.now();
    // A sign of life from the future is from before the clock stepped back.
    if (c.seen > now) c.seen = now;
    if (now - c.seen <= LEASE_MS) return false;
    this.#look(c);
    return now - c.seen > LEASE_MS;
  }

  #look(c: Connection): void {
    c.seen = Math.max(c.seen, Math.min(this.#host.lastPing(c.socket), this.#host.now()));
  }

  /**
   * What this connection must remember has changed. Written at once, so that no timer keeps the object awake, but not
   * again within `KEEP_MS`. `waits`: more is expected to change soon, a confirmation most of all.
   */
  changed(c: Connection, waits: boolean): void {
    const now = this.#steady();
    if (!waits && now - c.keptAt >= KEEP_MS) return this.#keep(c, now);
    this.#toKeep.add(c);
    this.#keepTimer ??= this.#host.timer(KEEP_MS, () => {
      this.#keepTimer = undefined;
      const at = this.#steady();
      for (const one of [...this.#toKeep]) this.#keep(one, at);
    });
  }

  #keep(c: Connection, now: number): void {
    c.keptAt = now;
    this.#toKeep.delete(c);
    this.#stopTimer();
    if (this.#all.get(c.socket) === c) this.#events.keep(c);
  }

  #stopTimer(): void {
    if (this.#toKeep.size > 0) return;
    this.#keepTimer?.();
    this.#keepTimer = undefined;
  }
}
