import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

const shots = process.env['PARLEY_SHOTS'];
const shotFolder = fileURLToPath(new URL('../../dist/shots/', import.meta.url));

/** Chromium reports every answer of 4xx and every refused connection; those are shown in words and tested as such. */
const NETWORK = /^(Failed to load resource|WebSocket connection to)/;

/** Only ever reached by a test that fails. */
const PATIENCE_MS = 60_000;

/** More steps than a screen has. */
const MOST_TABS = 40;

/** How far an own message has come, as screen readers hear it. */
type Tick = 'Waiting for the connection' | 'Sent' | 'Delivered' | 'Read';

/** Somebody in front of a window of the app. */
export class Person {
  readonly page: Page;
  /** What the page complained about: refused scripts, uncaught errors. */
  readonly complaints: string[] = [];
  /** The way to the service. */
  readonly url: string;

  constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !NETWORK.test(message.text())) this.complaints.push(message.text());
    });
  }

  static async at(url: string, browser: Browser | BrowserContext): Promise<Person> {
    return new Person(await browser.newPage(), url);
  }

  async visit(): Promise<void> {
    await this.page.goto(this.url);
  }

  async register(handle: string, name: string, password: string): Promise<void> {
    await this.visit();
    await this.button('Create account').first().click();
    await this.page.getByLabel('Handle').fill(handle);
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.page.locator('button[type=submit]').click();
    await this.button('New conversation').waitFor();
  }

  async logIn(handle: string, password: string): Promise<void> {
    await this.page.getByLabel('Handle').fill(handle);
    await this.page.getByLabel('Password').fill(password);
    await this.page.locator('button[type=submit]').click();
  }

  /** Opens a page of the settings. */
  async settings(page: string): Promise<void> {
    await this.page.goto(`${this.url}/settings/${page}`);
    await this.page.getByRole('main').getByRole('heading').first().waitFor();
  }

  async logOut(): Promise<void> {
    await this.page.getByRole('link', { name: 'Settings' }).click();
    await this.button('Log out').click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
    await this.page.getByLabel('Password').waitFor();
  }

  /** Begins a conversation: with one handle a direct one, with several, commas between, a group. */
  async begin(handles: string, title?: string): Promise<void> {
    const count = handles.split(',').length;
    await this.button('New conversation').click();
    const dialog = this.page.getByRole('dialog');
    if (count === 1 && title === undefined) {
      await dialog.getByRole('combobox', { name: 'With whom?' }).fill(handles);
      await this.page.keyboard.press('Enter');
    } else {
      await dialog.getByRole('button', { name: 'New group' }).click();
      if (title !== undefined) await dialog.getByLabel('Title of the group').fill(title);
      await dialog.getByRole('combobox', { name: 'Members' }).fill(`${handles},`);
      await dialog.getByRole('button', { name: `Create group of ${count + 1}` }).click();
    }
  }

  async open(title: string): Promise<void> {
    await this.row(title).click();
    await this.page.getByRole('heading', { name: title }).waitFor();
  }

  /** The field to write in. */
  composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  async say(text: string): Promise<void> {
    await this.composer().fill(text);
    await this.page.keyboard.press('Enter');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** A conversation in the list. */
  row(title: string): Locator {
    return this.page.getByRole('navigation').getByRole('link').filter({ hasText: title });
  }

  /** What the open conversation shows, from top to bottom. */
  texts(): Promise<string[]> {
    return this.page.locator('.message .text').allTextContents();
  }

  /** The open conversation, from top to bottom. */
  messages(): Locator {
    return this.page.getByRole('list', { name: 'Messages' });
  }

  /** By what it says itself, and not by what it answers. */
  message(text: string): Locator {
    return this.page.locator('.message').filter({ has: this.page.locator('.text', { hasText: text }) });
  }

  /** Does something with a message, by its menu. */
  async menu(text: string, action: string): Promise<void> {
    const message = this.message(text);
    await message.hover();
    await message.getByRole('button', { name: 'What to do with this message' }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  /** Presses Tab until the focus is on this. */
  async tabTo(place: Locator): Promise<void> {
    const reached = place.and(this.page.locator(':focus'));
    for (let i = 0; i < MOST_TABS; i++) {
      await this.page.keyboard.press('Tab');
      if ((await reached.count()) > 0) return;
    }
    throw new Error(`Tab does not lead to ${place}`);
  }

  /** What is said about the connection. */
  connection(): Locator {
    return this.page.getByRole('status', { name: 'Connection' });
  }

  /** Waits until the tick of an own message says so. */
  async ticks(text: string, state: Tick): Promise<void> {
    await this.message(text).getByRole('img', { name: state }).waitFor();
  }

  /** A picture of the window, if somebody asked for pictures. */
  async shot(name: string): Promise<void> {
    if (!shots) return;
    mkdirSync(shotFolder, { recursive: true });
    await this.page.screenshot({ path: `${shotFolder}${name}.png` });
  }
}
