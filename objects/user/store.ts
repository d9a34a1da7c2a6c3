import type { Prefs } from '../../schema/protocol/frames-prefs.ts';
import { exists, migrate } from '../shared/migrate.ts';
import type { ConversationKind } from '../shared/rpc.ts';
import type { Sql, SqlRow } from '../shared/sql.ts';
import { MIGRATIONS } from './migrations.ts';

/** All SQL of a user's object. Tables are made with the first row: an id nobody has costs nothing. */

export interface NoteRow {
  readonly id: string;
  readonly kind: ConversationKind;
  /** The user's cursor at the latest noted change; 0 before the first. */
  readonly note: number;
  /** The cursor at which everybody was found away; pending while it is above the user's `attached`. */
  readonly detached: number;
  /** Time of the last noted change: an estimate that orders the list. */
  readonly at: number;
  /** The log's head when this membership became known here: what ended before it was an earlier one. */
  readonly began: number;
  /** The entry that ended the membership. */
  readonly ended: { readonly seq: number; readonly json: string } | undefined;
}

export interface DeviceRow {
  readonly id: string;
  /** Its cursor when it went; undefined while connected, or after a crash. */
  readonly away: number | undefined;
  readonly removed: boolean;
  /** Conversations detached up to this cursor were attached again when this was written. */
  readonly attached: number;
}

export interface PrefsRow {
  readonly conversation: string;
  readonly prefs: Prefs;
  /** The user's cursor at the last change. */
  readonly cursor: number;
}

const prefsOf = (row: SqlRow): PrefsRow => ({
  conversation: row.conversation as string,
  prefs: {
    ...(row.pinned === null ? {} : { pinned: row.pinned as number }),
    ...(row.muted_until === null ? {} : { mutedUntil: row.muted_until as number }),
    ...(row.archived === null ? {} : { archived: true }),
    ...(row.unread === null ? {} : { unread: true }),
  },
  cursor: row.cursor as number,
});

const noteOf = (row: SqlRow): NoteRow => ({
  id: row.id as string,
  kind: row.kind as ConversationKind,
  note: row.note as number,
  detached: row.detached as number,
  at: row.at as number,
  // `ended_seq` alone is where a membership began, with `ended` the entry that ended it.
  began: row.ended === null ? Number(row.ended_seq ?? 0) : 0,
  ended: row.ended === null ? undefined : { seq: row.ended_seq as number, json: row.ended as string },
});

export class UserStore {
  readonly #sql: Sql;
  #ready: boolean;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#ready = exists(sql);
    if (this.#ready) migrate(sql, MIGRATIONS);
  }

  #write(query: string, ...values: (string | number | null)[]): void {
    if (!this.#ready) {
      migrate(this.#sql, MIGRATIONS);
      this.#ready = true;
    }
    this.#sql.run(query, ...values);
  }

  #read(query: string, ...values: (string | number | null)[]): SqlRow[] {
    return this.#ready ? this.#sql.all(query, ...values) : [];
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }

  /** `reserved`: no cursor above it was ever given out. `attached`: conversations detached up to here were attached again. */
  user(): { reserved: number; attached: number } {
    const row = this.#read('SELECT reserved, attached FROM user WHERE id = 0')[0];
    return { reserved: Number(row?.reserved ?? 0), attached: Number(row?.attached ?? 0) };
  }

  putUser(reserved: number, attached: number): void {
    this.#write('INSERT OR REPLACE INTO user (id, reserved, attached) VALUES (0, ?, ?)', reserved, attached);
  }

  devices(): DeviceRow[] {
    return this.#read('SELECT id, away, removed, attached FROM device').map((row) => ({
      id: row.id as string,
      away: row.away === null ? undefined : (row.away as number),
      removed: row.removed === 1,
      attached: Number(row.attached ?? 0),
    }));
  }

  putDevice(d: DeviceRow): void {
    this.#write(
      'INSERT OR REPLACE INTO device (id, away, removed, attached) VALUES (?, ?, ?, ?)',
      d.id,
      d.away ?? null,
      d.removed ? 1 : 0,
      d.attached,
    );
  }

  /** Forgets removed devices but the last `kept`. @returns which. */
  forgetRemoved(kept: number): string[] {
    const gone = this.#read(
      'SELECT id FROM device WHERE removed = 1 ORDER BY away DESC, id LIMIT -1 OFFSET ?',
      kept,
    ).map((row) => row.id as string);
    for (const id of gone) this.#write('DELETE FROM device WHERE id = ?', id);
    return gone;
  }

  notes(): NoteRow[] {
    return this.#read('SELECT * FROM conversation').map(noteOf);
  }

  note(id: string): NoteRow | undefined {
    const row = this.#read('SELECT * FROM conversation WHERE id = ?', id)[0];
    return row && noteOf(row);
  }

  /** The greatest cursor of a note or of a change of preferences. */
  maxCursor(): number {
    const note = this.#read('SELECT MAX(note) AS cursor FROM conversation')[0]?.cursor;
    const prefs = this.#read('SELECT MAX(cursor) AS cursor FROM prefs')[0]?.cursor;
    return Math.max(Number(note ?? 0), Number(prefs ?? 0));
  }

  putNote(n: NoteRow): void {
    this.#write(
      'INSERT OR REPLACE INTO conversation (id, kind, note, detached, at, ended_seq, ended) VALUES (?, ?, ?, ?, ?, ?, ?)',
      n.id,
      n.kind,
      n.note,
      n.detached,
      n.at,
      n.ended?.seq ?? n.began,
      n.ended?.json ?? null,
    );
  }

  prefs(): PrefsRow[] {
    return this.#read('SELECT * FROM prefs').map(prefsOf);
  }

  putPrefs({ conversation, prefs, cursor }: PrefsRow): void {
    this.#write(
      'INSERT OR REPLACE INTO prefs (conversation, cursor, pinned, muted_until, archived, unread) VALUES (?, ?, ?, ?, ?, ?)',
      conversation,
      cursor,
      prefs.pinned ?? null,
      prefs.mutedUntil ?? null,
      prefs.archived ? 1 : null,
      prefs.unread ? 1 : null,
    );
  }

  blocked(): string[] {
    return this.#read('SELECT user FROM block ORDER BY user').map((row) => row.user as string);
  }

  setBlock(user: string, on: boolean): void {
    if (on) this.#write('INSERT OR IGNORE INTO block (user) VALUES (?)', user);
    else if (this.#ready) this.#sql.run('DELETE FROM block WHERE user = ?', user);
  }
}
