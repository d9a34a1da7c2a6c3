import { DurableObject } from 'cloudflare:workers';
import type { Role } from '../../schema/protocol/frames-log.ts';
import { parseLimits } from '../../schema/protocol/limits.ts';
import { Calls } from '../shared/durable/call.ts';
import type { UserNamespace } from '../shared/durable/namespaces.ts';
import { durableSql } from '../shared/durable/sql.ts';
import type {
  ApiAnswer,
  AppendAnswer,
  AppendCall,
  ConversationCalls,
  CreateCall,
  DeliverAnswer,
  HistoryCall,
  MarksAnswer,
  MarksCall,
  PullAnswer,
  PullCall,
} from '../shared/rpc.ts';
import { atEndOfTurn, type TelemetryEnv, telemetryOf } from '../shared/telemetry.ts';
import { type Life, Turns } from '../shared/turns.ts';
import { Conversation } from './conversation.ts';
import type { ConversationHost } from './host.ts';

interface Env extends TelemetryEnv {
  readonly USERS: UserNamespace;
  readonly PARLEY_LIMITS?: string;
  /** For tests: divides the intervals of the alarm. */
  readonly PARLEY_ALARM_SCALE?: string;
}

/** After a turn that threw, what the old memory had under way is taken up after so long, then twice as long. */
const RESTART_MS = 1_000;
const RESTART_MOST_MS = 60_000;

/** One conversation: order, members, receipts. Only translates: platform callbacks in, core calls, effects out. */
export class ConversationObject extends DurableObject<Env> implements ConversationCalls {
  readonly #turns: Turns<Conversation>;
  readonly #calls = new Calls();
  /** When the durable alarm rings. */
  #alarmAt: number | undefined;
  /** Turns that threw, with none between them that didn't. */
  #crashes = 0;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const most = parseLimits(env.PARLEY_LIMITS).groupMembers;
    this.#turns = new Turns<Conversation>({
      start: (life) => new Conversation(durableSql(state.storage), this.#host(life), most),
      crashed: (error) => this.#crashed(error),
    });
    void state.blockConcurrencyWhile(async () => {
      this.#alarmAt = (await state.storage.getAlarm()) ?? undefined;
    });
  }

  #host(life: Life): ConversationHost {
    return {
      now: () => Date.now(),
      deliver: (delivery, done) =>
        life.effect(() =>
          this.#calls.call(
            this.env.USERS,
            delivery.user,
            (stub) => stub.deliver(delivery) as Promise<DeliverAnswer>,
            (answer) => life.turn(() => done(answer)),
          ),
        ),
      timer: (ms, run) => {
        const timeout = setTimeout(() => life.turn(run), ms);
        return () => clearTimeout(timeout);
      },
      // Not awaited: it joins the transaction of this turn, and the output gate holds every answer until that is durable.
      alarm: (at) => {
        this.#alarmAt = at;
        void this.ctx.storage.setAlarm(at);
      },
      alarmAt: this.#alarmAt,
      alarmScale: Number(this.env.PARLEY_ALARM_SCALE ?? 1),
      telemetry: atEndOfTurn(telemetryOf(this.env), life.effect),
    };
  }

  /** What the dropped memory owed is in the storage, and the alarm is set: a new core takes it up. */
  #crashed(error: unknown): void {
    console.error('turn of a conversation', error);
    telemetryOf(this.env).count('conversation.turn.crashed');
    const wait = Math.min(RESTART_MS * 2 ** this.#crashes++, RESTART_MOST_MS);
    if (this.#alarmAt !== undefined) setTimeout(() => this.#wake(), wait);
  }

  #wake(): void {
    if (this.#turns.awake) return;
    try {
      this.#turn(() => undefined);
    } catch {
      // It was told to `crashed`, which tries again.
    }
  }

  #turn<T>(body: (core: Conversation) => T): T {
    const result = this.#turns.run(body);
    this.#crashes = 0;
    return result;
  }

  #ask<A>(body: (core: Conversation, answer: (value: A) => void) => void): Promise<A> {
    return new Promise((resolve, reject) =>
      this.#turns.ask<A>(body, (answer) =>
        answer === undefined ? reject(new Error('the turn failed')) : resolve(answer),
      ),
    );
  }

  /** A turn of it that throws makes it ring again: the platform by itself would try six times and forget it. */
  override async alarm(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      await this.#ask<true>((core, done) => core.alarm(() => done(true)));
    } catch {
      this.#alarmAt = Date.now() + RESTART_MOST_MS;
      await this.ctx.storage.setAlarm(this.#alarmAt);
    }
  }

  async create(create: CreateCall): Promise<ApiAnswer> {
    return this.#turn((core) => core.create(create));
  }

  async append(append: AppendCall): Promise<AppendAnswer> {
    return this.#turn((core) => core.append(append));
  }

  marks(marks: MarksCall): Promise<MarksAnswer> {
    return this.#ask((core, answer) => core.marks(marks, answer));
  }

  async pull(pull: PullCall): Promise<PullAnswer> {
    return this.#turn((core) => core.pull(pull));
  }

  async history(history: HistoryCall): Promise<ApiAnswer> {
    return this.#turn((core) => core.history(history));
  }

  async summary({ user }: { readonly user: string }): Promise<ApiAnswer> {
    return this.#turn((core) => core.summary(user));
  }

  async members({
    user,
    after,
    limit,
  }: {
    readonly user: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<ApiAnswer> {
    return this.#turn((core) => core.members(user, after, limit));
  }

  async setMember(change: {
    readonly by: string;
    readonly user: string;
    readonly role?: Role;
    readonly shunned: boolean;
  }): Promise<ApiAnswer> {
    return this.#turn((core) => core.setMember(change.by, change.user, change.role, change.shunned));
  }

  async removeMember(change: { readonly by: string; readonly user: string }): Promise<ApiAnswer> {
    return this.#turn((core) => core.removeMember(change.by, change.user));
  }

  async rename(change: { readonly by: string; readonly title: string }): Promise<ApiAnswer> {
    return this.#turn((core) => core.rename(change.by, change.title));
  }

  async setBlocked(change: {
    readonly id: string;
    readonly user: string;
    readonly other: string;
    readonly on: boolean;
  }): Promise<ApiAnswer> {
    return this.#turn((core) => core.setBlocked(change));
  }
}
