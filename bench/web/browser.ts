import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Session } from '../../schema/protocol/http-auth.ts';

/** Where the web app keeps who is signed in. */
const KEY = 'parley.session';

/** A browser of its own in which somebody is signed in to `url`. */
export async function signedIn(
  browser: Browser,
  session: Session,
  viewport: { readonly width: number; readonly height: number },
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport, locale: 'en-GB' });
  const stored = JSON.stringify({ session, localExpiry: session.expiresAt });
  await context.addInitScript(
    ([key, value]) => {
      if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
    },
    [KEY, stored] as const,
  );
  return context;
}

const PLAIN = `<!doctype html><meta charset="utf-8"><title>plain</title><link rel="icon" href="data:,">
<nav><a href="/c/plain">plain</a></nav>
<main class="scroller"><ol class="messages"></ol></main>
<textarea aria-label="Message"></textarea>
<script>
const field = document.querySelector('textarea');
field.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  const row = document.querySelector('ol').appendChild(document.createElement('li'));
  row.className = 'text';
  row.textContent = field.value;
  field.value = '';
});
</script>`;

/** The least a page can be that does the same: what the machine and the browser take by themselves. */
export async function servePlain(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(PLAIN);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Milliseconds between frames of a page that does nothing. */
export function bareFrames(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const frames: number[] = [];
        let last = 0;
        requestAnimationFrame(function frame(now) {
          if (last > 0) frames.push(now - last);
          last = now;
          if (frames.length < 120) requestAnimationFrame(frame);
          else resolve(frames);
        });
      }),
  );
}
