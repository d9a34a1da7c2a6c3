import type { NoteRow, UserStore } from './store.ts';

/** Cursors are reserved in storage in blocks: one row for so many changes. */
const RESERVE = 1_000;

/** The user's cursor, and the conversations with the cursor of their latest noted change. */
export class Notes {
  readonly #store: UserStore;
  readonly #now: () => number;
  readonly #rows = new Map<string, NoteRow | null>();
  #cursor: number;
  #reserved: number;
  #attached: number;
  /** What a device without a record counts as having: every cursor given out before this start. */
  readonly floor: number;

  /**
   * @param given cursors that were given out as far as sockets and devices remember.
   * @param cold no socket outlived the last start: what was given out is only bounded by what was reserved.
   */
  constructor(store: UserStore, now: () => number, given: readonly number[], cold: boolean) {
    this.#store = store;
    this.#now = now;
    const { reserved, attached } = store.user();
    this.#reserved = reserved;
    this.#attached = attached;
    this.#cursor = Math.max(0, ...given, store.maxCursor(), cold ? reserved : 0);
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
      this.#store.putUser(this.#reserved, this.#attached);
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
    return row.detached > this.#attached;
  }

  /** Every conversation that was detached up to this cursor is attached again. */
  attachedUpTo(cursor: number): void {
    if (cursor <= this.#attached) return;
    this.#attached = cursor;
    this.#store.putUser(this.#reserved, this.#attached);
  }
}
