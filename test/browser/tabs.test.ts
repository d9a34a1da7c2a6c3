import type { BrowserContext } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from './person.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const PASSWORD = 'a long password';

/** Two tabs of the first in one browser, in a conversation with the second. */
async function twoTabs(first: string, second: string) {
  const { proxy, url } = await stage.proxy();
  proxy.sockets = true;
  const shared = await stage.context();
  const [leader, follower] = [await stage.person(shared, url), await stage.person(shared, url)];
  const other = await stage.person();
  await other.register(second.toLowerCase(), second, PASSWORD);
  await leader.register(first.toLowerCase(), first, PASSWORD);
  await leader.begin(`@${second.toLowerCase()}`);
  await leader.page.getByRole('heading', { name: second }).waitFor();
  await follower.visit();
  return { shared, leader, follower, other, proxy };
}

const shows = (person: Person, texts: readonly string[]): Promise<void> =>
  expect.poll(() => person.texts()).toEqual(texts);

test('P1 P2 P6: two tabs share one socket, and the second goes on when the first is closed', async () => {
  const { leader, follower, other, proxy } = await twoTabs('Amy', 'Ben');
  await follower.open('Ben');
  await leader.say('from the first tab');
  await follower.ticks('from the first tab', 'Delivered');
  await other.open('Amy');
  for (const tab of [leader, follower]) await tab.ticks('from the first tab', 'Read');
  await follower.say('from the second tab');
  await other.message('from the second tab').waitFor();
  for (const tab of [leader, follower]) await tab.ticks('from the second tab', 'Read');
  await other.say('one answer for both');
  const texts = ['from the first tab', 'from the second tab', 'one answer for both'];
  for (const person of [leader, follower, other]) await shows(person, texts);
  expect({ open: proxy.open, ever: proxy.upgrades }).toEqual({ open: 1, ever: 1 });

  await leader.page.close();
  await follower.say('the first tab is gone');
  await follower.ticks('the first tab is gone', 'Read');
  await other.say('I noticed nothing');
  for (const person of [follower, other])
    await shows(person, [...texts, 'the first tab is gone', 'I noticed nothing']);
  await other.ticks('I noticed nothing', 'Read');
  expect({ open: proxy.open, ever: proxy.upgrades }).toEqual({ open: 1, ever: 2 });
});

test('what was read and what is being written follow from tab to tab', async () => {
  const { leader, follower, other } = await twoTabs('Cid', 'Dee');
  await leader.page.goto(leader.url);
  await other.open('Cid');
  await other.say('unread in both');
  for (const tab of [leader, follower]) {
    await tab.row('Dee').getByText('1 unread message').waitFor();
    await expect.poll(() => tab.page.title()).toBe('(1) Parley');
  }
  await follower.open('Dee');
  await other.ticks('unread in both', 'Read');
  for (const tab of [leader, follower]) {
    await tab.row('Dee').getByText('1 unread message').waitFor({ state: 'detached' });
    await expect.poll(() => tab.page.title()).toBe('Parley');
  }
  await follower.composer().fill('half a sen');
  await expect.poll(() => rowsIn(leader)).toContain('half a sen');
  await leader.open('Dee');
  await expect.poll(() => leader.composer().inputValue()).toBe('half a sen');
});

/** What this browser keeps, by where. */
const keptIn = (person: Person): Promise<Record<string, readonly string[]>> =>
  person.page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return {
      databases: databases.map(({ name }) => name ?? ''),
      local: Object.keys(localStorage).filter((key) => !['parley.theme', 'parley.language'].includes(key)),
      session: Object.keys(sessionStorage),
      cached: requests
        .flat()
        .map(({ url }) => new URL(url).pathname)
        .filter((path) => path.startsWith('/v1')),
    };
  });

/** The rows of every database, as text. */
const rowsIn = (person: Person): Promise<string> =>
  person.page.evaluate(async () => {
    const of = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const all: unknown[] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await of(indexedDB.open(name));
      for (const store of db.objectStoreNames)
        all.push(await of(db.transaction(store).objectStore(store).getAll()));
      db.close();
    }
    return JSON.stringify(all);
  });

test('who logs out in one tab is out in the other, and leaves nothing of their chats behind', async () => {
  const { shared, leader, follower, other, proxy } = await twoTabs('Eli', 'Flo');
  await other.open('Eli');
  await leader.say('between us');
  await leader.ticks('between us', 'Read');
  await leader.composer().fill('a thought');
  await expect.poll(() => rowsIn(leader)).toContain('a thought');
  expect(await rowsIn(leader)).toContain('between us');

  await leader.logOut();
  await follower.page.getByLabel('Password').waitFor();
  const nothing = { databases: [], local: [], session: [], cached: [] };
  for (const tab of [leader, follower]) await expect.poll(() => keptIn(tab)).toEqual(nothing);
  await expect.poll(() => proxy.open).toBe(0);

  // Somebody else in the same browser.
  const gil = await newcomer(shared, leader.url);
  await gil.page.getByText('No conversations yet').waitFor();
  const rows = await rowsIn(gil);
  for (const word of ['between us', 'a thought', 'Eli', 'Flo']) expect(rows).not.toContain(word);
  expect(await gil.page.locator('body').textContent()).not.toMatch(/between us|a thought|Eli|Flo/);
});

test('a tab that hears late of it, and has gone on as the connected one, leaves nothing behind either', async () => {
  const { leader, follower, other, proxy } = await twoTabs('Hal', 'Ivy');
  await other.open('Hal');
  await leader.say('between us');
  await leader.ticks('between us', 'Read');
  await follower.page.addInitScript(() => {
    const held: (() => void)[] = [];
    const { addEventListener } = window;
    Object.assign(window, {
      addEventListener(type: string, listener: (event: Event) => void, ...rest: []) {
        const late = (event: Event): unknown => held.push(() => listener(event));
        addEventListener(type, type === 'storage' ? late : listener, ...rest);
      },
      hear: () => {
        for (const one of held.splice(0)) one();
      },
    });
  });
  await follower.page.reload();
  await follower.open('Ivy');
  // Logged out where nothing is heard of the service any more: the other tab is not told by it either.
  proxy.cut();
  await leader.logOut();
  await leader.page.close();
  await follower.composer().fill('half a thought');
  await expect.poll(() => rowsIn(follower)).toContain('half a thought');
  await follower.page.evaluate('hear()');
  await follower.page.getByLabel('Password').waitFor();
  await expect.poll(() => keptIn(follower)).toEqual({ databases: [], local: [], session: [], cached: [] });
});

async function newcomer(shared: BrowserContext, url: string): Promise<Person> {
  const gil = await stage.person(shared, url);
  await gil.register('gil', 'Gil', PASSWORD);
  return gil;
}
