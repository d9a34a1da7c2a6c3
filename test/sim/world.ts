import type { ConversationHost } from '../../objects/conversation/host.ts';
import type { Sql } from '../../objects/shared/sql.ts';
import type { UserHost } from '../../objects/user/host.ts';
import { DEFAULT_LIMITS, type Limits } from '../../schema/protocol/limits.ts';
import { type Rng, seeded } from '../support/rng.ts';
import { Checks } from './checks.ts';
import { Clock } from './clock.ts';
import { ConversationNode } from './conversation-node.ts';
import { Delivered } from './delivered.ts';
import { Device } from './device.ts';
import { Faults } from './faults.ts';
import { Network } from './network.ts';
import type { Line } from './poll-line.ts';
import type { Truth } from './truth.ts';
import { UserNode } from './user-node.ts';

/**
 * A rule broken on purpose, to see that the simulation notices: something put between a core and its platform, or, for
 * rules that no lie of a platform breaks, something put in the place of a method.
 */
export interface Mutation {
  /** A core goes on with its memory after a turn that threw. */
  readonly keepsMemory?: true;
  /** Puts something in the place of methods; returns what puts them back. */
  readonly patch?: () => () => void;
  readonly userSql?: (sql: Sql) => Sql;
  readonly conversationSql?: (sql: Sql) => Sql;
  readonly userHost?: (host: UserHost) => UserHost;
  readonly conversationHost?: (host: ConversationHost) => ConversationHost;
}

/** Any time will do, as long as each run begins with the same. */
const START = 1_800_000_000_000;

/** Everything of one run: objects, devices, time, and what goes wrong. */
export class World {
  readonly seed: number;
  readonly rng: Rng;
  readonly clock = new Clock(START);
  readonly faults: Faults;
  readonly network: Network;
  readonly checks: Checks;
  readonly limits: Limits;
  readonly mutation: Mutation;
  readonly users: UserNode[] = [];
  readonly devices: Device[] = [];
  readonly conversations = new Map<string, ConversationNode>();
  readonly #lines: Line[] = [];
  /** Pairs (who, whom) of whom a block was asked for, and those of whom it was lifted. */
  readonly blocking = new Set<string>();
  readonly lifted = new Set<string>();
  readonly counts = { live: 0, resumed: 0, acked: 0, prefs: 0, byAlarm: 0, polls: 0, unanswered: 0 };
  /** Exceptions that nobody put there. */
  readonly bugs: unknown[] = [];
  readonly delivered = new Delivered();
  /** Steps of the wall clock against time: from when on, by how much in all. */
  readonly #steps: { readonly from: number; readonly by: number }[] = [];
  /** Added to each text. Long ones fill the windows of connections, which short ones would take thousands for. */
  readonly padding: string;
  /** Devices confirm what they wrote themselves; the client module does not. */
  readonly confirmsOwn: boolean;
  /** A device that never confirms, while faults are on. */
  readonly silent: string | undefined;
  /** People give up sends that wait: only where no acknowledgement is lost but on the way to them. */
  get cancels(): boolean {
    return this.faults.none || this.faults.linesOnly;
  }

  #ids = 0;

  /** Writes down what happens; for a replay of one seed. */
  readonly trace: ((line: () => string) => void) | undefined;

  constructor(seed: number, mutation: Mutation, trace?: (line: string) => void) {
    this.seed = seed;
    this.trace = trace && ((line) => trace(`${((this.clock.now - START) / 1000).toFixed(3)} ${line()}`));
    this.mutation = mutation;
    this.rng = seeded(seed);
    this.faults = new Faults(this.rng);
    this.network = new Network(this.clock, this.rng, this.faults);
    this.checks = new Checks(
      (conversation) => this.truth(conversation),
      (user) => this.user(user),
    );
    const many = 1_000_000;
    this.limits = {
      ...DEFAULT_LIMITS,
      sendBurst: many,
      frameBurst: many,
      page: this.rng.pick([3, 20, 100]),
      textBytes: 200_000,
      frameBytes: 300_000,
      resumeMessages: this.rng.pick([1, 4, 100]),
    };
    this.padding = this.rng.chance(0.04) ? 'x'.repeat(120_000) : '';
    this.confirmsOwn = this.rng.chance(0.5);
    this.silent = !this.faults.none && this.rng.chance(0.1) ? 'u0d0' : undefined;
    const users = this.rng.int(2, 4);
    for (let u = 0; u < users; u++) this.#addUser(`u${u}`);
  }

  #addUser(name: string): void {
    this.users.push(new UserNode(name, this));
    const devices = this.rng.int(1, 2);
    for (let d = 0; d < devices; d++) {
      const fresh = this.rng.chance(0.2);
      this.devices.push(new Device(this, name, `${name}d${d}`, fresh, (way) => this.counts[way]++));
    }
  }

  /** What clocks on the wall show. */
  get wall(): number {
    return this.wallAt(this.clock.now);
  }

  /** What they showed at a time. */
  wallAt(time: number): number {
    return time + (this.#steps.findLast((step) => step.from <= time)?.by ?? 0);
  }

  /** When they will show `wall`, unless they step. */
  whenWall(wall: number): number {
    return wall - (this.#steps.at(-1)?.by ?? 0);
  }

  step(by: number): void {
    this.#steps.push({ from: this.clock.now, by: (this.#steps.at(-1)?.by ?? 0) + by });
    for (const conversation of this.conversations.values()) conversation.stepped();
  }

  id(): string {
    return `id${this.#ids++}`;
  }

  directId(a: string, b: string): string {
    return `d_${[a, b].sort().join('_')}`;
  }

  user(name: string): UserNode {
    const node = this.users.find((u) => u.name === name);
    if (!node) throw new Error(`no user ${name}`);
    return node;
  }

  /** An object exists as soon as somebody names it; its storage may be empty. */
  conversation(id: string): ConversationNode {
    let node = this.conversations.get(id);
    if (!node) {
      node = new ConversationNode(id, this);
      this.conversations.set(id, node);
    }
    return node;
  }

  truth(conversation: string): Truth {
    return this.conversation(conversation).truth;
  }

  /** Conversations that were created, those this user is in when one is named. */
  created(user?: string): ConversationNode[] {
    return [...this.conversations.values()].filter(({ truth }) => {
      if (!truth.exists) return false;
      const member = user === undefined ? undefined : truth.member(user);
      return user === undefined || (member !== undefined && member.ended === undefined && !member.shunned);
    });
  }

  /** Keeps a line for counting what it lost. */
  watch(line: Line): void {
    this.#lines.push(line);
  }

  get framesLost(): number {
    return this.#lines.reduce((sum, line) => sum + line.lost, 0);
  }

  close(): void {
    for (const node of [...this.users, ...this.conversations.values()]) node.gate.sql.close();
  }
}
