import type {
  ApiAnswer,
  DeliverAnswer,
  DeliverCall,
  PollCall,
  UserRequest,
} from '../../objects/shared/rpc.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import type { Life } from '../../objects/shared/turns.ts';
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
export class UserNode extends SimObject<User> {
  readonly #sockets = new Map<number, ServerSocket>();
  readonly #closing = new Set<Link>();
  #nextSocket = 1;
  /** What it remembered of whom it told what was lost once. */
  hasCrashed = false;

  /** Preferences the storage ever held, as text, by conversation. */
  readonly #prefs = new Set<string>();
  /** Written and not committed yet. */
  readonly #written: Set<string>;

  constructor(name: string, world: World) {
    const written = new Set<string>();
    super(
      name,
      world,
      (storage) => {
        const sql: Sql = {
          all: (query, ...values) => storage.all(query, ...values),
          run: (query, ...values) => {
            storage.run(query, ...values);
            if (query.includes('INTO prefs')) for (const one of prefsIn(storage)) written.add(one.join(' '));
          },
          transaction: (body) => storage.transaction(body),
        };
        return world.mutation.userSql?.(sql) ?? sql;
      },
      true,
    );
    this.#written = written;
  }

  protected override forget(): void {
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

  protected override start(life: Life): User {
    const kept = new Map([...this.#sockets].map(([n, s]) => [n, s.kept]));
    return new User(this.name, this.sql, this.#host(life), this.world.limits, kept);
  }

  /** The sockets that wait for something are closed, and their close is heard of later. */
  protected override threw(core: User | undefined): void {
    this.hasCrashed = true;
    for (const socket of core?.interruptible ?? []) this.#interrupt(socket);
  }

  #interrupt(socket: number): void {
    const s = this.#sockets.get(socket);
    if (!s || s.kept.interrupted) return;
    s.kept = { ...s.kept, interrupted: true };
    this.gate.effect(() => s.link.closeByServer(1011));
    const { life } = this;
    this.world.clock.after(this.world.rng.int(10, 40_000), () => {
      if (life.alive) this.closed(socket);
    });
  }

  #host(life: Life): UserHost {
    const { world } = this;
    const may = (what: string): void => world.faults.maybeThrow(`${what} of ${this.name}`);
    const host: UserHost = {
      now: () => {
        may('clock');
        return world.wall;
      },
      id: () => world.id(),
      directId: (a, b) => world.directId(a, b),
      send: (socket, frame) => {
        may('send');
        life.effect(() => {
          const link = this.#sockets.get(socket)?.link;
          if (!link) return;
          world.delivered.sent(frame);
          this.gate.effect(() => link.sendDown(frame));
        });
      },
      close: (socket, code) =>
        life.effect(() => {
          const link = this.#sockets.get(socket)?.link;
          this.#sockets.delete(socket);
          if (!link) return;
          // A crash before the commit takes the close back and the line with it.
          this.#closing.add(link);
          this.gate.effect(() => {
            this.#closing.delete(link);
            link.closeByServer(code);
          });
        }),
      keep: (socket, kept) =>
        life.effect(() => {
          const s = this.#sockets.get(socket);
          // A copy, as in an attachment.
          if (s) s.kept = JSON.parse(JSON.stringify(kept)) as KeptSocket;
        }),
      lastPing: (socket) => {
        const link = this.#sockets.get(socket)?.link;
        return link ? world.wallAt(link.lastPing) : 0;
      },
      call: (conversation, method, argument, done) =>
        this.ask(
          life,
          conversation,
          (reply) => world.conversation(conversation).receive(method, argument, reply),
          done,
        ),
      blocks: (other, user, done) =>
        this.ask<boolean>(life, other, (reply) => world.user(other).askBlocks(user, reply), done),
      timer: (ms, run) => this.timer(life, ms, run),
    };
    return world.mutation.userHost?.(host) ?? host;
  }

  // ---- sockets ----

  /** @returns the number of the new socket, or undefined when the device is refused. */
  accept(device: string, link: Link): number | undefined {
    let socket: number | undefined;
    const whole = this.turn((core) => {
      if (core.refuses(device)) return;
      socket = this.#nextSocket++;
      this.#sockets.set(socket, { link, kept: { device, synced: false, ceiling: 0 } });
      core.opened(socket, device);
    });
    if (whole || socket === undefined) return socket;
    this.#sockets.delete(socket);
    return undefined;
  }

  message(socket: number, frame: string): void {
    const device = this.#sockets.get(socket)?.kept.device;
    if (device === undefined) return;
    this.world.trace?.(() => `${device} up ${frame}`);
    if (!this.turn((core) => core.frame(socket, frame))) this.#interrupt(socket);
  }

  closed(socket: number): void {
    const s = this.#sockets.get(socket);
    if (!s) return;
    this.world.trace?.(() => `${this.name} sees socket ${socket} close`);
    // The runtime still lists a closing socket when it wakes the object for the close.
    if (this.turn((core) => core.closed(socket))) this.#sockets.delete(socket);
    else s.kept = { ...s.kept, interrupted: true };
  }

  // ---- calls ----

  deliver(call: DeliverCall, reply: (answer: DeliverAnswer | undefined) => void): void {
    this.answer(reply, (core, done) => {
      const answer = core.deliver(call);
      this.world.trace?.(() => `${this.name}.deliver ${JSON.stringify(call)} = ${JSON.stringify(answer)}`);
      done(answer);
    });
  }

  askBlocks(of: string, reply: (answer: boolean | undefined) => void): void {
    this.answer(reply, (core, done) => done(core.blocks(of)));
  }

  request(device: string, request: UserRequest, reply: (answer: ApiAnswer | undefined) => void): void {
    this.world.trace?.(() => `${device} asks ${JSON.stringify(request)}`);
    this.answer(reply, (core, done) => core.request(device, request, done));
  }

  poll(device: string, call: PollCall, reply: (answer: ApiAnswer | undefined) => void): void {
    this.answer(reply, (core, done) => core.poll(device, call, done));
  }

  // ---- faults ----

  /** Memory and sockets are gone. */
  override crash(committed: boolean): void {
    super.crash(committed);
    this.hasCrashed = true;
    const { rng } = this.world;
    for (const link of [...[...this.#sockets.values()].map((s) => s.link), ...this.#closing]) {
      const noticed = rng.int(20, 40_000);
      // What was on its way arrives, or is lost with the machine.
      if (rng.chance(0.5)) link.serverDied(noticed);
      else link.cut(undefined, noticed);
    }
    this.#sockets.clear();
    this.#closing.clear();
  }
}
