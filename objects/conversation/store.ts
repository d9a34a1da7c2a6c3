import type { Role } from '../../schema/protocol/frames-log.ts';
import type { ConversationKind, Mode } from '../shared/rpc.ts';
import type { Sql, SqlRow, SqlValue } from '../shared/sql.ts';

/** All SQL of a conversation. Synchronous; callers put a transaction around what belongs together. */

export const ENTRY_TYPES = ['message', 'edit', 'delete', 'react', 'member', 'conversation'] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export interface ConversationRow {
  readonly name: string;
  readonly kind: ConversationKind;
  readonly mode: Mode;
  readonly title: string | undefined;
  readonly createdAt: number;
}

export interface MemberRow {
  readonly n: number;
  readonly user: string;
  readonly role: Role;
  /** The log's head when they joined. */
  readonly joined: number;
  /** `seq` of the entry that ended the membership. */
  readonly ended: number | undefined;
  /** Invited by someone they block: in the list, but nothing reaches them. */
  readonly shunned: boolean;
  /** In a direct conversation: this member blocks the other. */
  readonly blocks: boolean;
  /** While `blocks`: the marks the other side goes on seeing. */
  readonly shown: { readonly delivered: number; readonly read: number } | undefined;
}

export interface EntryRow {
  readonly seq: number;
  /** Number of the member. */
  readonly sender: number;
  readonly clientId: string | undefined;
  readonly type: EntryType;
  readonly at: number;
  /** Messages so far, this one included. */
  readonly ordinal: number;
  /** Number of the member from whom this entry is withheld. */
  readonly hidden: number | undefined;
  /** JSON: of a message its content and `replyTo`, of another entry its own fields. */
  readonly body: string;
  /** JSON: what later entries made of a message; undefined while untouched. */
  readonly state: string | undefined;
}

export interface RangeQuery {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  /** Newest first or oldest first decides which end a limit keeps; rows come back ascending either way. */
  readonly newest: boolean;
  readonly messagesOnly: boolean;
}

const orUndefined = <T extends SqlValue>(value: T): Exclude<T, null> | undefined =>
  value === null ? undefined : (value as Exclude<T, null>);

function entryOf(row: SqlRow): EntryRow {
  return {
    seq: row.seq as number,
    sender: row.sender as number,
    clientId: orUndefined(row.client_id as string | null),
    type: ENTRY_TYPES[row.type as number] as EntryType,
    at: row.at as number,
    ordinal: row.ordinal as number,
    hidden: orUndefined(row.hidden as number | null),
    body: row.body as string,
    state: orUndefined(row.state as string | null),
  };
}

function memberOf(row: SqlRow): MemberRow {
  return {
    n: row.n as number,
    user: row.user as string,
    role: row.role as Role,
    joined: row.joined as number,
    ended: orUndefined(row.ended as number | null),
    shunned: row.shunned === 1,
    blocks: row.blocks === 1,
    shown:
      row.shown_delivered === null
        ? undefined
        : { delivered: row.shown_delivered as number, read: row.shown_read as number },
  };
}

const ENTRY = 'seq, sender, client_id, type, at, ordinal, hidden, body, state';

export class ConversationStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }

  conversation(): ConversationRow | undefined {
    const row = this.#sql.all('SELECT name, kind, mode, title, created_at FROM conversation WHERE id = 0')[0];
    return (
      row && {
        name: row.name as string,
        kind: row.kind as ConversationKind,
        mode: row.mode as Mode,
        title: orUndefined(row.title as string | null),
        createdAt: row.created_at as number,
      }
    );
  }

  putConversation(row: ConversationRow): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO conversation (id, name, kind, mode, title, created_at) VALUES (0, ?, ?, ?, ?, ?)',
      row.name,
      row.kind,
      row.mode,
      row.title ?? null,
      row.createdAt,
    );
  }

  members(): MemberRow[] {
    return this.#sql.all('SELECT * FROM member ORDER BY n').map(memberOf);
  }

  putMember(m: MemberRow): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO member (n, user, role, joined, ended, shunned, blocks, shown_delivered, shown_read)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      m.n,
      m.user,
      m.role,
      m.joined,
      m.ended ?? null,
      m.shunned ? 1 : 0,
      m.blocks ? 1 : 0,
      m.shown?.delivered ?? null,
      m.shown?.read ?? null,
    );
  }

  /** `lanes`: the text of a `Progress`; null where the version before wrote the row. */
  progress(): { settled: number; marks: string; lanes: string | null } {
    const row = this.#sql.all('SELECT settled, marks, lanes FROM progress WHERE id = 0')[0];
    return row
      ? { settled: row.settled as number, marks: row.marks as string, lanes: row.lanes as string | null }
      : { settled: -1, marks: '[]', lanes: null };
  }

  /** @param settled the least of all who are here: all that the version before reads of the progress. */
  putProgress(settled: number, marks: string, lanes: string): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO progress (id, settled, marks, lanes) VALUES (0, ?, ?, ?)',
      settled,
      marks,
      lanes,
    );
  }

  /** The newest entry's numbers: the head of the log is derived, never stored twice. */
  head(): { seq: number; ordinal: number } {
    const row = this.#sql.all('SELECT seq, ordinal FROM entry ORDER BY seq DESC LIMIT 1')[0];
    return { seq: Number(row?.seq ?? 0), ordinal: Number(row?.ordinal ?? 0) };
  }

  /** @returns false when this sender used the `clientId` before; nothing is written then. */
  insert(e: EntryRow): boolean {
    const inserted = this.#sql.all(
      `INSERT INTO entry (${ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq`,
      e.seq,
      e.sender,
      e.clientId ?? null,
      ENTRY_TYPES.indexOf(e.type),
      e.at,
      e.ordinal,
      e.hidden ?? null,
      e.body,
      e.state ?? null,
    );
    return inserted.length > 0;
  }

  /** Changes what a message shows now. */
  revise(seq: number, body: string, state: string): void {
    this.#sql.run('UPDATE entry SET body = ?, state = ? WHERE seq = ?', body, state, seq);
  }

  entry(seq: number): EntryRow | undefined {
    const row = this.#sql.all(`SELECT ${ENTRY} FROM entry WHERE seq = ?`, seq)[0];
    return row && entryOf(row);
  }

  byClientId(sender: number, clientId: string): EntryRow | undefined {
    const row = this.#sql.all(
      `SELECT ${ENTRY} FROM entry WHERE sender = ? AND client_id = ?`,
      sender,
      clientId,
    )[0];
    return row && entryOf(row);
  }

  /** Entries strictly between `after` and `before`, ascending, at most `limit`. */
  range({
    after = 0,
    before = Number.MAX_SAFE_INTEGER,
    limit,
    newest,
    messagesOnly,
  }: RangeQuery): EntryRow[] {
    const rows = this.#sql
      .all(
        `SELECT ${ENTRY} FROM entry WHERE seq > ? AND seq < ? ${messagesOnly ? 'AND type = 0' : ''}
         ORDER BY seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
        after,
        before,
        limit,
      )
      .map(entryOf);
    return newest ? rows.reverse() : rows;
  }

  /** Messages in (`after`, head] that are for `n` and not by them; counts at most `limit` rows. */
  countFor(n: number, after: number, limit: number): number {
    const row = this.#sql.all(
      `SELECT COUNT(*) AS count FROM (SELECT sender, hidden FROM entry WHERE seq > ? AND type = 0 LIMIT ?)
       WHERE sender != ? AND (hidden IS NULL OR hidden != ?)`,
      after,
      limit,
      n,
      n,
    )[0];
    return Number(row?.count ?? 0);
  }

  /** The members whose messages stand in (`after`, `upTo`], and the newest such message of each. */
  sendersIn(after: number, upTo: number): { n: number; seq: number }[] {
    return this.#sql
      .all(
        'SELECT sender, MAX(seq) AS seq FROM entry WHERE seq > ? AND seq <= ? AND type = 0 GROUP BY sender',
        after,
        upTo,
      )
      .map((row) => ({ n: row.sender as number, seq: row.seq as number }));
  }
}
