import type { NoteRow, UserStore } from './store.ts';

/** Cursors are reserved in storage in blocks: one row for so many changes. */
const RESERVE = 10_000;

/** The user's cursor, and the conversations with the cursor of their latest noted change. */
export class Notes {
  readonly #store: UserStore;
  readonly #now: () => number;
  readonly #rows = new Map<string, NoteRow | null>();
  #cursor: number;
  #reserved: number;
  /** Conversations detached up to here were attached again. */
  attached: number;
  /** What of it the storage has. */
  attachedStored: number;
  /** What a device without a record counts as having: every cursor given out before this start. */
  readonly floor: number;

  /**
   * @param given cursors that were given out as far as sockets and devices remember.
   * @param crashed a device went without a record: what was given out is only bounded by what was reserved.
   * @param attached as the records of devices say.
   */
  constructor(
    store: UserStore,
    now: () => number,
    given: readonly number[],
    crashed: boolean,
    attached: number,
  ) {
    this.#store = store;
    this.#now = now;
    const user = store.user();
    this.#reserved = user.reserved;
    this.attached = Math.max(attached, user.attached);
    this.attachedStored = this.attached;
    this.#cursor = Math.max(0, ...given, store.maxCursor(), this.attached, crashed ? user.reserved : 0);
    this.floor = this.#cursor;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** A cursor nobody was given before. */
  next(): number {
    this.#cursor++;
    if (this.#cursor > this.#reserved) {
      this.#reserved = this.#cursor + RESERVE;
      this.#store.putUser(this.#reserved, this.attached);
      this.attachedStored = this.attached;
    }
    return this.#cursor;
  }

  row(conversation: string): NoteRow | undefined {
    let row = this.#rows.get(conversation);
    if (row === undefined) {
      row = this.#store.note(conversation) ?? null;
      this.#rows.set(conversation, row);
    }
    return row ?? undefined;
  }

  all(): NoteRow[] {
    return this.#store.notes();
  }

  put(row: NoteRow): void {
    this.#store.putNote(row);
    this.#rows.set(row.id, row);
  }

  /**
   * A conversation this user didn't have, or not any more.
   * @param noted in the same row: nothing that devices confirm comes with it.
   */
  begin(conversation: string, kind: NoteRow['kind'], began: number, noted = false): void {
    const note = noted ? this.next() : 0;
    this.put({ id: conversation, kind, note, detached: 0, at: this.#now(), began, ended: undefined });
  }

  /** Notes a change: one row. */
  note(conversation: string, kind: NoteRow['kind'], detached = false): void {
    const row = this.row(conversation);
    const note = this.next();
    this.put({
      id: conversation,
      kind: row?.kind ?? kind,
      note,
      detached: detached ? note : (row?.detached ?? 0),
      at: this.#now(),
      began: row?.began ?? 0,
      ended: undefined,
    });
  }

  /** Everyone was away at that change, and no completed attach has followed. */
  isDetached(row: NoteRow): boolean {
    return row.detached > this.attached;
  }

  /** Every conversation that was detached up to this cursor is attached again. Stored with the device's record. */
  attachedUpTo(cursor: number): void {
    this.attached = Math.max(this.attached, cursor);
  }
}
