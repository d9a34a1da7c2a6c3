import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Client, createAccount, createClient } from '../../client/index.ts';
import { setStage } from './stage.ts';

const stage = setStage({
  authRate: 1000,
  sendRate: 10_000,
  sendBurst: 10_000,
  frameRate: 10_000,
  frameBurst: 10_000,
});
const { person } = stage;

/** Somebody without a window. */
async function actor(handle: string, name: string): Promise<Client> {
  const account = createAccount({ url: stage.service.url });
  await account.register({ handle, name, password: `password of ${handle}` });
  return createClient({ url: stage.service.url, getToken: account.getToken, store: 'memory' });
}

/** The answer: the number of the last one. */
async function say(
  client: Client,
  conversation: string,
  texts: readonly string[],
  replyTo?: number,
): Promise<number> {
  let last = 0;
  for (const text of texts) {
    const { seq } = await client.api<{ seq: number }>('POST', `/conversations/${conversation}/messages`, {
      clientId: crypto.randomUUID(),
      content: { kind: 'text', text },
      ...(replyTo === undefined ? {} : { replyTo }),
    });
    last = seq;
  }
  return last;
}

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `line ${i + 1} ${'and some more words '.repeat(i % 7)}`.trim());

const topOf = (page: Page, text: string): Promise<number | undefined> =>
  page.evaluate((wanted) => {
    const row = [...document.querySelectorAll('.message')].find(
      (one) => one.querySelector('.text')?.textContent === wanted,
    );
    return row?.getBoundingClientRect().top;
  }, text);

const frames = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );

test('a reply leads to what it answers: loaded around it, flashed, and the gap below fills without a jump', async () => {
  const mia = await person();
  await mia.register('mia', 'Mia', 'password of mia');
  const ned = await actor('ned', 'Ned');
  const { id } = await ned.createConversation({ kind: 'direct', members: ['@mia'] });
  const first = await say(ned, id, ['the very first']);
  await say(ned, id, numbered(300));
  await say(ned, id, ['about that'], first);
  await mia.open('Ned');
  await mia.page.getByRole('button', { name: 'To the latest messages' }).click();
  // The flash is over in a moment, maybe before anybody looks.
  await mia.page.evaluate(() => {
    const flashed: string[] = [];
    document.addEventListener('animationstart', ({ target }) => {
      if (target instanceof Element && target.matches('.message'))
        flashed.push(target.querySelector('.text')?.textContent ?? '');
    });
    Object.assign(window, { flashed });
  });
  await mia.message('about that').getByRole('button', { name: 'Go to the message this answers' }).click();
  await mia.message('the very first').first().waitFor();
  await expect.poll(() => mia.page.evaluate('flashed')).toEqual(['the very first']);
  const top = await topOf(mia.page, 'the very first');
  // What follows comes by itself while nobody moves.
  await mia.message('line 12 ').waitFor();
  await frames(mia.page);
  expect(Math.abs(((await topOf(mia.page, 'the very first')) ?? 0) - (top ?? 0))).toBeLessThanOrEqual(1);
  await mia.page.getByRole('button', { name: 'To the latest messages' }).click();
  await mia.message('about that').waitFor();
  // Where it can't be had, that is said, and everything stays where it is.
  await mia.page.reload();
  await mia.message('about that').waitFor();
  await mia.page.context().setOffline(true);
  await mia.message('about that').getByRole('button', { name: 'Go to the message this answers' }).click();
  await mia.page.getByText('The service can’t be reached.').waitFor();
  await mia.message('about that').waitFor();
});

test('an address leads to its message, wherever it is, and it is in sight when all has come to rest', async () => {
  const uri = await person();
  await uri.register('uri', 'Uri', 'password of uri');
  const wes = await actor('wes', 'Wes');
  const { id } = await wes.createConversation({ kind: 'direct', members: ['@uri'] });
  const texts = numbered(400);
  await say(wes, id, texts);
  await uri.open('Wes');
  await uri.page.getByRole('button', { name: 'To the latest messages' }).click();
  await uri.message(texts[399] ?? '').waitFor();
  const inSight = (seq: number): Promise<boolean> =>
    uri.page.evaluate(
      (wanted) => {
        const view = document.querySelector('.scroller')?.getBoundingClientRect();
        const row = [...document.querySelectorAll('.messages .text')].find(
          (one) => one.textContent === wanted,
        );
        const place = row?.getBoundingClientRect();
        return !!view && !!place && place.top >= view.top && place.bottom <= view.bottom;
      },
      texts[seq - 1],
    );
  for (const seq of [1, 200, 400, 3, 398]) {
    await uri.page.goto(`${stage.service.url}/c/${id}?at=${seq}`);
    await expect.poll(() => inSight(seq)).toBe(true);
    // Pages around it come, and rows are measured: it stays.
    await uri.page.waitForLoadState('networkidle');
    await frames(uri.page);
    expect(await inSight(seq), `${seq}`).toBe(true);
  }
});

test('Enter that ends a composition sends nothing; a draft outlives a reload and another conversation', async () => {
  const oli = await person();
  await oli.register('oli', 'Oli', 'password of oli');
  const pam = await actor('pam', 'Pam');
  await actor('quin', 'Quin').then((quin) => quin.createConversation({ kind: 'direct', members: ['@oli'] }));
  const { id } = await pam.createConversation({ kind: 'direct', members: ['@oli'] });
  await say(pam, id, ['hello']);
  await oli.open('Pam');
  const field = oli.page.getByLabel('Message', { exact: true });
  await field.fill('日本');
  await field.evaluate((one) => {
    for (const init of [{ isComposing: true }, { keyCode: 229 }])
      one.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }),
      );
  });
  expect(await field.inputValue()).toBe('日本');
  expect(await oli.page.locator('.message').count()).toBe(1);

  await oli.open('Quin');
  expect(await field.inputValue()).toBe('');
  await oli.open('Pam');
  expect(await field.inputValue()).toBe('日本');
  await oli.message('hello').focus();
  await oli.page.keyboard.press('r');
  await oli.page.getByRole('button', { name: 'Don’t answer it' }).waitFor();
  await oli.page.reload();
  await expect.poll(() => field.inputValue()).toBe('日本');
  await oli.page.getByRole('button', { name: 'Don’t answer it' }).waitFor();
  await field.press('Enter');
  await oli.message('日本').getByRole('button', { name: 'Go to the message this answers' }).waitFor();
  expect(await field.inputValue()).toBe('');
});

test('what is being written when the window goes is there again, and what was sent is not', async () => {
  const una = await person();
  await una.register('una', 'Una', 'password of una');
  const pia = await actor('pia', 'Pia');
  const { id } = await pia.createConversation({ kind: 'direct', members: ['@una'] });
  await say(pia, id, ['hello']);
  await una.open('Pia');
  /** As where the window is gone before the database is done: what it is told about a draft comes to nothing. */
  const loseDrafts = (): Promise<void> =>
    una.page.evaluate(() => {
      const { put, delete: remove } = IDBObjectStore.prototype;
      const isDraft = (key: unknown): boolean => Array.isArray(key) && key[0] === 'draft';
      IDBObjectStore.prototype.put = function (value, key) {
        return isDraft(key) ? put.call(this, 'lost', ['lost']) : put.call(this, value, key);
      };
      IDBObjectStore.prototype.delete = function (key) {
        return remove.call(this, isDraft(key) ? ['lost'] : key);
      };
    });
  await loseDrafts();
  await una.composer().fill('half a sen');
  await una.page.reload();
  await expect.poll(() => una.composer().inputValue()).toBe('half a sen');
  // And again, with nothing changed since.
  await loseDrafts();
  await una.page.reload();
  await expect.poll(() => una.composer().inputValue()).toBe('half a sen');

  await loseDrafts();
  await una.composer().fill('a whole sentence');
  await una.page.keyboard.press('Enter');
  await una.ticks('a whole sentence', 'Sent');
  await una.page.reload();
  await una.message('a whole sentence').waitFor();
  expect(await una.composer().inputValue()).toBe('');
});

test('the keyboard goes from message to message, reacts, edits and deletes', async () => {
  const rob = await person();
  await rob.register('rob', 'Rob', 'password of rob');
  const sue = await actor('sue', 'Sue');
  const { id } = await sue.createConversation({ kind: 'direct', members: ['@rob'] });
  await say(sue, id, ['one', 'two']);
  await rob.open('Sue');
  await rob.say('three');
  await rob.ticks('three', 'Sent');
  const { keyboard } = rob.page;
  const focused = (): Promise<string> =>
    rob.page.evaluate(() => document.activeElement?.querySelector('.text')?.textContent ?? '');

  await rob.message('three').focus();
  await keyboard.press('ArrowUp');
  await expect.poll(focused).toBe('two');
  await keyboard.press('Home');
  await expect.poll(focused).toBe('one');
  await keyboard.press('ArrowDown');
  await expect.poll(focused).toBe('two');
  // The focus stays with its message when others come.
  await say(sue, id, ['four']);
  await rob.message('four').waitFor();
  expect(await focused()).toBe('two');

  await keyboard.press('Enter');
  const menu = rob.page.getByRole('menu');
  await menu.waitFor();
  expect(await menu.getByRole('menuitem', { name: 'Edit' }).count()).toBe(0);
  await menu.getByRole('menuitem', { name: 'React with 👍' }).press('Enter');
  await rob.message('two').getByRole('button', { name: '👍 by You' }).waitFor();
  await menu.waitFor({ state: 'detached' });
  expect(await focused()).toBe('two');

  await rob.message('three').focus();
  await keyboard.press('e');
  const field = rob.page.getByLabel('Message', { exact: true });
  await expect.poll(() => field.inputValue()).toBe('three');
  await field.fill('three, changed');
  await keyboard.press('Enter');
  await rob.message('three, changed').getByText('edited').waitFor();
  await rob.message('three, changed').focus();
  await keyboard.press('Delete');
  await rob.page.getByRole('dialog').getByRole('button', { name: 'Delete for everyone' }).click();
  await rob.message('This message was deleted').waitFor();
});

test('only what is new is announced', async () => {
  const tim = await person();
  await tim.register('tim', 'Tim', 'password of tim');
  const una = await actor('una2', 'Una');
  const { id } = await una.createConversation({ kind: 'direct', members: ['@tim'] });
  await say(una, id, numbered(60));
  await tim.open('Una');
  await tim.page.getByRole('button', { name: 'To the latest messages' }).click();
  await tim.message('line 60').waitFor();
  const said = tim.page.getByRole('log');
  await tim.page.locator('.scroller').evaluate((one) => one.scrollBy(0, -1_500));
  await tim.message('line 30').waitFor();
  expect(await said.textContent()).toBe('');
  await say(una, id, ['this is new']);
  await expect.poll(() => said.textContent()).toBe('Una: this is new');
  // The reader stays where they are, and is told how many are below.
  await tim.page.getByRole('button', { name: 'To the latest messages, 1 new one' }).click();
  await tim.message('this is new').waitFor();
});

test('P6: in a narrow window the info covers the conversation, and what comes meanwhile is not read', async () => {
  const [xena, yuri] = [
    await person(await stage.context({ viewport: { width: 900, height: 700 } })),
    await person(),
  ];
  await xena.register('xena', 'Xena', 'password of xena');
  await yuri.register('yuri', 'Yuri', 'password of yuri');
  await yuri.begin('xena');
  await yuri.say('seen');
  await xena.open('Yuri');
  await yuri.ticks('seen', 'Read');
  await xena.page.getByRole('link', { name: 'Yuri: show details' }).click();
  const info = xena.page.getByRole('complementary', { name: 'Info' });
  await info.getByText('@yuri').waitFor();
  await yuri.say('not seen');
  await yuri.ticks('not seen', 'Delivered');
  await xena.row('Yuri').getByText('1 unread message').waitFor();
  // In a wide one both are there.
  await xena.page.setViewportSize({ width: 1300, height: 700 });
  await yuri.ticks('not seen', 'Read');
});

test('P1 P3: what the service refuses can be tried again or discarded', async () => {
  const val = await person();
  await val.register('val', 'Val', 'password of val');
  const wim = await actor('wim', 'Wim');
  const { id } = await wim.createConversation({ kind: 'group', members: ['@val'], title: 'A group' });
  await say(wim, id, ['welcome']);
  await val.open('A group');
  await val.message('welcome').waitFor();
  const user = (await wim.findUser('val'))?.id ?? '';
  await val.page.context().setOffline(true);
  await stage.service.down();
  await val.say('too late');
  await val.message('too late').getByRole('img', { name: 'Waiting for the connection' }).waitFor();
  await stage.service.up();
  await wim.api('DELETE', `/conversations/${id}/members/${user}`);
  await val.page.context().setOffline(false);
  await val.page.getByText('You are not a member of this conversation any more.').waitFor();
  await val.message('too late').getByRole('alert').filter({ hasText: 'Not sent.' }).waitFor();
  await wim.api('PUT', `/conversations/${id}/members/${user}`, {});
  await val.page.getByLabel('Message', { exact: true }).waitFor();
  await val.message('too late').getByRole('button', { name: 'Try again' }).click();
  await val.ticks('too late', 'Sent');
});
