import { SHELL_CACHE } from '../pwa/cache-name.ts';

/** How the app looks is the browser's; everything else here is the person's. */
const STAYS = new Set(['parley.theme', 'parley.language']);

/** Deletes what the app keeps in this browser of the person who leaves, but not the app itself. */
export async function forgetEverything(user: string): Promise<void> {
  for (const storage of [localStorage, sessionStorage]) {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    for (const key of keys) {
      if (key?.startsWith('parley.') && !STAYS.has(key)) storage.removeItem(key);
    }
  }
  await forgetDatabases(user);
  if (!('caches' in globalThis)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !name.startsWith(SHELL_CACHE)).map((name) => caches.delete(name)));
}

/** The client has emptied them; their names tell who was here. */
async function forgetDatabases(user: string): Promise<void> {
  if (!('databases' in indexedDB)) return;
  const all = await indexedDB.databases().catch(() => []);
  for (const { name } of all) if (name?.endsWith(` ${user}`)) indexedDB.deleteDatabase(name);
}
