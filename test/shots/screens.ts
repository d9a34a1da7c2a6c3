import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core';
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
}

const me = ({ me }: Stage): Actor => me;
const newcomer = ({ newcomer }: Stage): Actor => newcomer;
const nobody = (): undefined => undefined;

async function logIn(page: Page, password: string): Promise<void> {
  await page.locator('[name=handle]').fill('erry');
  await page.locator('[name=password]').fill(password);
  await page.locator('[type=submit]').click();
}

const lines = new WeakMap<Page, Set<WebSocketRoute>>();

/** Sockets go through our hands: the browser keeps them open when it is told to be offline. */
async function cuttable(page: Page): Promise<void> {
  const open = new Set<WebSocketRoute>();
  lines.set(page, open);
  await page.routeWebSocket('**/v1/ws', async (socket) => {
    if (!lines.has(page)) return socket.close();
    socket.connectToServer();
    open.add(socket);
  });
}

/** From here on there is no line. */
async function cut(page: Page): Promise<void> {
  const open = lines.get(page) ?? new Set();
  lines.delete(page);
  await Promise.all([...open].map((socket) => socket.close()));
}

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
  },
  { name: 'list-empty', who: newcomer, path: () => '/', ready: 'nav svg >> nth=2' },
  { name: 'list', who: me, path: () => '/', ready: 'nav li >> nth=5' },
  { name: 'group', who: me, path: ({ group }) => `/c/${group}`, ready: '.message >> nth=8' },
  { name: 'direct', who: me, path: ({ direct }) => `/c/${direct}`, ready: '.message >> nth=8' },
  { name: 'missing', who: me, path: () => '/c/none', ready: 'main p' },
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
  { name: 'info-group', who: me, path: ({ group }) => `/c/${group}/info`, ready: 'aside li >> nth=5' },
  {
    name: 'info-direct',
    who: me,
    path: ({ direct }) => `/c/${direct}/info`,
    ready: 'aside button >> nth=1',
  },
  {
    name: 'offline',
    who: me,
    path: ({ direct }) => `/c/${direct}`,
    before: cuttable,
    prepare: async (page, context) => {
      await page.locator('.message >> nth=8').waitFor();
      await context.setOffline(true);
      await cut(page);
    },
    ready: '[role=status] + button',
  },
  { name: 'settings', who: me, path: () => '/settings', ready: 'nav li >> nth=4' },
  { name: 'settings-profile', who: me, path: () => '/settings/profile', ready: 'main textarea' },
  { name: 'settings-appearance', who: me, path: () => '/settings/appearance', ready: 'main :checked' },
  { name: 'settings-privacy', who: me, path: () => '/settings/privacy', ready: 'main li' },
  { name: 'settings-devices', who: me, path: () => '/settings/devices', ready: 'main li >> nth=2' },
  {
    name: 'log-out',
    who: me,
    path: () => '/settings',
    prepare: (page) => page.locator('nav li >> nth=4').click(),
    ready: 'dialog[open]',
  },
];
