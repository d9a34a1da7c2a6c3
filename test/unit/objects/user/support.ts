import type { DeliverCall, WireEntry } from '../../../../objects/shared/rpc.ts';
import type { Sql } from '../../../../objects/shared/sql.ts';
import {
  type Connection,
  newConnection,
  newRates,
  type Pending,
} from '../../../../objects/user/connection.ts';
import type { ConversationCallTable, KeptSocket, UserHost } from '../../../../objects/user/host.ts';
import { Inbox } from '../../../../objects/user/inbox.ts';
import { Preferences } from '../../../../objects/user/prefs.ts';
import { Reports } from '../../../../objects/user/reports.ts';
import { UserStore } from '../../../../objects/user/store.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { Clock } from '../../../sim/clock.ts';
import { CountedTelemetry } from '../../../support/counted-telemetry.ts';
import { NodeSql } from '../../../support/node-sql.ts';

export const NOW = 1_700_000_000_000;

type Method = keyof ConversationCallTable;
export interface OpenCall<M extends Method = Method> {
  readonly conversation: string;
  readonly method: M;
  readonly argument: ConversationCallTable[M][0];
  readonly done: (answer: ConversationCallTable[M][1] | undefined) => void;
}
export type Frame = Record<string, unknown>;

/** A platform for the parts of a user's object: it keeps what they do and answers when told to. */
export class FakeHost implements UserHost {
  readonly clock = new Clock(NOW);
  /** What the wall clock was set forward by, in ms; timers don't notice. */
  stepped = 0;
  readonly sent: { readonly socket: number; readonly frame: Frame }[] = [];
  readonly closedSockets: { readonly socket: number; readonly code: number }[] = [];
  readonly kept = new Map<number, KeptSocket>();
  readonly telemetry = new CountedTelemetry();
  /** Calls to conversations, oldest first. */
  readonly calls: OpenCall[] = [];
  /** Timers that run: while there is one the object stays awake. */
  timers = 0;
  #ids = 0;

  now = (): number => this.clock.now + this.stepped;
  id = (): string => `id${this.#ids++}`;
  directId = (a: string, b: string): string => `d_${[a, b].sort().join('_')}`;
  send = (socket: number, frame: string): void => {
    this.sent.push({ socket, frame: JSON.parse(frame) as Frame });
  };
  close = (socket: number, code: number): void => {
    this.closedSockets.push({ socket, code });
  };
  keep = (socket: number, kept: KeptSocket): void => {
    this.kept.set(socket, kept);
  };
  lastPing = (_socket: number): number => 0;
  call = <M extends Method>(
    conversation: string,
    method: M,
    argument: ConversationCallTable[M][0],
    done: OpenCall<M>['done'],
  ): void => {
    this.calls.push({ conversation, method, argument, done } as OpenCall);
  };
  blocks = (): void => undefined;
  timer = (ms: number, run: () => void): (() => void) => {
    let on = true;
    this.timers++;
    const end = (): boolean => {
      const was = on;
      on = false;
      if (was) this.timers--;
      return was;
    };
    this.clock.after(ms, () => {
      if (end()) run();
    });
    return end;
  };

  /** Frames that went to a socket so far; they are forgotten. */
  take(socket: number): Frame[] {
    const mine = this.sent.filter((s) => s.socket === socket).map((s) => s.frame);
    this.sent.splice(0, this.sent.length, ...this.sent.filter((s) => s.socket !== socket));
    return mine;
  }

  /** The oldest call without an answer, which has to be of this method. */
  next<M extends Method>(method: M): OpenCall<M> {
    const call = this.calls.shift();
    if (call?.method !== method) throw new Error(`expected a call of ${method}, got ${call?.method}`);
    return call as unknown as OpenCall<M>;
  }
}

/** Counts the statements that write. */
export class CountingSql implements Sql {
  readonly #sql = new NodeSql();
  writes = 0;

  all(...args: Parameters<Sql['all']>): ReturnType<Sql['all']> {
    return this.#sql.all(...args);
  }
  run(...args: Parameters<Sql['run']>): void {
    this.writes++;
    this.#sql.run(...args);
  }
  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }
}

export const entry = (seq: number, bytes = 0): WireEntry => ({
  seq,
  json: `"type":"message","conversation":"c","seq":${seq},"text":"${'x'.repeat(bytes)}"}`,
});
export const entries = (from: number, to: number, bytes = 0): WireEntry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, bytes));

export const delivery = (list: readonly WireEntry[], more: Partial<DeliverCall> = {}): DeliverCall => ({
  user: 'me',
  conversation: 'c',
  kind: 'direct',
  entries: list,
  head: list.at(-1)?.seq ?? 0,
  receipts: [],
  ended: false,
  ...more,
});

/** An inbox with its devices; each device has one socket, unless told otherwise. */
export class Desk {
  readonly host = new FakeHost();
  readonly sql = new CountingSql();
  readonly behind: { connection: Connection; conversation: string; pending: Pending }[] = [];
  inbox: Inbox;
  prefs: Preferences;
  readonly reports = new Reports(this.host, 'me', () => 0);
  #sockets = 1;

  constructor() {
    [this.inbox, this.prefs] = this.#start([]);
  }

  #start(connections: readonly Connection[]): [Inbox, Preferences] {
    const events = {
      behind: (connection: Connection, conversation: string, pending: Pending): void => {
        this.behind.push({ connection, conversation, pending });
      },
      silent: (c: Connection): void => {
        this.inbox.closed(c.socket);
        this.host.close(c.socket, 1001);
      },
      crowded: (c: Connection): void => {
        this.inbox.closed(c.socket);
        this.host.close(c.socket, 1013);
      },
    };
    const store = new UserStore(this.sql);
    const inbox = new Inbox(store, this.host, events, connections);
    return [inbox, new Preferences(store, inbox, this.host.now)];
  }

  /** A device that said `hello` and is told everything. */
  connect(device: string): Connection {
    const kept = { device, synced: false, ceiling: this.inbox.notes.cursor };
    const c = newConnection(this.#sockets++, kept, newRates(DEFAULT_LIMITS, NOW), this.host.now());
    this.inbox.open(c);
    this.inbox.ready(c, this.inbox.notes.cursor);
    this.inbox.synced(c);
    return c;
  }

  /** Memory is lost; of these connections the sockets outlive it. */
  restart(surviving: readonly Connection[] = []): Connection[] {
    const again = surviving.map((c) => {
      const kept = this.host.kept.get(c.socket) ?? { device: c.device, synced: true, ceiling: c.ceiling };
      return newConnection(c.socket, kept, newRates(DEFAULT_LIMITS, NOW), this.host.now());
    });
    [this.inbox, this.prefs] = this.#start(again);
    return again;
  }

  /** The conversation's note, 0 for none. */
  get note(): number {
    return this.inbox.notes.row('c')?.note ?? 0;
  }

  /** What `body` writes. */
  writes(body: () => void): number {
    const before = this.sql.writes;
    body();
    return this.sql.writes - before;
  }
}
