import { Conversation } from '../../objects/conversation/conversation.ts';
import type { ConversationHost } from '../../objects/conversation/host.ts';
import type { DeliverAnswer, DeliverCall } from '../../objects/shared/rpc.ts';
import type { ConversationCallTable } from '../../objects/user/host.ts';
import { SimObject } from './node.ts';
import { type MemberTruth, Truth } from './truth.ts';
import type { World } from './world.ts';

/** A ConversationObject on the simulated platform, with what the checks know of it. */
export class ConversationNode extends SimObject {
  readonly truth: Truth;
  #core: Conversation | undefined;
  /** The durable alarm, and the one set in the open transaction. */
  #alarm: number | undefined;
  #alarmSet: number | undefined;
  #alarmRan = false;
  /** Rows written so far: a turn that only read has nothing to check. */
  #changes = 0;

  constructor(name: string, world: World) {
    super(name, world, (sql) => world.mutation.conversationSql?.(sql) ?? sql);
    this.truth = new Truth(name, this.gate.sql, world.checks.stored);
  }

  protected override forget(): void {
    this.#core = undefined;
    this.#alarmSet = undefined;
    this.#alarmRan = false;
  }

  protected override committed(): void {
    const changes = this.gate.sql.all('SELECT total_changes() AS count')[0]?.count as number;
    if (changes !== this.#changes) {
      this.#changes = changes;
      this.truth.update();
      this.world.checks.marksKept(this.name);
    }
    if (this.#alarmSet !== undefined) {
      this.#schedule(this.#alarmSet);
      this.#alarmSet = undefined;
    } else if (this.#alarmRan) this.#alarm = undefined;
    this.#alarmRan = false;
  }

  get alarmed(): boolean {
    return this.#alarm !== undefined;
  }

  /** The core, woken if need be. Only inside a turn. */
  get #awake(): Conversation {
    this.#core ??= new Conversation(this.sql, this.#host());
    return this.#core;
  }

  get inMemory(): boolean {
    return this.#core !== undefined;
  }

  #host(): ConversationHost {
    const { world } = this;
    const host: ConversationHost = {
      now: () => world.clock.now,
      deliver: (call, done) => {
        const members = this.truth.present();
        if (this.#alarmRan) world.counts.byAlarm++;
        this.gate.effect(() => world.checks.delivers(this.name, call, members));
        this.ask<DeliverAnswer>(call.user, (reply) => world.user(call.user).deliver(call, reply), done);
      },
      timer: (ms, run) => this.timer(ms, run),
      alarm: (at) => {
        this.#alarmSet = at;
      },
    };
    return world.mutation.conversationHost?.(host) ?? host;
  }

  #schedule(at: number): void {
    this.#alarm = at;
    this.world.clock.at(at, () => this.#fire(at));
  }

  /** At least once: a crash before its commit makes it come again. */
  #fire(at: number): void {
    if (this.#alarm !== at) return;
    this.turn(() => {
      this.#alarmRan = true;
      this.#awake.alarm();
    });
    if (this.#alarmRan) this.world.clock.after(2_000, () => this.#fire(at));
  }

  receive<M extends keyof ConversationCallTable>(
    method: M,
    argument: ConversationCallTable[M][0],
    reply: (answer: ConversationCallTable[M][1] | undefined) => void,
  ): void {
    const { world, name } = this;
    world.trace?.(() => `${name}.${method} ${JSON.stringify(argument)}`);
    this.answer(reply, (done) => {
      const traced = (answer: ConversationCallTable[M][1]): void => {
        world.trace?.(() => `${name}.${method} = ${JSON.stringify(answer)}`);
        done(answer);
      };
      carryOut(this.#awake, { method, argument, done: traced } as Asked);
    });
  }
}

type Asked = {
  [M in keyof ConversationCallTable]: {
    readonly method: M;
    readonly argument: ConversationCallTable[M][0];
    readonly done: (answer: ConversationCallTable[M][1]) => void;
  };
}[keyof ConversationCallTable];

/** What the object's shell does with each call. */
function carryOut(core: Conversation, asked: Asked): void {
  switch (asked.method) {
    case 'append':
      return asked.done(core.append(asked.argument));
    case 'marks':
      return core.marks(asked.argument, asked.done);
    case 'pull':
      return asked.done(core.pull(asked.argument));
    case 'create':
      return asked.done(core.create(asked.argument));
    case 'summary':
      return asked.done(core.summary(asked.argument.user));
    case 'history':
      return asked.done(core.history(asked.argument));
    case 'members':
      return asked.done(core.members(asked.argument.user, asked.argument.after, asked.argument.limit));
    case 'setMember': {
      const { by, user, role, shunned } = asked.argument;
      return asked.done(core.setMember(by, user, role, shunned));
    }
    case 'removeMember':
      return asked.done(core.removeMember(asked.argument.by, asked.argument.user));
    case 'rename':
      return asked.done(core.rename(asked.argument.by, asked.argument.title));
    case 'setBlocked':
      return asked.done(core.setBlocked(asked.argument));
  }
}

export type { DeliverCall, MemberTruth };
