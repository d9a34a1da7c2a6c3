import type { Page, Route } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Client, createAccount, createClient } from '../../client/index.ts';
import type { Person } from './person.ts';
import { setStage } from './stage.ts';

/** What somebody presses quickly, or on a busy machine: keys that come before what waits for a frame, a timer or the network. */

const stage = setStage({
  authRate: 1000,
  frameRate: 5000,
  frameBurst: 5000,
  sendRate: 1000,
  sendBurst: 1000,
  devices: 50,
});

const PASSWORD = 'a long password';
const GROUPS = 60;

async function actor(handle: string, name: string): Promise<Client> {
  const account = createAccount({ url: stage.service.url });
  await account.register({ handle, name, password: PASSWORD });
  return createClient({ url: stage.service.url, getToken: account.getToken, store: 'memory' });
}

const post = (client: Client, path: string, body: object): Promise<{ readonly id: string }> =>
  client.api('POST', path, body);

let withInes: string;

beforeAll(async () => {
  const [hugo, ines] = await Promise.all([
    actor('hugo', 'Hugo'),
    actor('ines', 'Ines'),
    actor('jack', 'Jack'),
    actor('kate', 'Kate'),
  ]);
  const [other, jack] = await Promise.all(
    ['ines', 'jack'].map(async (handle) => (await hugo.findUser(handle))?.id ?? ''),
  );
  for (let i = 1; i <= GROUPS; i++)
    await post(hugo, '/conversations', { kind: 'group', members: [], title: `Group ${i}` });
  await post(hugo, '/conversations', { kind: 'group', members: [other, jack], title: 'Rowing' });
  ({ id: withInes } = await post(hugo, '/conversations', { kind: 'direct', members: [other] }));
  for (const text of ['one', 'two', 'three'])
    await post(hugo, `/conversations/${withInes}/messages`, {
      clientId: crypto.randomUUID(),
      content: { kind: 'text', text },
    });
  for (const client of [hugo, ines]) client.close();
});

async function hugo(): Promise<Person> {
  // What its service worker has kept by now would come however long a request for it is held.
  const person = await stage.person(await stage.context({ serviceWorkers: 'block' }));
  await person.visit();
  await person.logIn('hugo', PASSWORD);
  await person.row('Ines').waitFor();
  return person;
}

/** From here on nothing comes of what waits for the next frame or timer, until it is let go. */
const hold = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { requestAnimationFrame, setTimeout } = window;
    const held: (() => void)[] = [];
    window.requestAnimationFrame = (call) => held.push(() => requestAnimationFrame(call));
    Object.assign(window, {
      setTimeout: (call: () => void, ms = 0, ...rest: unknown[]) =>
        ms === 0 ? held.push(() => setTimeout(call, 0, ...rest)) : setTimeout(call, ms, ...rest),
      letGo: () =>
        new Promise<void>((done) => {
          Object.assign(window, { requestAnimationFrame, setTimeout });
          for (const one of held) one();
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
        }),
    });
  });

/** Lets all of it happen, and waits until it has. */
const letGo = (page: Page): Promise<void> => page.evaluate('letGo()');

/** Requests for these wait until what is returned is called. */
async function holdRequests(page: Page, pattern: string | RegExp): Promise<() => Promise<void>> {
  const held: Route[] = [];
  let open = false;
  await page.route(pattern, (route) => (open ? route.continue() : held.push(route)));
  return async () => {
    open = true;
    await Promise.all(held.map((route) => route.continue()));
  };
}

/** What has the focus, in words. */
const focus = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return 'nothing';
    const name = at.getAttribute('aria-label') ?? at.querySelector('bdi')?.textContent ?? at.textContent;
    return `${at.tagName.toLowerCase()} ${name?.trim() || at.id}`;
  });

const search = ({ page }: Person) => page.getByRole('textbox', { name: 'Search chats' });

test('in the list: up into the filter, to rows far away, and back from a conversation', async () => {
  const person = await hugo();
  const { page } = person;
  const { keyboard } = page;
  await person.row('Ines').focus();
  await hold(page);
  await keyboard.press('Home');
  await keyboard.press('ArrowUp');
  await letGo(page);
  await keyboard.type('row');
  expect(await search(person).inputValue()).toBe('row');
  await person.row('Ines').waitFor({ state: 'detached' });
  await search(person).fill('');
  await person.row('Ines').waitFor();

  // Neither row is in the document when the key for it comes.
  await person.row('Ines').focus();
  await hold(page);
  await keyboard.press('End');
  expect(await focus(page)).toBe('a Group 1');
  await keyboard.press('ArrowUp');
  expect(await focus(page)).toBe('a Group 2');
  await keyboard.press('Home');
  expect(await focus(page)).toBe('a Ines');
  await letGo(page);
  expect(await focus(page)).toBe('a Ines');

  await person.open('Ines');
  await person.composer().focus();
  await hold(page);
  await keyboard.press('Escape');
  await keyboard.press('ArrowDown');
  await letGo(page);
  expect(await focus(page)).toBe('a Rowing');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Rowing' }).waitFor();
});

test('in a narrow window the pane that comes has the focus, and the list goes on at the row that was left', async () => {
  const person = await hugo();
  const { page } = person;
  await page.setViewportSize({ width: 500, height: 760 });
  await person.row('Ines').focus();
  await page.keyboard.press('Enter');
  await person.composer().waitFor();
  expect(await focus(page)).toMatch(/^main /);
  await person.composer().focus();
  // Before its rows are there the list itself takes the keys.
  await hold(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await letGo(page);
  await expect.poll(() => focus(page)).toBe('a Rowing');
  expect(await page.locator('nav ul').evaluate((list) => list.parentElement?.scrollTop)).toBe(0);
  await person.open('Ines');
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await expect.poll(() => focus(page)).toBe('a Ines');
});

test('Enter in the filter opens the first of what fits the words, also before the list shows it', async () => {
  const person = await hugo();
  await search(person).fill('row');
  await person.row('Ines').waitFor({ state: 'detached' });
  await search(person).evaluate((field: HTMLInputElement) => {
    // In one turn: the list has had no time for the new words.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, 'ines');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  });
  await person.page.getByRole('heading', { name: 'Ines' }).waitFor();
});

test('the switcher takes what is typed right after the keys that open it, and who wrote writes on where it leads', async () => {
  const person = await hugo();
  const { page } = person;
  await person.open('Ines');
  await person.composer().focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('rowi');
  await page.getByRole('option', { name: 'Rowing' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Who comes?');
  await page.getByRole('heading', { name: 'Rowing' }).waitFor();
  expect(await person.composer().inputValue()).toBe('Who comes?');

  // From the list, the list goes along.
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('group 2');
  await page.getByRole('option', { name: /^Group 2\b/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Group 2/ }).waitFor();
  const title = await page.getByRole('main').getByRole('heading').first().textContent();
  await expect.poll(() => focus(page)).toBe(`a ${title}`);
});

test('the menu of a message, an answer and an edit take keys at once', async () => {
  const person = await hugo();
  const { page } = person;
  const { keyboard } = page;
  await person.open('Ines');
  await person.message('three').focus();
  await hold(page);
  await keyboard.press('Enter');
  await keyboard.press('ArrowDown');
  expect(await focus(page)).toBe('button Reply');
  await keyboard.press('Enter');
  await keyboard.type('yes');
  expect(await person.composer().inputValue()).toBe('yes');
  await letGo(page);
  await keyboard.press('Control+a');
  await keyboard.press('Delete');
  await keyboard.press('Escape');

  await hold(page);
  await keyboard.press('ArrowUp');
  await keyboard.press('Home');
  await letGo(page);
  await keyboard.type('number ');
  expect(await person.composer().inputValue()).toBe('number three');
  await keyboard.press('Escape');
});

test('what is looked for among emoji is written before they are loaded; Enter there sends nothing', async () => {
  const person = await hugo();
  const { page } = person;
  const load = await holdRequests(page, /emoji-picker/);
  await person.open('Ines');
  await person.composer().fill('not yet');
  await person.button('Emoji').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('lobst');
  await page.keyboard.press('Enter');
  const field = page.getByRole('searchbox', { name: 'Search emoji' });
  expect(await field.inputValue()).toBe('lobst');
  await load();
  await page.getByRole('gridcell').first().waitFor();
  await page.keyboard.type('er');
  expect(await field.inputValue()).toBe('lobster');
  await page.getByRole('gridcell', { name: 'lobster' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.type('!');
  expect(await person.composer().inputValue()).toBe('not yet🦞!');
  expect(await person.message('not yet').count()).toBe(0);
});

test('what comes late takes nobody out of what they write', async () => {
  const person = await hugo();
  const { page } = person;
  const load = await holdRequests(page, /info-pane/);
  await person.open('Rowing');
  await page.getByRole('link', { name: 'Rowing: show details' }).click();
  await person.composer().focus();
  await page.keyboard.type('still ');
  await load();
  await page.getByRole('complementary', { name: 'Info' }).waitFor();
  await page.keyboard.type('here');
  expect(await person.composer().inputValue()).toBe('still here');

  const save = await holdRequests(page, '**/v1/conversations/*');
  await person.button('Change the title').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Rowing again');
  await person.button('Save').focus();
  await page.keyboard.press('Enter');
  // Under way: it says so and keeps the focus, and a second press is none.
  await page.locator('button[aria-busy=true]').waitFor();
  await page.keyboard.press('Enter');
  expect(await focus(page)).toBe('button Save');
  await person.composer().focus();
  await save();
  await person.button('Change the title').waitFor();
  await page.keyboard.type('!');
  expect(await person.composer().inputValue()).toBe('still here!');
  // Without having gone elsewhere one is back at what began it.
  await person.button('Change the title').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Rowing');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Rowing', exact: true }).first().waitFor();
  await expect.poll(() => focus(page)).toBe('button Change the title');
  await person.composer().fill('');
});

test('where what has the focus goes away, the next one has it', async () => {
  const person = await hugo();
  const { page } = person;
  const { keyboard } = page;
  /** In the menu of the row with the focus. */
  const choose = async (action: string): Promise<void> => {
    await keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: action, exact: true }).focus();
    await keyboard.press('Enter');
  };
  await person.row('Rowing').focus();
  await choose('Archive');
  await expect.poll(() => focus(page)).toBe('a Group 60');
  await keyboard.press('ArrowUp');
  expect(await focus(page)).toBe('a Ines');
  await person.button('Archived').focus();
  await keyboard.press('Enter');
  expect(await focus(page)).toBe('a Rowing');
  await choose('Take out of the archive');
  await page.getByText('Nothing is archived').waitFor();
  expect(await focus(page)).not.toBe('nothing');
  await person.button('Back to the list').focus();
  await keyboard.press('Enter');
  expect(await focus(page)).toBe('a Ines');

  // A member leaves the list, with the dialog that asked about it.
  await person.open('Rowing');
  await page.getByRole('link', { name: 'Rowing: show details' }).click();
  const info = page.getByRole('complementary', { name: 'Info' });
  const members = info.getByRole('button', { name: /^Actions for/ });
  await members.first().focus();
  const gone = await members.first().getAttribute('aria-label');
  const stays = await members.nth(1).getAttribute('aria-label');
  await keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Remove from the group' }).focus();
  await keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).focus();
  await keyboard.press('Enter');
  await info.getByRole('button', { name: gone ?? '' }).waitFor({ state: 'detached' });
  await expect.poll(() => focus(page)).toBe(`button ${stays}`);

  // The info goes, and one is back at what led there.
  await info.getByRole('link', { name: 'Close the info' }).focus();
  await keyboard.press('Enter');
  await expect.poll(() => focus(page)).toBe('a Rowing: show details');
  // Who takes the focus from everything is left alone.
  await person.composer().focus();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.evaluate((path) => history.pushState(null, '', path), `/c/${withInes}`);
  await page.getByRole('heading', { name: 'Ines' }).waitFor();
  expect(await focus(page)).toBe('nothing');
});

test('arrow keys go on among choices while one is saved, and the last one counts', async () => {
  const person = await hugo();
  const { page } = person;
  await person.settings('privacy');
  const choice = (name: string) => page.getByRole('radio', { name: new RegExp(`^${name}`) });
  await page.locator('fieldset:enabled').first().waitFor();
  const save = await holdRequests(page, '**/v1/users/me');
  await choice('Everybody').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await save();
  await page.getByText('Saved').waitFor();
  expect(await choice('Nobody').and(page.locator(':focus')).count()).toBe(1);
  await page.reload();
  await expect.poll(() => choice('Nobody').isChecked()).toBe(true);
});

test('what somebody began and gave up takes them nowhere; what they wait for lets no key through', async () => {
  const person = await hugo();
  const { page } = person;
  const { keyboard } = page;
  await person.open('Ines');
  const chat = page.url();
  let answer = await holdRequests(page, '**/v1/conversations');
  await person.button('New conversation').click();
  await keyboard.type('jack');
  await page.getByRole('option', { name: 'Jack' }).waitFor();
  const asked = page.waitForRequest('**/v1/conversations');
  await keyboard.press('Enter');
  await asked;
  await keyboard.press('Escape');
  await person.composer().focus();
  await keyboard.type('I stay ');
  const arrived = page.waitForResponse('**/v1/conversations');
  await answer();
  await arrived;
  await person.row('Jack').waitFor();
  await keyboard.type('here');
  expect([page.url(), await person.composer().inputValue()]).toEqual([chat, 'I stay here']);

  await page.unroute('**/v1/conversations');
  answer = await holdRequests(page, '**/v1/conversations');
  await keyboard.press('Control+k');
  await keyboard.type('@kate');
  await page.getByRole('option', { name: 'Kate' }).waitFor();
  await keyboard.press('Enter');
  await keyboard.type('Hello Kate');
  expect(await person.composer().inputValue()).toBe('I stay here');
  await answer();
  await page.getByRole('heading', { name: 'Kate' }).waitFor();
});
