import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Key, Store } from './store.ts';

interface Rows extends DBSchema {
  /** One table for all kinds of rows: whatever is written together is one transaction of one store. */
  readonly rows: { readonly key: (string | number)[]; readonly value: unknown };
}

/** Keeps rows in the IndexedDB database `name`, for all tabs of a browser. Opened with the first use. */
export function openIndexedDb(name: string): Store {
  let opened: Promise<IDBPDatabase<Rows>> | undefined;
  const open = (): Promise<IDBPDatabase<Rows>> => {
    opened ??= openDB<Rows>(name, 1, {
      upgrade: (db) => {
        db.createObjectStore('rows');
      },
      // Another tab wants to delete or upgrade it: in its way we would block it for good.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase | null)?.close();
        opened = undefined;
      },
      terminated: () => {
        opened = undefined;
      },
    }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    async read(prefix, from, below) {
      const db = await open();
      const range = rangeOf(prefix, from, below);
      const tx = db.transaction('rows');
      const [keys, values] = await Promise.all([tx.store.getAllKeys(range), tx.store.getAll(range)]);
      return keys
        .map((key, i) => ({ key, value: values[i] }))
        .filter(({ key }) => key.length === prefix.length + 1);
    },
    async write(rows) {
      // What is written here is confirmed to the service next, which then forgets that this device may not have it.
      const tx = (await open()).transaction('rows', 'readwrite', { durability: 'strict' });
      try {
        for (const { key, value } of rows) {
          const at = [...key];
          (value === undefined ? tx.store.delete(at) : tx.store.put(value, at)).catch(() => {});
        }
      } catch (error) {
        tx.abort();
        await tx.done.catch(() => {});
        throw error;
      }
      await tx.done;
    },
    async clear() {
      await (await open()).clear('rows');
    },
  };
}

/** Arrays are above strings and numbers in IndexedDB's order of keys, so `[]` ends every prefix. */
function rangeOf(prefix: Key, from: number | undefined, below: number | undefined): IDBKeyRange {
  const low = from === undefined ? [...prefix] : [...prefix, from];
  return IDBKeyRange.bound(low, [...prefix, below ?? []], false, true);
}
