import { SHELL_CACHE } from '../pwa/cache-name.ts';

/** How the app looks is the browser's; everything else here is the person's. */
const STAYS = new Set(['parley.theme', 'parley.language']);

/** Deletes what the app keeps in this browser of the person who leaves: storage and caches, but not the app itself. */
export async function forgetEverything(): Promise<void> {
  for (const storage of [localStorage, sessionStorage]) {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    for (const key of keys) {
      if (key?.startsWith('parley.') && !STAYS.has(key)) storage.removeItem(key);
    }
  }
  if (!('caches' in globalThis)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !name.startsWith(SHELL_CACHE)).map((name) => caches.delete(name)));
}
