import type { Failure } from '../../schema/protocol/errors.ts';
import type { SocketLike } from '../transport.ts';
import { Connection, type Line } from './connection.ts';
import type { World } from './world.ts';

/** Two heartbeats without a word, and a little: the service gives the line up. */
const LEASE_MS = 35_000;
/** One way over a line takes this, in ms. */
const LATENCY_MS = 1;

/**
 * Both ends of one socket. Each direction is a queue in time: what was written first arrives first, however long it
 * takes, and when the line dies, all that was on it dies too.
 */
export class TestSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  readonly #world: World;
  readonly #opened = new Set<() => void>();
  #connection: Connection | undefined;
  /** The client was told, or hung up itself. */
  #over = false;
  #dead = false;
  #silent = false;
  readonly #arriving = {
    up: { at: 0, queue: [] as (() => void)[] },
    down: { at: 0, queue: [] as (() => void)[] },
  };

  constructor(world: World, token: string) {
    this.#world = world;
    this.#later('up', () => this.#upgrade(token));
  }

  get user(): string | undefined {
    return this.#connection?.user;
  }

  get over(): boolean {
    return this.#over;
  }

  #upgrade(token: string): void {
    const { plan, accounts } = this.#world;
    if (plan.chance('expire')) accounts.expire(token);
    const caller = plan.refusesUpgrade() ? undefined : accounts.caller(token);
    // To a browser every refusal of an upgrade looks like this.
    if (!caller?.ok) return this.cut(1006);
    const { user, device } = caller.value;
    const mailbox = this.#world.mailbox(user);
    const line: Line = {
      send: (text) => this.#down(text),
      close: (code, failure) => this.#closed(code, failure),
    };
    this.#connection = new Connection(this.#world, mailbox, device, line);
    mailbox.connections.add(this.#connection);
    this.#later('down', () => {
      for (const opened of this.#opened) opened();
      this.onopen?.(undefined as never);
    });
  }

  // ---- the client's side ----

  addEventListener(_type: 'open', listener: () => void): void {
    this.#opened.add(listener);
  }

  send(text: string): void {
    if (this.#over) return;
    this.#later('up', () => {
      const connection = this.#connection;
      if (!connection?.open) return;
      if (this.#world.plan.drops('up', typeOf(text), connection.user)) return this.cut(1006);
      this.#world.seen({ direction: 'up', user: connection.user, device: connection.device, text });
      connection.frame(text);
    });
  }

  close(code = 1000): void {
    if (this.#over) return;
    this.#later('up', () => this.cut(code));
  }

  // ---- the service's side ----

  #down(text: string): void {
    const { user = '', device = '' } = this.#connection ?? {};
    this.#later('down', () => {
      if (this.#world.plan.drops('down', typeOf(text), user)) return this.cut(1006);
      this.#world.seen({ direction: 'down', user, device, text });
      this.onmessage?.({ data: text } as never);
    });
  }

  /** The service closes it: what it wrote before still arrives. */
  #closed(code: number, failure: Failure): void {
    this.#later('down', () => this.#end(code, failure.code));
  }

  // ---- the line ----

  /** The line is gone: nothing that was under way arrives. */
  cut(code: number): void {
    this.#leave();
    this.#world.clock.after(0, () => this.#end(code, ''));
    this.#dead = true;
  }

  /** Carries nothing any more, and tells nobody: each end finds out when it hears nothing. */
  silence(): void {
    this.#silent = true;
    this.#world.clock.after(LEASE_MS, () => this.#leave());
  }

  #leave(): void {
    if (this.#connection?.open) this.#world.mailbox(this.#connection.user).left(this.#connection);
  }

  #end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#dead = true;
    this.#leave();
    this.onclose?.({ code, reason } as never);
  }

  #later(direction: 'up' | 'down', run: () => void): void {
    const { clock, plan } = this.#world;
    const way = this.#arriving[direction];
    way.at = Math.max(way.at, clock.now() + LATENCY_MS + plan.extraDelay());
    way.queue.push(run);
    clock.after(way.at - clock.now(), () => {
      const next = way.queue.shift();
      if (!this.#dead && !this.#silent) next?.();
    });
  }
}

function typeOf(text: string): string {
  const [, type = ''] = /"type"\s*:\s*"([a-z]+)"/.exec(text.slice(0, 200)) ?? [];
  return type;
}
