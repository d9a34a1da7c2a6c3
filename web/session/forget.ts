import { SHELL_CACHE } from '../pwa/cache-name.ts';

/** How the app looks is the browser's; everything else here is the person's. */
const STAYS = new Set(['parley.theme', 'parley.language']);

/** Deletes what the app keeps in this browser of the person who leaves, but not the app itself. */
export async function forgetEverything(user: string): Promise<void> {
  empty(localStorage);
  await forgetHere(user);
  if (!('caches' in globalThis)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !name.startsWith(SHELL_CACHE)).map((name) => caches.delete(name)));
}

/**
 * What this window kept, or may have begun to keep again after the window in which somebody left had deleted it. Not
 * what all windows share: somebody else may be there by now.
 */
export async function forgetHere(user: string): Promise<void> {
  empty(sessionStorage);
  if (!('databases' in indexedDB)) return;
  // Their names tell who was here.
  const all = await indexedDB.databases().catch(() => []);
  const theirs = all.flatMap(({ name }) => (name?.endsWith(` ${user}`) ? [name] : []));
  await Promise.all(theirs.map(deleted));
}

/** Where another window still has it open it is deleted when that closes it, which nobody has to wait for. */
const deleted = (name: string): Promise<void> =>
  new Promise((done) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => done();
  });

function empty(storage: Storage): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const key of keys) if (key?.startsWith('parley.') && !STAYS.has(key)) storage.removeItem(key);
}
