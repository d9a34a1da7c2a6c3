import type { BrowserContext, Page } from 'playwright-core';
import { cut, cuttable, refusing } from './lines.ts';
import type { Actor, Stage } from './stage.ts';

/** One picture: who looks, at which address, and what they do there before it is taken. */
export interface Screen {
  readonly name: string;
  /** Undefined: nobody is signed in. */
  readonly who: (stage: Stage) => Actor | undefined;
  readonly path: (stage: Stage) => string;
  /** Before the page is loaded. */
  readonly before?: (page: Page) => Promise<void>;
  readonly prepare?: (page: Page, context: BrowserContext) => Promise<void>;
  /** When what is to be seen is there. Selectors, not words: pictures are taken in several languages. */
  readonly ready: string;
  /** Answers of the service that belong to it although they are errors: as `404 /v1/users`. */
  readonly refusals?: RegExp;
}

const me = ({ me }: Stage): Actor => me;
const newcomer = ({ newcomer }: Stage): Actor => newcomer;
const nobody = (): undefined => undefined;
const atGroup = ({ group }: Stage): string => `/c/${group}`;
const atDirect = ({ direct }: Stage): string => `/c/${direct}`;

const LATEST = '.message:has([aria-pressed]) >> nth=-1';

async function logIn(page: Page, password: string): Promise<void> {
  await page.locator('[name=handle]').fill('erry');
  await page.locator('[name=password]').fill(password);
  await page.locator('[type=submit]').click();
}

/** A session that the service doesn't know. */
async function stale(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const user = { id: 'u_nobody', handle: 'nobody', name: 'Nobody' };
    const device = { id: 'd_none', name: 'A browser' };
    const session = { user, device, accessToken: 'a', refreshToken: 'b', expiresAt: 0 };
    localStorage.setItem('parley.session', JSON.stringify({ session, localExpiry: 0 }));
  });
}

/** Opens the menu of a message as the keyboard does. */
async function menuOf(page: Page, message: string): Promise<void> {
  await page.locator(message).press('Enter');
  await page.locator('[role=menu]').waitFor();
}

/** Chooses from the menu that is open; counted from the end where it is negative. */
const choose = (page: Page, index: number): Promise<void> =>
  page.locator(`[role=menu] [role=menuitem] >> nth=${index}`).click();

/** Presses a button of the info beside the conversation. */
const inInfo = (page: Page, button: string): Promise<void> => page.locator(`aside ${button}`).click();

const OWN = '.message:has([class*=own]) >> nth=-1';

export const SCREENS: readonly Screen[] = [
  { name: 'log-in', who: nobody, path: () => '/', ready: '[name=password]' },
  {
    name: 'sign-up',
    who: nobody,
    path: () => '/',
    prepare: (page) => page.locator('[aria-pressed=false]').click(),
    ready: '[name=name]',
  },
  {
    name: 'log-in-wrong',
    who: nobody,
    path: () => '/',
    prepare: (page) => logIn(page, 'not the password'),
    ready: '[role=alert]',
    refusals: /^401 .*\/login$/,
  },
  {
    name: 'log-in-again',
    who: nobody,
    path: () => '/',
    before: stale,
    ready: 'main p[role=status]',
    refusals: /^401 /,
  },
  { name: 'list-empty', who: newcomer, path: () => '/', ready: 'nav svg >> nth=2' },
  { name: 'list', who: me, path: () => '/', ready: 'nav li >> nth=5' },
  { name: 'group', who: me, path: atGroup, ready: '.message >> nth=8' },
  { name: 'direct', who: me, path: atDirect, ready: LATEST },
  {
    name: 'missing',
    who: me,
    path: () => '/c/none',
    ready: 'main p',
    refusals: /^(403|404) .*\/conversations\/none/,
  },
  {
    name: 'message-menu',
    who: me,
    path: atDirect,
    prepare: (page) => menuOf(page, OWN),
    ready: '[role=menu]',
  },
  {
    name: 'message-info',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      await menuOf(page, OWN);
      await choose(page, -2);
    },
    ready: 'dialog li',
  },
  {
    name: 'message-delete',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      await menuOf(page, OWN);
      await choose(page, -1);
    },
    ready: 'dialog[open]',
  },
  {
    name: 'emoji',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      await page.locator(LATEST).waitFor();
      await page.locator('form button >> nth=0').click();
    },
    ready: '[role=dialog] [role=gridcell] >> nth=20',
  },
  {
    name: 'emoji-search',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      await menuOf(page, LATEST);
      await choose(page, 6);
      await page.locator('[role=dialog] [role=gridcell] >> nth=20').waitFor();
      await page.locator('[role=dialog] input').fill('boat');
    },
    ready: '[role=gridcell][aria-label*=oat]:visible',
  },
  {
    name: 'reply',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      await page.locator(LATEST).press('r');
      await page.locator('form textarea').fill('any time');
    },
    ready: 'form section',
  },
  {
    name: 'edit',
    who: me,
    path: atDirect,
    prepare: (page) => page.locator(OWN).press('e'),
    ready: 'form section',
  },
  {
    name: 'too-long',
    who: me,
    path: atDirect,
    prepare: async (page) => {
      // In an answer, which takes the most room.
      await page.locator(LATEST).press('r');
      await page.locator('form textarea').fill('and so it goes on and on\n'.repeat(700));
    },
    ready: 'form textarea[aria-invalid]',
  },
  {
    name: 'failed',
    who: me,
    path: atDirect,
    before: refusing,
    prepare: async (page) => {
      await page.locator(LATEST).waitFor();
      await page.locator('form textarea').fill('Does anybody read this?');
      await page.keyboard.press('Enter');
    },
    ready: '.message [role=alert]',
  },
  {
    name: 'blocked',
    who: me,
    path: ({ blocked }) => `/c/${blocked}`,
    ready: '.message ~ * , section > div >> nth=-1',
  },
  {
    name: 'new-conversation',
    who: me,
    path: () => '/',
    prepare: (page) => page.locator('nav header button').click(),
    ready: 'dialog input',
  },
  {
    name: 'list-menu',
    who: me,
    path: () => '/',
    prepare: (page) => page.locator('nav li > a >> nth=3').click({ button: 'right' }),
    ready: '[role=menu]',
  },
  {
    name: 'list-archived',
    who: me,
    path: () => '/',
    prepare: (page) => page.locator('nav search + button').click(),
    ready: 'nav li >> nth=1',
  },
  {
    name: 'list-nothing',
    who: me,
    path: () => '/',
    prepare: (page) => page.locator('nav input').fill('zebra'),
    ready: 'nav p >> nth=2',
  },
  {
    name: 'new-group',
    who: me,
    path: () => '/',
    prepare: async (page) => {
      await page.locator('nav header button').click();
      await page.locator('dialog [role=option] >> nth=2').waitFor();
      await page.locator('dialog button').last().click();
      await page.locator('dialog [role=combobox]').fill('nobody_at_all,');
      for (const time of [0, 1]) await page.locator(`dialog [role=option] >> nth=${time}`).click();
    },
    ready: 'dialog [role=alert]',
    refusals: /^404 .*\/users/,
  },
  {
    name: 'switcher',
    who: me,
    path: () => '/',
    prepare: async (page) => {
      await page.locator('nav li >> nth=5').waitFor();
      await page.keyboard.press('Control+k');
    },
    ready: 'dialog [role=option] >> nth=4',
  },
  { name: 'info-group', who: me, path: (stage) => `${atGroup(stage)}/info`, ready: 'aside li >> nth=5' },
  {
    name: 'info-member-menu',
    who: me,
    path: (stage) => `${atGroup(stage)}/info`,
    prepare: (page) => inInfo(page, 'li button >> nth=1'),
    ready: '[role=menu]',
  },
  {
    name: 'info-rename',
    who: me,
    path: (stage) => `${atGroup(stage)}/info`,
    prepare: (page) => inInfo(page, 'h3 ~ button >> nth=0'),
    ready: 'aside form',
  },
  {
    name: 'info-add',
    who: me,
    path: (stage) => `${atGroup(stage)}/info`,
    prepare: (page) => inInfo(page, 'section > button >> nth=0'),
    ready: 'dialog [role=combobox]',
  },
  {
    name: 'info-remove',
    who: me,
    path: (stage) => `${atGroup(stage)}/info`,
    prepare: async (page) => {
      await inInfo(page, 'li button >> nth=1');
      await choose(page, -1);
    },
    ready: 'dialog[open]',
  },
  {
    name: 'leave',
    who: me,
    path: (stage) => `${atGroup(stage)}/info`,
    prepare: async (page) => {
      await page.locator('aside li >> nth=5').waitFor();
      await inInfo(page, 'button >> nth=-1');
    },
    ready: 'dialog[open]',
  },
  {
    name: 'info-direct',
    who: me,
    path: (stage) => `${atDirect(stage)}/info`,
    ready: 'aside button >> nth=1',
  },
  {
    name: 'info-mute',
    who: me,
    path: (stage) => `${atDirect(stage)}/info`,
    prepare: (page) => inInfo(page, '[aria-haspopup=menu]'),
    ready: '[role=menu]',
  },
  {
    name: 'block',
    who: me,
    path: (stage) => `${atDirect(stage)}/info`,
    prepare: (page) => inInfo(page, 'button >> nth=1'),
    ready: 'dialog[open]',
  },
  {
    name: 'offline',
    who: me,
    path: atDirect,
    before: cuttable,
    prepare: async (page, context) => {
      await page.locator(LATEST).waitFor();
      await context.setOffline(true);
      await cut(page);
    },
    ready: '[role=status] + button',
    refusals: /ERR_INTERNET_DISCONNECTED/,
  },
  { name: 'settings', who: me, path: () => '/settings', ready: 'nav li >> nth=4' },
  { name: 'settings-profile', who: me, path: () => '/settings/profile', ready: 'main textarea' },
  { name: 'settings-appearance', who: me, path: () => '/settings/appearance', ready: 'main :checked' },
  { name: 'settings-privacy', who: me, path: () => '/settings/privacy', ready: 'main li' },
  {
    name: 'settings-saved',
    who: newcomer,
    path: () => '/settings/privacy',
    prepare: (page) => page.locator('main [type=radio] >> nth=1').click(),
    ready: '[popover] p',
  },
  { name: 'settings-devices', who: me, path: () => '/settings/devices', ready: 'main li >> nth=2' },
  {
    name: 'device-remove',
    who: me,
    path: () => '/settings/devices',
    prepare: (page) => page.locator('main li button >> nth=0').click(),
    ready: 'dialog[open]',
  },
  {
    name: 'log-out',
    who: me,
    path: () => '/settings',
    prepare: (page) => page.locator('nav li >> nth=4').click(),
    ready: 'dialog[open]',
  },
];
