import type { BrowserContext, Page } from 'playwright-core';
import type { Screen } from './screens.ts';
import type { Actor, Stage } from './stage.ts';

/** Options of every browser that shows screens: nothing moves, and nothing comes from the last time. */
export const STILL = { reducedMotion: 'reduce', serviceWorkers: 'block' } as const;

/** Signs somebody in in a browser in which nobody is yet. */
export async function signIn(context: BrowserContext, actor: Actor | undefined): Promise<void> {
  const session = actor?.account.session;
  if (!session) return;
  const stored = JSON.stringify({ session, localExpiry: session.expiresAt - 60_000 });
  await context.addInitScript((text) => localStorage.setItem('parley.session', text), stored);
}

interface Place {
  readonly url: string;
  readonly stage: Stage;
  readonly screen: Screen;
}

/** Goes to a screen, and waits until all of it is there. */
export async function visit(page: Page, { url, stage, screen }: Place): Promise<void> {
  await screen.before?.(page);
  await page.goto(`${url}${screen.path(stage)}`);
  await screen.prepare?.(page, page.context());
  await page.locator(screen.ready).first().waitFor();
  await page.waitForFunction(isComplete);
}

/** Runs in the page: no place of something that is still coming, no mark in the place of a name, and all letters. */
function isComplete(): boolean {
  const waits = '[class*=skeleton], :is(main, dialog) [role=status][aria-label], [aria-busy=true]';
  if (document.querySelector(waits) || document.fonts.status !== 'loaded') return false;
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) if (words.currentNode.textContent?.trim() === '…') return false;
  return true;
}
