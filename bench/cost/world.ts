import { createHash } from 'node:crypto';
import { Conversation } from '../../objects/conversation/conversation.ts';
import type { DeliverAnswer } from '../../objects/shared/rpc.ts';
import type { ConversationCallTable, UserHost } from '../../objects/user/host.ts';
import { User } from '../../objects/user/user.ts';
import { DEFAULT_LIMITS, type Limits } from '../../schema/protocol/limits.ts';
import { Attachments } from './attachments.ts';
import { Bill } from './bill.ts';
import { SimulatedObject } from './simulated-object.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import { VirtualClock } from './virtual-clock.ts';

type Method = keyof ConversationCallTable;

/** Sends of a whole scenario may come at once. */
const LIMITS: Limits = { ...DEFAULT_LIMITS, sendRate: 1e6, sendBurst: 1e6, frameRate: 1e6, frameBurst: 1e6 };

export class UserNode {
  readonly object: SimulatedObject<User>;
  readonly sockets = new Map<number, SimulatedSocket>();
  readonly attachments: Attachments;
  #socket = 0;

  constructor(world: World, user: string) {
    this.attachments = new Attachments(user);
    this.object = new SimulatedObject('user', world.clock, world.bill, () => {
      const kept = this.attachments.all();
      return new User(user, this.object.sql, world.userHost(user, this), LIMITS, kept);
    });
  }

  open(socket: SimulatedSocket, device: string): number {
    const number = ++this.#socket;
    this.object.turn('upgrade', (core) => {
      this.sockets.set(number, socket);
      this.attachments.keep(number, { device, synced: false, ceiling: 0 });
      core.opened(number, device);
    });
    return number;
  }

  /** The device or its line closed it. */
  closed(number: number): void {
    if (!this.sockets.has(number)) return;
    this.object.turn('close', (core) => {
      // The runtime lists a closing socket still when it wakes the object for that.
      this.forget(number);
      core.closed(number);
    });
  }

  forget(number: number): void {
    this.sockets.delete(number);
    this.attachments.delete(number);
  }
}

/** The real cores of conversations and users, and between them what the platform does and bills. */
export class World {
  readonly clock = new VirtualClock();
  readonly bill = new Bill();
  readonly #users = new Map<string, UserNode>();
  readonly #conversations = new Map<string, SimulatedObject<Conversation>>();
  /** Calls of one object to another arrive in order. */
  readonly #arrivals = new Map<string, number>();
  /** Which entries each device was brought. */
  readonly #brought = new Map<string, Set<number>>();
  #seed = 1;

  user(name: string): UserNode {
    let node = this.#users.get(name);
    if (!node) {
      node = new UserNode(this, name);
      this.#users.set(name, node);
    }
    return node;
  }

  /** Whether nothing will happen any more by itself. */
  get alarms(): number {
    return [...this.#conversations.values()].filter((object) => object.alarmAt !== undefined).length;
  }

  /** An entry goes to a device. @returns whether it is the first time. */
  bring(device: string, conversation: string, seq: number): boolean {
    const key = `${device} ${conversation}`;
    const known = this.#brought.get(key) ?? new Set();
    if (known.size === 0) this.#brought.set(key, known);
    if (known.has(seq)) return false;
    known.add(seq);
    return true;
  }

  random(): number {
    // Numerical Recipes' generator: the same run every time.
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return this.#seed / 2 ** 32;
  }

  userHost(user: string, node: UserNode): UserHost {
    const { object } = node;
    return {
      now: () => this.clock.now(),
      id: () => `id${Math.floor(this.random() * 2 ** 32).toString(36)}`,
      directId: (a, b) =>
        createHash('sha256').update([a, b].sort().join('\n')).digest('base64url').slice(0, 32),
      send: (socket, frame) => {
        const line = node.sockets.get(socket);
        if (line) object.effect(() => line.deliver(frame));
      },
      close: (socket, code, reason) => {
        const line = node.sockets.get(socket);
        node.forget(socket);
        object.effect(() => line?.closedByService(code, reason));
      },
      keep: (socket, kept) => {
        if (node.sockets.has(socket)) node.attachments.keep(socket, kept);
      },
      lastPing: (socket) => node.sockets.get(socket)?.lastPing ?? 0,
      call: (conversation, method, argument, done) =>
        this.#call(
          object,
          user,
          this.#conversation(conversation),
          conversation,
          method,
          done,
          (core, answer) => ask(core, method, argument, answer),
        ),
      blocks: (other, of, done) =>
        this.#call(object, user, this.user(other).object, other, 'blocks', done, (core, answer) =>
          answer(core.blocks(of)),
        ),
      timer: (ms, run) => object.timer(ms, run),
    };
  }

  #conversation(name: string): SimulatedObject<Conversation> {
    let object = this.#conversations.get(name);
    if (object) return object;
    object = new SimulatedObject<Conversation>('conversation', this.clock, this.bill, () => {
      const self = this.#conversation(name);
      return new Conversation(self.sql, {
        now: () => this.clock.now(),
        deliver: (call, done) =>
          this.#call<User, DeliverAnswer>(
            self,
            name,
            this.user(call.user).object,
            call.user,
            'deliver',
            done,
            (core, answer) => answer(core.deliver(call)),
          ),
        timer: (ms, run) => self.timer(ms, run),
        alarm: (at) => self.alarm(at, (core, done) => core.alarm(done)),
        alarmAt: self.alarmAt,
      });
    });
    this.#conversations.set(name, object);
    return object;
  }

  /** One call between objects: there 1 to 5 ms, and back. Both are active until the answer is there. */
  #call<Core, Answer>(
    from: SimulatedObject<unknown>,
    caller: string,
    to: SimulatedObject<Core>,
    callee: string,
    method: string,
    done: (answer: Answer) => void,
    invoke: (core: Core, answer: (value: Answer) => void) => void,
  ): void {
    const release = from.hold();
    from.effect(() => {
      this.clock.after(this.#wayFrom(caller, callee), () => {
        this.bill.add('calls', `${to.kind}: ${method}`, 1);
        const busy = to.hold();
        const answer = (value: Answer): void =>
          to.effect(() => {
            busy();
            this.clock.after(this.#wayFrom(callee, caller), () => {
              from.turn('answer', () => done(value));
              release();
            });
          });
        to.turn(method, (core) => invoke(core, answer));
      });
    });
  }

  #wayFrom(a: string, b: string): number {
    const key = `${a} ${b}`;
    const now = this.clock.now();
    const at = Math.max(this.#arrivals.get(key) ?? 0, now + 1 + Math.floor(this.random() * 5));
    this.#arrivals.set(key, at);
    return at - now;
  }
}

function ask<M extends Method>(
  core: Conversation,
  method: M,
  argument: ConversationCallTable[M][0],
  answer: (value: ConversationCallTable[M][1]) => void,
): void {
  const table: { readonly [K in Method]?: (a: ConversationCallTable[K][0]) => void } = {
    create: (a) => answer(core.create(a)),
    append: (a) => answer(core.append(a)),
    marks: (a) => core.marks(a, answer),
    pull: (a) => answer(core.pull(a)),
    summary: (a) => answer(core.summary(a.user)),
  };
  const run = table[method];
  if (!run) throw new Error(`no scenario asks a conversation for ${method}`);
  run(argument);
}
