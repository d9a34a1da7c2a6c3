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
  /** A window in which somebody is signed in, for one screen after the other. */
  const shared = new Map<Actor | undefined, Window>();

  async function windowFor(screen: Screen): Promise<Window> {
    const who = screen.who(people);
    const known = shared.get(who);
    // Who has no line, or another session, has a browser of their own.
    if (known && !screen.before) return known;
    const context = await stage.lasting({ ...STILL, locale });
    await signIn(context, who);
    const made = await openWindow(context);
    if (!screen.before) shared.set(who, made);
    return made;
  }

  test.each(screens)(
    '$name: axe finds nothing, all can be reached at 320 px and with text of twice the size, nothing fails',
    async (screen) => {
      const window = await windowFor(screen);
      const { page } = window;
      await window.leave();
      await window.show({ width: 1180, height: 760, scheme: 'light', text: 16 });
      await visit(page, { url: stage.service.url, stage: people, screen });
      expect(await violations(page), 'light').toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      // What is there is the same, only of other colours.
      expect(await violations(page, ['color-contrast']), 'dark').toEqual([]);
      await window.show({ width: 320, height: 640, scheme: 'dark', text: 16 });
      expect(await unreachable(page), '320 px').toEqual([]);
      await window.show({ width: 640, height: 800, scheme: 'dark', text: 32 });
      expect(await unreachable(page), 'text of twice the size').toEqual([]);
      expect((await window.failures()).filter((failure) => !screen.refusals?.test(failure))).toEqual([]);
    },
  );
});

interface Window {
  readonly page: Page;
  /** Sizes in CSS pixels; `text`: what the browser is set to. */
  show(look: {
    readonly width: number;
    readonly height: number;
    readonly scheme: 'light' | 'dark';
    readonly text: number;
  }): Promise<void>;
  /** Leaves the page. What is still on its way is given up, which is no failure. */
  leave(): Promise<void>;
  /** What went wrong in the page. */
  failures(): Promise<string[]>;
}

/** What is measured in one frame is put in its place in the next. */
const painted = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((frame) => requestAnimationFrame(frame));
  });

async function openWindow(context: BrowserContext): Promise<Window> {
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  const failures = await noteFailures(page);
  return {
    page,
    async show({ width, height, scheme, text }) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await tools.send('Page.setFontSizes', { fontSizes: { standard: text, fixed: (text * 13) / 16 } });
      await painted(page);
    },
    async leave() {
      await page.goto('about:blank');
      failures.length = 0;
    },
    async failures() {
      return [...failures, ...(await page.evaluate<string[]>(() => Reflect.get(window, 'refused')))];
    },
  };
}

/** Notes whatever goes wrong in a page: errors, what its policy refuses, requests that fail. */
async function noteFailures(page: Page): Promise<string[]> {
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('console', (message) => {
    // Told again below, with what was answered; and there is no service worker here.
    const known = /^(Failed to load resource|Service Worker registration blocked)/;
    if (['error', 'warning'].includes(message.type()) && !known.test(message.text()))
      failures.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => failures.push(`${request.failure()?.errorText} ${request.url()}`));
  await page.addInitScript(() => {
    const refused: string[] = [];
    Reflect.set(window, 'refused', refused);
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      refused.push(`${violatedDirective} refuses ${blockedURI}`),
    );
  });
  return failures;
}
