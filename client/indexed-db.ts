import type { Key, Store } from './store.ts';

/** One table for all kinds of rows: whatever is written together is one transaction of one store. */
const TABLE = 'rows';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Not when the last request has succeeded, but when the transaction has. */
const committed = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new DOMException('The transaction was aborted', 'AbortError'));
  });

/** Keeps rows in the IndexedDB database `name`, for all tabs of a browser. Opened with the first use. */
export function openIndexedDb(name: string): Store {
  let opened: Promise<IDBDatabase> | undefined;
  const forget = (): void => {
    opened = undefined;
  };
  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    const db = await settled(request);
    // Another tab wants to delete or upgrade it: in its way we would block it for good.
    db.onversionchange = () => {
      db.close();
      forget();
    };
    db.onclose = forget;
    return db;
  };
  const database = (): Promise<IDBDatabase> => {
    opened ??= open().catch((error: unknown) => {
      forget();
      throw error;
    });
    return opened;
  };
  const write = async (change: (rows: IDBObjectStore) => void): Promise<void> => {
    // What is written here is confirmed to the service next, which then forgets that this device may not have it.
    const tx = (await database()).transaction(TABLE, 'readwrite', { durability: 'strict' });
    const done = committed(tx);
    try {
      change(tx.objectStore(TABLE));
    } catch (error) {
      tx.abort();
      await done.catch(() => {});
      throw error;
    }
    await done;
  };
  return {
    async read(prefix, from, below) {
      const range = rangeOf(prefix, from, below);
      const rows = (await database()).transaction(TABLE).objectStore(TABLE);
      const [keys, values] = await Promise.all([
        settled(rows.getAllKeys(range)),
        settled<unknown[]>(rows.getAll(range)),
      ]);
      return keys
        .map((key, i) => ({ key: key as (string | number)[], value: values[i] }))
        .filter(({ key }) => key.length === prefix.length + 1);
    },
    write: (changes) =>
      write((rows) => {
        for (const { key, value } of changes) {
          if (value === undefined) rows.delete([...key]);
          else rows.put(value, [...key]);
        }
      }),
    clear: () => write((rows) => void rows.clear()),
  };
}

/** Arrays are above strings and numbers in IndexedDB's order of keys, so `[]` ends every prefix. */
function rangeOf(prefix: Key, from: number | undefined, below: number | undefined): IDBKeyRange {
  const low = from === undefined ? [...prefix] : [...prefix, from];
  return IDBKeyRange.bound(low, [...prefix, below ?? []], false, true);
}
