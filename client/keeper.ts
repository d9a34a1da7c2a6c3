import type { Key, Store } from './store.ts';

export interface KeeperEvents {
  /** These entries are safe: now they may be confirmed. */
  kept(conversation: string, last: number, quiet: boolean): void;
  /** A write is through. */
  written(): void;
  /** The store doesn't take it. From here on memory has to do. */
  broken(error: unknown): void;
}

interface Batch {
  readonly rows: Map<string, { readonly key: Key; readonly value: () => unknown }>;
  readonly marks: Map<string, { readonly last: number; readonly quiet: boolean }>;
}

const empty = (): Batch => ({ rows: new Map(), marks: new Map() });

/**
 * Writes behind: what changed is gathered while a write is under way, and goes into the next one. Values are looked up
 * when their write starts, all in one turn, so a write never mixes two moments: the cursor in it is never ahead of the
 * entries.
 */
export class Keeper {
  readonly #events: KeeperEvents;
  #store: Store | undefined;
  #next = empty();
  #writing: Promise<void> | undefined;

  constructor(store: Store | undefined, events: KeeperEvents) {
    this.#store = store;
    this.#events = events;
  }

  get store(): Store | undefined {
    return this.#store;
  }

  /** `value` may answer undefined: the row goes. */
  put(key: Key, value: () => unknown): void {
    if (this.#store) this.#next.rows.set(JSON.stringify(key), { key, value });
  }

  /** Calls `kept` when everything put so far is safe. */
  mark(conversation: string, last: number, quiet: boolean): void {
    if (!this.#store) return this.#events.kept(conversation, last, quiet);
    const before = this.#next.marks.get(conversation);
    this.#next.marks.set(conversation, { last, quiet: quiet && before?.quiet !== false });
  }

  /** Starts a write if there is something to write. Resolves when all put so far is written. */
  flush(): Promise<void> {
    if (this.#next.rows.size === 0 && this.#next.marks.size === 0) return this.#writing ?? Promise.resolve();
    const before = this.#writing;
    if (before) return before.then(() => this.flush());
    const batch = this.#next;
    this.#next = empty();
    this.#writing = this.#write(batch).finally(() => {
      this.#writing = undefined;
      this.#events.written();
    });
    return this.#writing;
  }

  async #write({ rows, marks }: Batch): Promise<void> {
    try {
      const changes = [...rows.values()].map(({ key, value }) => ({ key, value: value() }));
      if (changes.length > 0) await this.#store?.write(changes);
    } catch (error) {
      const store = this.#store;
      this.#store = undefined;
      this.#events.broken(error);
      // A store that stopped half-way would be behind what is confirmed from now on: better a device that knows nothing.
      await store?.clear().catch(() => {});
    }
    for (const [conversation, { last, quiet }] of marks) this.#events.kept(conversation, last, quiet);
  }
}
