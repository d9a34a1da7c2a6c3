import type { BrowserContext, Page } from 'playwright-core';

/** An app that never shows its list ends the measurement. */
const LIMIT_MS = 60_000;

export interface Opening {
  /** From the beginning of the navigation until the first row was painted and a click would have met it, in ms. */
  readonly usable: number;
  /** First contentful paint, in ms. */
  readonly paint: number;
}

/** Makes every page of `context` note when its list is there. */
export async function watchOpening(context: BrowserContext): Promise<void> {
  await context.addInitScript(noteUsable);
}

/** Loads what is at `url` anew. */
export async function opening(page: Page, url: string): Promise<Opening> {
  await page.goto(url, { waitUntil: 'commit' });
  const measured = await page.waitForFunction(
    () => {
      const usable = performance.getEntriesByName('usable')[0]?.startTime;
      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      return usable !== undefined && paint !== undefined && { usable, paint };
    },
    undefined,
    { timeout: LIMIT_MS },
  );
  const value = await measured.jsonValue();
  if (!value) throw new Error('the list was never usable');
  return value;
}

/** Runs in the page, before anything of it. */
function noteUsable(): void {
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });

  function look(): void {
    const row = document.querySelector('nav a[href^="/c/"]');
    if (!row) return;
    observer.disconnect();
    requestAnimationFrame(function frame() {
      const { left, top, width, height } = row.getBoundingClientRect();
      const met = document.elementFromPoint(left + width / 2, top + height / 2);
      // A message to oneself comes after the frame was painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        if (row.contains(met)) performance.mark('usable');
        else if (!row.isConnected) observer.observe(document, { childList: true, subtree: true });
        else requestAnimationFrame(frame);
      };
      port2.postMessage(0);
    });
  }
}

/** Waits until the app has everything of its list in the store of the browser. */
export async function storeHas(page: Page, conversations: number): Promise<void> {
  await page.waitForFunction(
    async (wanted) => {
      const [found] = (await indexedDB.databases()).filter(({ name }) => name?.includes('parley'));
      if (!found?.name) return false;
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(found.name ?? '');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const range = IDBKeyRange.bound(['conversation'], ['conversation', []]);
      const count = await new Promise<number>((resolve, reject) => {
        const request = db.transaction('rows').objectStore('rows').count(range);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      db.close();
      return count >= wanted;
    },
    conversations,
    { timeout: LIMIT_MS, polling: 250 },
  );
  // From the next navigation on, what the app is made of comes from the browser too.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}
