import { Conversation } from '../../objects/conversation/conversation.ts';
import type { ConversationHost } from '../../objects/conversation/host.ts';
import type { DeliverAnswer, DeliverCall, PullCall } from '../../objects/shared/rpc.ts';
import type { Life } from '../../objects/shared/turns.ts';
import type { ConversationCallTable } from '../../objects/user/host.ts';
import { SimObject } from './node.ts';
import { type MemberTruth, Truth } from './truth.ts';
import type { World } from './world.ts';

/** As in the shell: when what a lost memory had under way is taken up. */
const RESTART_MS = 1_000;

/** A ConversationObject on the simulated platform, with what the checks know of it. */
export class ConversationNode extends SimObject<Conversation> {
  readonly truth: Truth;
  /** The durable alarm, by the wall clock, and the one set in the open transaction. */
  #alarm: number | undefined;
  #alarmSet: number | undefined;
  /** As the shell remembers it. */
  #alarmAt: number | undefined;
  #ringing = false;
  /** Rows written so far: a turn that only read has nothing to check. */
  #changes = 0;
  /** How often the alarm rang. */
  rung = 0;

  constructor(name: string, world: World) {
    super(name, world, (sql) => world.mutation.conversationSql?.(sql) ?? sql, false);
    this.truth = new Truth(name, this.gate.sql, world.checks.stored);
  }

  protected override forget(): void {
    this.#alarmSet = undefined;
    this.#alarmAt = this.#alarm;
  }

  protected override committed(): void {
    const changes = this.gate.sql.all('SELECT total_changes() AS count')[0]?.count as number;
    if (changes !== this.#changes) {
      this.#changes = changes;
      this.truth.update();
      this.world.checks.marksKept(this.name);
    }
    if (this.#alarmSet === undefined) return;
    this.#schedule(this.#alarmSet);
    this.#alarmSet = undefined;
  }

  get alarmed(): boolean {
    return this.#alarm !== undefined;
  }

  protected override start(life: Life): Conversation {
    const { world } = this;
    const host: ConversationHost = {
      now: () => {
        world.faults.maybeThrow(`clock of ${this.name}`);
        return world.wall;
      },
      deliver: (call, done) => {
        const members = this.truth.present();
        if (this.#ringing) world.counts.byAlarm++;
        world.delivered.called(call);
        life.effect(() => this.gate.effect(() => world.checks.delivers(this.name, call, members)));
        this.ask<DeliverAnswer>(life, call.user, (reply) => world.user(call.user).deliver(call, reply), done);
      },
      timer: (ms, run) => this.timer(life, ms, run),
      alarm: (at) => {
        this.#alarmSet = at;
        this.#alarmAt = at;
      },
      alarmAt: this.#alarmAt,
    };
    return new Conversation(this.sql, world.mutation.conversationHost?.(host) ?? host);
  }

  protected override threw(): void {
    const { life } = this;
    if (this.#alarmAt === undefined) return;
    this.world.clock.after(RESTART_MS, () => {
      if (life.alive && !this.inMemory) this.turn(() => undefined);
    });
  }

  #schedule(at: number): void {
    this.#alarm = at;
    this.world.clock.at(this.world.whenWall(at), () => this.#fire(at));
  }

  /** The wall clock stepped. */
  stepped(): void {
    if (this.#alarm !== undefined) this.#schedule(this.#alarm);
  }

  /** At least once: a crash before its end makes it come again. */
  #fire(at: number): void {
    if (this.#alarm !== at || this.world.wall < at || this.#ringing) return;
    this.rung++;
    this.#ringing = true;
    this.#alarmAt = undefined;
    this.answer<true>(
      (done) => {
        this.#ringing = false;
        if (this.#alarm !== at) return;
        if (done) this.#alarm = undefined;
        else this.world.clock.after(2_000, () => this.#fire(at));
      },
      (core, done) => core.alarm(() => done(true)),
    );
  }

  receive<M extends keyof ConversationCallTable>(
    method: M,
    argument: ConversationCallTable[M][0],
    reply: (answer: ConversationCallTable[M][1] | undefined) => void,
  ): void {
    const { world, name } = this;
    world.trace?.(() => `${name}.${method} ${JSON.stringify(argument)}`);
    this.answer(reply, (core, done) => {
      const traced = (answer: ConversationCallTable[M][1]): void => {
        world.trace?.(() => `${name}.${method} = ${JSON.stringify(answer)}`);
        const resumes = method === 'pull' && (argument as PullCall).attach !== undefined;
        if (resumes && 'entries' in answer && answer.ok) world.delivered.resumed(answer.entries.length);
        done(answer);
      };
      carryOut(core, { method, argument, done: traced } as Asked);
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
