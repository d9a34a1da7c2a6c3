import type { Entry } from '../schema/protocol/frames-log.ts';
import { type Change, changed, isChange, type TimelineMessage } from './message-state.ts';
import { type Range, without } from './ranges.ts';

export type { TimelineMessage } from './message-state.ts';

/** An entry as a timeline holds it: without `cursor`, messages in their present state. */
export type TimelineEntry = TimelineMessage | Exclude<Entry, { type: 'message' }>;

/** What an app sees of a conversation's log. Objects are never changed in place: compare by identity. */
export interface TimelineView {
  readonly conversation: string;
  /** It is known where the log stands: `floor`, `last` and `head` mean something. */
  readonly anchored: boolean;
  /** Last entry in the unbroken line of what arrived; 0 before the first. */
  readonly last: number;
  /** What lies at and below is older and was not loaded; 0: everything is here. */
  readonly floor: number;
  /** The highest number the service has spoken of. */
  readonly head: number;
  /** Ranges left out of a resume, first and last number each, ascending. */
  readonly gaps: readonly Range[];
  /** Ascending by `seq`. */
  readonly entries: readonly TimelineEntry[];
  /** The messages among `entries`. */
  readonly messages: readonly TimelineMessage[];
  message(seq: number): TimelineMessage | undefined;
}

export interface Added {
  /** New at the end, in order. */
  readonly applied: readonly TimelineEntry[];
  /** The range that was left out before them. */
  readonly gap: Range | undefined;
  readonly changed: boolean;
  /** Whatever is new or different, as it is held now: what a store has to write. */
  readonly touched: readonly TimelineEntry[];
}

export interface Origin {
  /** What lies between this and the first entry was left out on purpose. */
  readonly gapBefore?: number | undefined;
  /** The log goes up to here. */
  readonly head?: number | undefined;
  /**
   * A page that somebody asked for: where it doesn't join what is here, a gap stays between. By message, the last entry
   * whose change is in it already.
   */
  readonly page?: ReadonlyMap<number, number> | undefined;
}

export interface TimelineOptions {
  /** A first entry up to this number makes the client fetch what is before it; after, that is history. */
  readonly limit: number;
  /** Entries held in memory. */
  readonly keep: number;
}

/**
 * The log of one conversation, put in order: applies only what comes next, holds what comes early, drops what it has.
 * Pure: no time, no I/O.
 */
export class Timeline implements TimelineView {
  readonly conversation: string;
  readonly #options: TimelineOptions;
  readonly #early = new Map<number, TimelineEntry>();
  #entries: TimelineEntry[] = [];
  #messages: TimelineMessage[] | undefined;
  #gaps: readonly Range[] = [];
  #anchored = false;
  #floor = 0;
  #last = 0;
  #head = 0;
  #holds = 0;
  #touched = new Map<number, TimelineEntry>();

  constructor(conversation: string, options: TimelineOptions) {
    this.conversation = conversation;
    this.#options = options;
  }

  get last(): number {
    return this.#last;
  }
  get floor(): number {
    return this.#floor;
  }
  get head(): number {
    return this.#head;
  }
  get gaps(): readonly Range[] {
    return this.#gaps;
  }
  get entries(): readonly TimelineEntry[] {
    return this.#entries;
  }
  get anchored(): boolean {
    return this.#anchored;
  }
  /** Something after `last` exists and has not come. */
  get behind(): boolean {
    return this.#anchored && this.#head > this.#last;
  }

  get messages(): readonly TimelineMessage[] {
    this.#messages ??= this.#entries.filter((entry) => entry.type === 'message');
    return this.#messages;
  }

  message(seq: number): TimelineMessage | undefined {
    const entry = this.#entries[this.#indexOf(seq)];
    return entry?.seq === seq && entry.type === 'message' ? entry : undefined;
  }

  /** Without entries yet, begins after `seq`: what is up to there is history. */
  anchor(seq: number): void {
    if (this.#anchored) return;
    this.#anchored = true;
    this.#floor = seq;
    this.#last = seq;
    this.#head = Math.max(this.#head, seq);
  }

  /** While somebody looks at it, nothing of it is given up. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    this.#trim();
  }

  /** The service says the log goes up to `head`. */
  noteHead(head: number): void {
    if (this.#anchored && head > this.#head) this.#head = head;
  }

  /** Stops waiting for what doesn't come: the hole becomes an explicit gap. */
  giveUp(): Added {
    const held = [...this.#early.values()].sort(bySeq);
    this.#head = held.at(-1)?.seq ?? this.#last;
    return this.add(held, { gapBefore: this.#last });
  }

  /** Entries ascending by `seq`, from any source. */
  add(entries: readonly Entry[] | readonly TimelineEntry[], origin: Origin = {}): Added {
    const first = entries[0]?.seq;
    if (!this.#anchored) this.#begin(first, origin);
    this.#touched = new Map();
    const applied: TimelineEntry[] = [];
    const gap =
      first !== undefined && origin.gapBefore !== undefined ? this.#leaveOut(first, applied) : undefined;
    const older: TimelineEntry[] = [];
    for (const entry of entries) {
      const held = withoutCursor(entry);
      if (entry.seq > this.#last) this.#early.set(entry.seq, held);
      else older.push(held);
      this.#drain(applied);
    }
    const filled = older.length > 0 && this.#fill(older, origin.page);
    this.#head = Math.max(this.#head, this.#last, origin.head ?? 0, entries.at(-1)?.seq ?? 0);
    // Not while somebody pages back: what they asked for would go at once.
    if (applied.length > 0) this.#trim();
    const touched = [...this.#touched.values()];
    return { applied, gap, changed: filled || applied.length > 0, touched };
  }

  /** Where the line begins if nobody said so: at the first entry ever, unless that is far or left out on purpose. */
  #begin(first: number | undefined, batch: Origin): void {
    const { limit } = this.#options;
    if (first !== undefined) this.anchor(batch.gapBefore !== undefined || first > limit ? first - 1 : 0);
    else if (batch.head !== undefined) this.anchor(batch.head > limit ? batch.head : 0);
  }

  #drain(applied: TimelineEntry[]): void {
    for (let next = this.#early.get(this.#last + 1); next; next = this.#early.get(this.#last + 1)) {
      this.#early.delete(next.seq);
      applied.push(this.#append(next));
    }
  }

  #append(entry: TimelineEntry): TimelineEntry {
    this.#entries.push(entry);
    this.#touched.set(entry.seq, entry);
    this.#last = entry.seq;
    this.#messages = undefined;
    if (isChange(entry)) this.#change(entry);
    return entry;
  }

  #change(change: Change): void {
    const at = this.#indexOf(change.target);
    const message = this.#entries[at];
    if (message?.seq !== change.target || message.type !== 'message') return;
    const after = changed(message, change);
    this.#entries[at] = after;
    this.#touched.set(after.seq, after);
    this.#messages = undefined;
  }

  /** Moves the end to just before `first`, keeping what had come early. */
  #leaveOut(first: number, applied: TimelineEntry[]): Range | undefined {
    this.#drain(applied);
    if (first <= this.#last + 1) return undefined;
    const gap = { from: this.#last + 1, to: first - 1 };
    const inside = [...this.#early.values()].filter((entry) => entry.seq < first).sort(bySeq);
    this.#gaps = [
      ...this.#gaps,
      ...without(
        [gap],
        inside.map((entry) => entry.seq),
      ),
    ];
    for (const entry of inside) {
      this.#early.delete(entry.seq);
      applied.push(this.#append(entry));
    }
    this.#last = first - 1;
    return gap;
  }

  /** Puts older entries where they are missing: into gaps, at the floor, and, of a page, below it. */
  #fill(older: readonly TimelineEntry[], page: Origin['page']): boolean {
    const missing = older.filter(({ seq }) => this.#gaps.some(({ from, to }) => from <= seq && seq <= to));
    this.#gaps = without(
      this.#gaps,
      missing.map((entry) => entry.seq),
    );
    const below = older.filter((entry) => entry.seq <= this.#floor);
    const highest = below.at(-1)?.seq ?? 0;
    if (highest > 0 && (page || highest === this.#floor)) {
      // Of what comes by itself only an unbroken line down from the floor counts.
      let from = below.length - 1;
      while (from > 0 && below[from - 1]?.seq === (below[from]?.seq ?? 0) - 1) from--;
      if (highest < this.#floor) this.#gaps = [{ from: highest + 1, to: this.#floor }, ...this.#gaps];
      this.#floor = (below[from]?.seq ?? 1) - 1;
      missing.unshift(...below.slice(from));
    }
    this.#insert(missing, page);
    return missing.length > 0;
  }

  /** Inserts late-comers, and does to them what later entries said about them. */
  #insert(missing: readonly TimelineEntry[], page: Origin['page']): void {
    // Two ascending runs, which sorting merges.
    this.#entries = [...this.#entries, ...missing].sort(bySeq);
    this.#messages = undefined;
    const touched = new Set<number>();
    for (const entry of missing) {
      this.#touched.set(entry.seq, entry);
      touched.add(isChange(entry) ? entry.target : entry.seq);
    }
    for (const entry of this.#entries)
      if (isChange(entry) && touched.has(entry.target) && entry.seq > (page?.get(entry.target) ?? 0))
        this.#change(entry);
  }

  /** Index of the first entry not below `seq`. */
  #indexOf(seq: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    const { keep } = this.#options;
    // Some slack, so that a full timeline doesn't move its array for every message.
    if (this.#holds > 0 || this.#entries.length <= keep + Math.max(64, keep / 4)) return;
    this.drop(0, (this.#entries.at(-keep)?.seq ?? 1) - 1);
  }

  /** Gives up entries before `last`: a gap stays, or history, where they were the oldest. `from`..`to` cuts no gap in two. */
  drop(from: number, to: number): void {
    this.#entries = this.#entries.filter(({ seq }) => seq < from || seq > to);
    const gaps = this.#gaps.filter((gap) => gap.to < from || gap.from > to);
    if (from <= this.#floor + 1) this.#floor = to;
    else gaps.push({ from, to });
    this.#gaps = gaps.sort((a, b) => a.from - b.from);
    this.#messages = undefined;
  }
}

const bySeq = (a: TimelineEntry, b: TimelineEntry): number => a.seq - b.seq;

function withoutCursor(entry: Entry | TimelineEntry): TimelineEntry {
  if (!('cursor' in entry)) return entry;
  const { cursor: _, ...rest } = entry;
  return rest;
}
