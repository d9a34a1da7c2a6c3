import type {
  ApiAnswer,
  DeliverAnswer,
  DeliverCall,
  PollCall,
  UserRequest,
} from '../../objects/shared/rpc.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import type { KeptSocket, UserHost } from '../../objects/user/host.ts';
import { User } from '../../objects/user/user.ts';
import type { Link } from './link.ts';
import { SimObject } from './node.ts';
import type { World } from './world.ts';

/** Preferences as comparable text; empty for none. */
export const prefsText = (prefs: object): string =>
  Object.entries(prefs)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ');

function prefsIn(sql: Pick<Sql, 'all'>): (readonly [conversation: string, prefs: string])[] {
  const made = sql.all("SELECT 1 FROM sqlite_master WHERE name = 'prefs'").length > 0;
  return (made ? sql.all('SELECT * FROM prefs') : []).map((row) => [
    row.conversation as string,
    prefsText({
      pinned: row.pinned ?? undefined,
      mutedUntil: row.muted_until ?? undefined,
      archived: row.archived === null ? undefined : true,
      unread: row.unread === null ? undefined : true,
    }),
  ]);
}

interface ServerSocket {
  readonly link: Link;
  kept: KeptSocket;
}

/** A UserObject on the simulated platform: does what its shell does in production. */
export class UserNode extends SimObject {
  readonly #sockets = new Map<number, ServerSocket>();
  #nextSocket = 1;
  #core: User | undefined;
  /** What it remembered of whom it told what was lost once. */
  hasCrashed = false;

  /** Preferences the storage ever held, as text, by conversation. */
  readonly #prefs = new Set<string>();
  /** Written and not committed yet. */
  readonly #written: Set<string>;

  constructor(name: string, world: World) {
    const written = new Set<string>();
    super(name, world, (storage) => {
      const sql: Sql = {
        all: (query, ...values) => storage.all(query, ...values),
        run: (query, ...values) => {
          storage.run(query, ...values);
          if (query.includes('INTO prefs')) for (const one of prefsIn(storage)) written.add(one.join(' '));
        },
        transaction: (body) => storage.transaction(body),
      };
      return world.mutation.userSql?.(sql) ?? sql;
    });
    this.#written = written;
  }

  protected override forget(): void {
    this.#core = undefined;
    this.#written.clear();
  }

  protected override committed(): void {
    for (const one of this.#written) this.#prefs.add(one);
    this.#written.clear();
  }

  /** Whether the storage ever held these. */
  hadPrefs(conversation: string, prefs: object): boolean {
    return this.#prefs.has(`${conversation} ${prefsText(prefs)}`);
  }

  /** Preferences by conversation as the storage has them, as comparable text. */
  prefs(): Map<string, string> {
    return new Map(prefsIn(this.gate.sql));
  }

  /** In memory, or woken by what comes. */
  get #awake(): User {
    if (this.#core) return this.#core;
    const kept = new Map([...this.#sockets].map(([n, s]) => [n, s.kept]));
    this.#core = new User(this.name, this.sql, this.#host(), this.world.limits, kept);
    return this.#core;
  }

  get inMemory(): boolean {
    return this.#core !== undefined;
  }

  #host(): UserHost {
    const { world } = this;
    const host: UserHost = {
      now: () => world.clock.now,
      id: () => world.id(),
      directId: (a, b) => world.directId(a, b),
      send: (socket, frame) => {
        const link = this.#sockets.get(socket)?.link;
        if (link) this.gate.effect(() => link.sendDown(frame));
      },
      close: (socket, code) => {
        const link = this.#sockets.get(socket)?.link;
        this.#sockets.delete(socket);
        if (link) this.gate.effect(() => link.closeByServer(code));
      },
      keep: (socket, kept) => {
        const s = this.#sockets.get(socket);
        if (s) s.kept = kept;
      },
      lastPing: (socket) => this.#sockets.get(socket)?.link.lastPing ?? 0,
      call: (conversation, method, argument, done) =>
        this.ask(
          conversation,
          (reply) => world.conversation(conversation).receive(method, argument, reply),
          done,
        ),
      blocks: (other, user, done) =>
        this.ask<boolean>(other, (reply) => world.user(other).askBlocks(user, reply), done),
      timer: (ms, run) => this.timer(ms, run),
    };
    return world.mutation.userHost?.(host) ?? host;
  }

  // ---- sockets ----

  /** @returns the number of the new socket, or undefined when the device is refused. */
  accept(device: string, link: Link): number | undefined {
    let socket: number | undefined;
    this.turn(() => {
      const core = this.#awake;
      if (core.refuses(device)) return;
      socket = this.#nextSocket++;
      this.#sockets.set(socket, { link, kept: { device, synced: false, ceiling: 0 } });
      core.opened(socket, device);
    });
    return socket;
  }

  message(socket: number, frame: string): void {
    const device = this.#sockets.get(socket)?.kept.device;
    if (device === undefined) return;
    this.world.trace?.(() => `${device} up ${frame}`);
    this.turn(() => this.#awake.frame(socket, frame));
  }

  closed(socket: number): void {
    if (!this.#sockets.has(socket)) return;
    this.world.trace?.(() => `${this.name} sees socket ${socket} close`);
    this.turn(() => {
      // The runtime still lists a closing socket when it wakes the object for the close.
      const core = this.#awake;
      this.#sockets.delete(socket);
      core.closed(socket);
    });
  }

  // ---- calls ----

  deliver(call: DeliverCall, reply: (answer: DeliverAnswer | undefined) => void): void {
    this.answer(reply, (done) => {
      const answer = this.#awake.deliver(call);
      this.world.trace?.(() => `${this.name}.deliver ${JSON.stringify(call)} = ${JSON.stringify(answer)}`);
      done(answer);
    });
  }

  askBlocks(of: string, reply: (answer: boolean | undefined) => void): void {
    this.answer(reply, (done) => done(this.#awake.blocks(of)));
  }

  request(device: string, request: UserRequest, reply: (answer: ApiAnswer | undefined) => void): void {
    this.world.trace?.(() => `${device} asks ${JSON.stringify(request)}`);
    this.answer(reply, (done) => this.#awake.request(device, request, done));
  }

  poll(device: string, call: PollCall, reply: (answer: ApiAnswer | undefined) => void): void {
    this.answer(reply, (done) => this.#awake.poll(device, call, done));
  }

  // ---- faults ----

  /** Memory and sockets are gone. */
  override crash(committed: boolean): void {
    super.crash(committed);
    this.hasCrashed = true;
    const { rng } = this.world;
    for (const { link } of this.#sockets.values()) {
      const noticed = rng.int(20, 40_000);
      // What was on its way arrives, or is lost with the machine.
      if (rng.chance(0.5)) link.serverDied(noticed);
      else link.cut(undefined, noticed);
    }
    this.#sockets.clear();
  }
}
