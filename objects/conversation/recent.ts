import type { EntryRow } from './store.ts';

/** Entries kept as text for fan-out; older ones are read again. */
const RECENT = 256;

/** The newest entries, written once as text for everybody. */
export class Recent {
  readonly #entries = new Map<number, { readonly row: EntryRow; readonly json: string }>();

  add(row: EntryRow, json: string): void {
    // An edit, a deletion or a reaction changes what an older entry shows: those texts are no longer true.
    if (row.type === 'edit' || row.type === 'delete' || row.type === 'react') this.#entries.clear();
    this.#entries.set(row.seq, { row, json });
    if (this.#entries.size <= RECENT) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  get(seq: number): { readonly row: EntryRow; readonly json: string } | undefined {
    return this.#entries.get(seq);
  }
}
