import type { NodeSql } from '../support/node-sql.ts';
import { must } from './failure.ts';

/** What a conversation's storage has committed: the measure of everything the devices see. */
export interface EntryTruth {
  readonly seq: number;
  readonly user: string;
  readonly clientId: string | undefined;
  readonly type: string;
  readonly at: number;
  /** The member from whom it is withheld. */
  readonly hiddenFrom: string | undefined;
}

export interface MemberTruth {
  readonly user: string;
  readonly joined: number;
  readonly ended: number | undefined;
  readonly shunned: boolean;
  readonly blocks: boolean;
}

const TYPES = ['message', 'edit', 'delete', 'react', 'member', 'conversation'];

export class Truth {
  readonly conversation: string;
  readonly entries: EntryTruth[] = [];
  readonly byClientId = new Map<string, EntryTruth>();
  /** Called for each new entry. */
  readonly #onEntry: (truth: Truth, entry: EntryTruth) => void;
  readonly #sql: NodeSql;
  readonly #ends = new Map<string, number>();
  #members = new Map<string, MemberTruth>();
  #exists = false;

  constructor(conversation: string, sql: NodeSql, onEntry: (truth: Truth, entry: EntryTruth) => void) {
    this.conversation = conversation;
    this.#sql = sql;
    this.#onEntry = onEntry;
  }

  get head(): number {
    return this.entries.length;
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** Members as the open transaction has them. */
  present(): Map<string, MemberTruth> {
    const rows = this.#sql.all('SELECT user, joined, ended, shunned, blocks FROM member ORDER BY n');
    return new Map(
      rows.map((row) => [
        row.user as string,
        {
          user: row.user as string,
          joined: row.joined as number,
          ended: row.ended === null ? undefined : (row.ended as number),
          shunned: row.shunned === 1,
          blocks: row.blocks === 1,
        },
      ]),
    );
  }

  /** After a commit: P2, numbers without gap or repeat; P3, one entry for each sender and clientId. */
  update(): void {
    if (!this.#exists) {
      const found = this.#sql.all("SELECT 1 FROM sqlite_master WHERE name = 'entry'");
      if (found.length === 0) return;
      this.#exists = true;
    }
    const users = this.#sql.all('SELECT user FROM member ORDER BY n').map((row) => row.user as string);
    for (const row of this.#sql.all('SELECT * FROM entry WHERE seq > ? ORDER BY seq', this.head)) {
      const seq = row.seq as number;
      must(seq === this.head + 1, 'P2', () => `${this.conversation}: ${seq} follows ${this.head}`);
      const entry: EntryTruth = {
        seq,
        user: users[row.sender as number] as string,
        clientId: row.client_id === null ? undefined : (row.client_id as string),
        type: TYPES[row.type as number] as string,
        at: row.at as number,
        hiddenFrom: row.hidden === null ? undefined : users[row.hidden as number],
      };
      this.entries.push(entry);
      if (entry.clientId !== undefined) {
        const key = `${entry.user} ${entry.clientId}`;
        must(!this.byClientId.has(key), 'P3', () => `${this.conversation}: ${key} is stored twice`);
        this.byClientId.set(key, entry);
      }
      this.#onEntry(this, entry);
    }
    this.#members = this.present();
    for (const m of this.#members.values()) if (m.ended !== undefined) this.#ends.set(m.user, m.ended);
  }

  member(user: string): MemberTruth | undefined {
    return this.#members.get(user);
  }

  get members(): Iterable<MemberTruth> {
    return this.#members.values();
  }

  /** Up to which entry this user may ever have been sent something. */
  mayHave(user: string): number {
    const m = this.#members.get(user);
    if (!m) return -1;
    return m.ended === undefined && !m.shunned ? Number.POSITIVE_INFINITY : (this.#ends.get(user) ?? -1);
  }

  /** P2 at the end: nothing that was committed has changed its number since. */
  unchanged(): void {
    const rows = this.#exists ? this.#sql.all('SELECT seq, client_id, at FROM entry ORDER BY seq') : [];
    must(
      rows.length === this.head,
      'P2',
      () => `${this.conversation}: ${rows.length} of ${this.head} entries`,
    );
    rows.forEach((row, i) => {
      const e = this.entries[i] as EntryTruth;
      const same = row.seq === e.seq && row.at === e.at && (row.client_id ?? undefined) === e.clientId;
      must(same, 'P2', () => `${this.conversation}: entry ${e.seq} has changed`);
    });
  }

  /** Marks as they are durable. */
  marks(): Map<string, { delivered: number; read: number }> {
    if (!this.#exists) return new Map();
    const users = this.#sql.all('SELECT user FROM member ORDER BY n').map((row) => row.user as string);
    const row = this.#sql.all('SELECT marks FROM progress')[0];
    const flat = JSON.parse((row?.marks ?? '[]') as string) as number[];
    return new Map(
      users.map((user, n) => [user, { delivered: flat[2 * n] ?? 0, read: flat[2 * n + 1] ?? 0 }]),
    );
  }
}
