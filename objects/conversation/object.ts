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
import { Conversation } from './conversation.ts';
import type { ConversationHost } from './host.ts';

interface Env {
  readonly USERS: UserNamespace;
  readonly PARLEY_LIMITS?: string;
}

/** One conversation: order, members, receipts. Only translates: platform callbacks in, core calls, effects out. */
export class ConversationObject extends DurableObject<Env> implements ConversationCalls {
  readonly #core: Conversation;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const calls = new Calls();
    const host: ConversationHost = {
      now: () => Date.now(),
      deliver: (delivery, done) =>
        calls.call(
          env.USERS,
          delivery.user,
          (stub) => stub.deliver(delivery) as Promise<DeliverAnswer>,
          done,
        ),
      timer: (ms, run) => {
        const timeout = setTimeout(run, ms);
        return () => clearTimeout(timeout);
      },
      // Not awaited: it joins the transaction of this turn, and the output gate holds every answer until that is durable.
      alarm: (at) => void state.storage.setAlarm(at),
    };
    this.#core = new Conversation(
      durableSql(state.storage),
      host,
      parseLimits(env.PARLEY_LIMITS).groupMembers,
    );
  }

  override async alarm(): Promise<void> {
    this.#core.alarm();
  }

  async create(create: CreateCall): Promise<ApiAnswer> {
    return this.#core.create(create);
  }

  async append(append: AppendCall): Promise<AppendAnswer> {
    return this.#core.append(append);
  }

  marks(marks: MarksCall): Promise<MarksAnswer> {
    return new Promise((resolve) => this.#core.marks(marks, resolve));
  }

  async pull(pull: PullCall): Promise<PullAnswer> {
    return this.#core.pull(pull);
  }

  async history(history: HistoryCall): Promise<ApiAnswer> {
    return this.#core.history(history);
  }

  async summary({ user }: { readonly user: string }): Promise<ApiAnswer> {
    return this.#core.summary(user);
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
    return this.#core.members(user, after, limit);
  }

  async setMember(change: {
    readonly by: string;
    readonly user: string;
    readonly role?: Role;
    readonly shunned: boolean;
  }): Promise<ApiAnswer> {
    return this.#core.setMember(change.by, change.user, change.role, change.shunned);
  }

  async removeMember(change: { readonly by: string; readonly user: string }): Promise<ApiAnswer> {
    return this.#core.removeMember(change.by, change.user);
  }

  async rename(change: { readonly by: string; readonly title: string }): Promise<ApiAnswer> {
    return this.#core.rename(change.by, change.title);
  }

  async setBlocked(change: {
    readonly id: string;
    readonly user: string;
    readonly other: string;
    readonly on: boolean;
  }): Promise<ApiAnswer> {
    return this.#core.setBlocked(change);
  }
}
