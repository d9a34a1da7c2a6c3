import { later } from './later.ts';

/** Strings and numbers; the first says what kind of row it is. */
export type Key = readonly (string | number)[];

export interface Row {
  readonly key: Key;
  /** Plain data. */
  readonly value: unknown;
}

/**
 * Where a device keeps what it must not lose: what it wants to send, what it has, and how far it has come.
 * `indexedDbStore` in browsers; anything else that keeps these promises can be given.
 */
export interface Store {
  /** Rows whose key is `prefix` and one more part, ascending; with numbers, only parts from `from` and below `below`. */
  read(prefix: Key, from?: number, below?: number): Promise<readonly Row[]>;
  /** All or nothing, in the order of the calls. A row without a value is deleted. */
  write(rows: readonly (Omit<Row, 'value'> & { readonly value?: unknown })[]): Promise<void>;
  /** Forgets everything. */
  clear(): Promise<void>;
}

/** Keeps rows in the IndexedDB database `name`, for all tabs of a browser. Loaded and opened with the first use. */
export function indexedDbStore(name: string): Store {
  let opening: Promise<Store> | undefined;
  const store = (): Promise<Store> => {
    opening ??= later.device().then(
      ({ openIndexedDb }) => openIndexedDb(name),
      (error: unknown) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  };
  return {
    read: async (...args) => (await store()).read(...args),
    write: async (rows) => (await store()).write(rows),
    clear: async () => (await store()).clear(),
  };
}

/** Keeps rows as long as the program runs; for tests, and for programs that start their clients again. */
export function memoryStore(): Store {
  const rows = new Map<string, Row>();
  return {
    async read(prefix, from, below) {
      const found = [...rows.values()].filter(
        ({ key }) => key.length === prefix.length + 1 && prefix.every((part, i) => key[i] === part),
      );
      const part = ({ key }: Row): string | number => key.at(-1) ?? '';
      const inside = from === undefined ? found : found.filter((row) => within(part(row), from, below));
      return inside.sort((a, b) => (part(a) < part(b) ? -1 : 1));
    },
    async write(changes) {
      for (const { key, value } of changes) {
        if (value === undefined) rows.delete(JSON.stringify(key));
        else rows.set(JSON.stringify(key), { key, value });
      }
    },
    async clear() {
      rows.clear();
    },
  };
}

const within = (part: string | number, from: number, below = Number.POSITIVE_INFINITY): boolean =>
  typeof part === 'number' && part >= from && part < below;
