import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCREENS, type Screen } from '../shots/screens.ts';
import { type Actor, type Stage, setStage as setPeople } from '../shots/stage.ts';
import { STILL, signIn, visit } from '../shots/visit.ts';
import { violations } from './axe.ts';
import { unreachable } from './reach.ts';
import { setStage } from './stage.ts';

const stage = setStage({ authRate: 1000, sendRate: 1000, sendBurst: 1000 });
let people: Stage;

beforeAll(async () => {
  people = await setPeople(stage.service.url);
});

/** Screens whose sides are told apart by direction: rows, bubbles, menus, fields, dialogs. */
const MIRRORED = [
  'sign-up',
  'list',
  'list-menu',
  'direct',
  'message-menu',
  'emoji',
  'reply',
  'failed',
  'new-group',
  'info-group',
  'settings-devices',
  'offline',
];

const LANGUAGES = [
  { name: 'English', locale: 'en-GB', screens: SCREENS },
  { name: 'Arabic', locale: 'ar-EG', screens: SCREENS.filter(({ name }) => MIRRORED.includes(name)) },
];

describe.each(LANGUAGES)('in $name', ({ locale, screens }) => {
  const shared = new Map<Actor | undefined, BrowserContext>();

  /** A browser in which somebody is signed in, and used for one screen after the other. */
  async function browserOf(screen: Screen): Promise<BrowserContext> {
    const who = screen.who(people);
    const known = shared.get(who);
    // Who has no line, or another session, has a browser of their own.
    if (known && !screen.before) return known;
    const context = await stage.lasting({ ...STILL, locale });
    if (!screen.before) shared.set(who, context);
    await signIn(context, who);
    return context;
  }

  test.each(screens)(
    '$name: axe finds nothing, all can be reached at 320 px and with text of twice the size, nothing fails',
    async (screen) => {
      const failures: string[] = [];
      const watch = (page: Page): Promise<void> => listen(page, screen, failures);
      const { url } = stage.service;
      await visit(await browserOf(screen), { url, stage: people, screen, watch }, async (page) => {
        expect(await violations(page), 'light').toEqual([]);
        await page.emulateMedia({ colorScheme: 'dark' });
        // What is there is the same, only of other colours.
        expect(await violations(page, ['color-contrast']), 'dark').toEqual([]);
        await page.setViewportSize({ width: 320, height: 640 });
        await painted(page);
        expect(await unreachable(page), '320 px').toEqual([]);
        await page.setViewportSize({ width: 640, height: 800 });
        const tools = await page.context().newCDPSession(page);
        await tools.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
        await painted(page);
        expect(await unreachable(page), 'text of twice the size').toEqual([]);
        failures.push(...(await page.evaluate<string[]>(() => Reflect.get(window, 'refused'))));
        expect(failures).toEqual([]);
      });
    },
  );
});

/** What is measured in one frame is put in its place in the next. */
const painted = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((frame) => requestAnimationFrame(frame));
  });

/** Notes whatever goes wrong in a page: errors, what its policy refuses, requests that fail. */
async function listen(page: Page, { refusals }: Screen, failures: string[]): Promise<void> {
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('console', (message) => {
    // Told again below, with what was answered; and pictures are taken without a service worker.
    const known = /^(Failed to load resource|Service Worker registration blocked)/;
    if (!['error', 'warning'].includes(message.type()) || known.test(message.text())) return;
    if (!refusals?.test(message.text())) failures.push(message.text());
  });
  page.on('response', (response) => {
    const line = `${response.status()} ${response.url()}`;
    if (response.status() >= 400 && !refusals?.test(line)) failures.push(line);
  });
  page.on('requestfailed', (request) => {
    const line = `${request.failure()?.errorText} ${request.url()}`;
    if (!page.isClosed() && !refusals?.test(line)) failures.push(line);
  });
  await page.addInitScript(() => {
    const refused: string[] = [];
    Reflect.set(window, 'refused', refused);
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      refused.push(`${violatedDirective} refuses ${blockedURI}`),
    );
  });
}
