import { Conversation } from '../../../../objects/conversation/conversation.ts';
import type { ConversationHost } from '../../../../objects/conversation/host.ts';
import { type Author, Log } from '../../../../objects/conversation/log.ts';
import { MIGRATIONS } from '../../../../objects/conversation/migrations.ts';
import { ConversationStore, type MemberRow } from '../../../../objects/conversation/store.ts';
import { migrate } from '../../../../objects/shared/migrate.ts';
import type {
  ApiAnswer,
  AppendAnswer,
  ConversationKind,
  DeliverAnswer,
  DeliverCall,
  Op,
} from '../../../../objects/shared/rpc.ts';
import type { Sql } from '../../../../objects/shared/sql.ts';
import { Clock } from '../../../sim/clock.ts';
import { CountedTelemetry } from '../../../support/counted-telemetry.ts';
import { NodeSql } from '../../../support/node-sql.ts';

export const NOW = 1_700_000_000_000;

export const message = (clientId: string, text = clientId, more: { after?: string; replyTo?: number } = {}) =>
  ({ type: 'message', clientId, content: { kind: 'text', text }, ...more }) satisfies Op;
export const edit = (clientId: string, target: number, text: string) =>
  ({ type: 'edit', clientId, target, content: { kind: 'text', text } }) satisfies Op;
export const remove = (clientId: string, target: number) =>
  ({ type: 'delete', clientId, target }) satisfies Op;
export const react = (clientId: string, target: number, emoji: string, on = true) =>
  ({ type: 'react', clientId, target, emoji, on }) satisfies Op;

export const memberRow = (n: number, more: Partial<MemberRow> = {}): MemberRow => ({
  n,
  user: `u${n}`,
  role: 'member',
  joined: 0,
  ended: undefined,
  shunned: false,
  blocks: false,
  shown: undefined,
  ...more,
});

export const author = (n: number, more: Partial<Author> = {}): Author => ({
  n,
  user: `u${n}`,
  moderates: false,
  hiddenFrom: undefined,
  refused: undefined,
  ...more,
});

export function emptyStore(): { sql: NodeSql; store: ConversationStore } {
  const sql = new NodeSql();
  migrate(sql, MIGRATIONS);
  return { sql, store: new ConversationStore(sql) };
}

export function emptyLog(): { sql: NodeSql; store: ConversationStore; log: Log } {
  const { sql, store } = emptyStore();
  return { sql, store, log: new Log(store) };
}

/** All that a storage holds, as text. */
export function everything(sql: Sql): string {
  const tables = sql.all("SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => row.name);
  return JSON.stringify(tables.map((name) => sql.all(`SELECT * FROM "${name}"`)));
}

/** What a member's object answers when all its devices have confirmed. */
export const confirmed = (call: DeliverCall): DeliverAnswer => ({
  attached: true,
  settled: call.entries.at(-1)?.seq ?? 0,
  cursor: 1,
});

interface OpenCall {
  readonly call: DeliverCall;
  readonly done: (answer: DeliverAnswer | undefined) => void;
}

/** A conversation on a platform that does nothing by itself. */
export class Talk {
  readonly clock = new Clock(NOW);
  readonly sql = new NodeSql();
  /** Every call to a member so far. */
  readonly delivered: DeliverCall[] = [];
  /** Those without an answer, when `respond` gives none. */
  readonly open: OpenCall[] = [];
  respond: ((call: DeliverCall) => DeliverAnswer | undefined) | undefined = confirmed;
  onDeliver: ((call: DeliverCall) => void) | undefined;
  alarmAt: number | undefined;
  readonly telemetry = new CountedTelemetry();
  /** Under way: each keeps the object awake. */
  timers = 0;
  core: Conversation;
  #life = 0;

  /** @param members the first creates it; with none it does not exist. */
  constructor(kind: ConversationKind, members: readonly string[]) {
    this.core = new Conversation(this.sql, this.#host());
    const creator = members[0];
    if (creator === undefined) return;
    this.core.create({ id: 'c_1', kind, mode: 'server', creator, members, shunned: [] });
    this.clock.advance(1);
  }

  /** Memory is lost, storage stays. */
  restart(): void {
    this.#life++;
    this.open.length = 0;
    this.timers = 0;
    this.core = new Conversation(this.sql, this.#host());
  }

  /** The durable alarm rings, whatever the time is. @returns whether it was heard to its end within `ms`. */
  ring(ms = 10_000): boolean {
    let done = false;
    this.alarmAt = undefined;
    this.core.alarm(() => {
      done = true;
    });
    this.clock.advance(ms);
    return done;
  }

  append(user: string, ...ops: Op[]): AppendAnswer {
    return this.core.append({ user, ops, settled: 0 });
  }

  /** Reports marks and lets them be written. */
  marks(user: string, delivered: number, read: number): void {
    this.core.marks({ user, delivered, read, settled: 0 }, () => undefined);
    this.clock.advance(200);
  }

  /** The receipt frames that went to a member, parsed. */
  receiptsTo(user: string): Record<string, unknown>[] {
    const calls = this.delivered.filter((call) => call.user === user);
    return calls.flatMap((call) => call.receipts.map((r) => JSON.parse(r) as Record<string, unknown>));
  }

  body(answer: ApiAnswer): Record<string, unknown> {
    if (!answer.ok) throw new Error(answer.code);
    return JSON.parse(answer.body || '{}') as Record<string, unknown>;
  }

  #host(): ConversationHost {
    const life = this.#life;
    const ifAlive = (run: () => void) => (): void => {
      if (life === this.#life) run();
    };
    return {
      now: () => this.clock.now,
      deliver: (call, done) => {
        this.delivered.push(call);
        this.onDeliver?.(call);
        const { respond } = this;
        if (respond)
          this.clock.after(
            1,
            ifAlive(() => done(respond(call))),
          );
        else this.open.push({ call, done });
      },
      timer: (ms, run) => {
        let on = true;
        const end = (): boolean => {
          if (on) this.timers--;
          const was = on;
          on = false;
          return was;
        };
        this.timers++;
        this.clock.after(
          ms,
          ifAlive(() => end() && run()),
        );
        return end;
      },
      alarm: (at) => {
        this.alarmAt = at;
      },
      alarmAt: this.alarmAt,
      telemetry: this.telemetry,
    };
  }
}
