import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from './person.ts';
import { setStage } from './stage.ts';

const stage = setStage({ authRate: 1000, frameRate: 5000, frameBurst: 5000 });

const PASSWORD = 'a long password';

async function people(...names: readonly string[]): Promise<Person[]> {
  return Promise.all(
    names.map(async (name) => {
      const person = await stage.person();
      await person.register(name.toLowerCase(), name, PASSWORD);
      return person;
    }),
  );
}

/** Begins a direct conversation and comes back to the list. */
async function know(person: Person, handle: string, name: string): Promise<void> {
  await person.begin(`@${handle}`);
  await person.page.getByRole('main').getByText(name, { exact: true }).first().waitFor();
  await person.page.keyboard.press('Escape');
}

/** Titles of the list, from top to bottom. */
const titles = (page: Page): Promise<string[]> =>
  page
    .locator('nav li > a')
    .evaluateAll((rows) => rows.map((row) => row.querySelector('bdi')?.textContent ?? ''));

/** The row with this title, whoever its last line names. */
const rowOf = ({ page }: Person, title: string) =>
  page.getByRole('navigation').getByRole('link', { name: new RegExp(`^${title} `) });

async function choose(person: Person, title: string, action: string): Promise<void> {
  await rowOf(person, title).click({ button: 'right' });
  await person.page.getByRole('menuitem', { name: action, exact: true }).click();
}

test('pin, mute, archive and unread in one browser are so in another of the same person', async () => {
  const [ann] = await people('Ann', 'Ben', 'Cleo', 'Dora');
  if (!ann) throw new Error('nobody came');
  for (const [handle, name] of [
    ['ben', 'Ben'],
    ['cleo', 'Cleo'],
    ['dora', 'Dora'],
  ] as const)
    await know(ann, handle, name);
  const second = await stage.person();
  await second.visit();
  await second.logIn('ann', PASSWORD);
  await second.row('Dora').waitFor();
  await expect.poll(() => titles(second.page)).toEqual(['Dora', 'Cleo', 'Ben']);

  await choose(ann, 'Ben', 'Pin');
  await second.row('Ben').getByText('Pinned').waitFor();
  for (const { page } of [second, ann])
    await expect.poll(() => titles(page)).toEqual(['Ben', 'Dora', 'Cleo']);

  await choose(ann, 'Dora', 'Mute always');
  await second.row('Dora').getByText('Muted').waitFor();
  await choose(second, 'Dora', 'Unmute');
  await ann.row('Dora').getByText('Muted').waitFor({ state: 'detached' });

  await choose(ann, 'Cleo', 'Mark as unread');
  await second.row('Cleo').getByText('Marked as unread').waitFor();
  await expect.poll(() => second.page.title()).toBe('(1) Parley');
  // Opening it takes the mark off, everywhere.
  await second.open('Cleo');
  await ann.row('Cleo').getByText('Marked as unread').waitFor({ state: 'detached' });

  await choose(ann, 'Dora', 'Archive');
  await second.row('Dora').waitFor({ state: 'detached' });
  await second.page.getByRole('button', { name: 'Archived' }).click();
  await choose(second, 'Dora', 'Take out of the archive');
  await second.page.getByText('Nothing is archived').waitFor();
  await second.button('Back to the list').click();
  await ann.row('Dora').waitFor();
});

test('a change the service does not take is taken back and said', async () => {
  const [fay] = await people('Fay', 'Gil');
  if (!fay) throw new Error('nobody came');
  await know(fay, 'gil', 'Gil');
  await fay.page.route('**/prefs', (route) => route.abort());
  await choose(fay, 'Gil', 'Pin');
  await fay.page.getByText('The service can’t be reached.').waitFor();
  await fay.row('Gil').getByText('Pinned').waitFor({ state: 'detached' });
});

test('with the keyboard alone: a chat, a group, the list, its menu, the switcher, and back', async () => {
  const [hugo] = await people('Hugo', 'Ines', 'Jack');
  if (!hugo) throw new Error('nobody came');
  const { page } = hugo;
  const { keyboard } = page;
  const focused = (name: string | RegExp) => page.locator(':focus').and(page.getByRole('link', { name }));

  // A chat, by a handle that somebody has, after one that nobody has.
  await hugo.button('New conversation').focus();
  await keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'With whom?' }).and(page.locator(':focus')).waitFor();
  await keyboard.type('@nobody.here');
  await page.getByRole('alert').filter({ hasText: 'Nobody has the handle @nobody.here.' }).waitFor();
  await keyboard.press('Control+a');
  await keyboard.type('ines');
  await page.getByRole('option', { name: 'Ines' }).waitFor();
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('main').getByText('Ines', { exact: true }).first().waitFor();
  await keyboard.press('Escape');
  await focused(/Ines/).waitFor();

  // A group.
  await hugo.button('New conversation').focus();
  await keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'With whom?' }).and(page.locator(':focus')).waitFor();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await page.getByLabel('Title of the group').and(page.locator(':focus')).waitFor();
  await keyboard.type('Rowing');
  await keyboard.press('Tab');
  await keyboard.type('ines,jac,jack,');
  await page.getByText('nobody has this handle').waitFor();
  await page.getByRole('button', { name: 'Take Jack out' }).waitFor();
  await keyboard.press('Shift+Tab');
  await keyboard.press('Shift+Tab');
  await page.getByRole('button', { name: 'Take @jac out' }).and(page.locator(':focus')).waitFor();
  await keyboard.press('Enter');
  await page.getByRole('button', { name: 'Create group of 3' }).focus();
  await keyboard.press('Enter');
  await page.getByRole('main').getByText('Rowing', { exact: true }).first().waitFor();
  await keyboard.press('Escape');

  // The list: arrows, its menu, and up into the filter.
  await focused(/Rowing/).waitFor();
  await keyboard.press('ArrowDown');
  await focused(/Ines/).waitFor();
  await keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Pin' }).and(page.locator(':focus')).waitFor();
  await keyboard.press('Enter');
  await hugo.row('Ines').getByText('Pinned').waitFor();
  await keyboard.press('Home');
  await focused(/Ines/).waitFor();
  await keyboard.press('ArrowUp');
  await page.getByRole('textbox', { name: 'Search chats' }).and(page.locator(':focus')).waitFor();
  await keyboard.type('row');
  await hugo.row('Ines').waitFor({ state: 'detached' });
  await keyboard.press('Enter');
  await page.waitForURL(/\/c\//);
  const rowing = page.url();
  await page.getByRole('textbox', { name: 'Search chats' }).press('Escape');
  await hugo.row('Ines').waitFor();

  // The switcher, from wherever the focus is.
  await keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Title, name or @handle' }).and(page.locator(':focus')).waitFor();
  await keyboard.type('@ine');
  await page.getByRole('option', { name: 'Ines' }).waitFor();
  await keyboard.press('Enter');
  await page.waitForURL((url) => /\/c\//.test(url.href) && url.href !== rowing);
  await keyboard.press('Control+k');
  await page.getByRole('option').nth(1).waitFor();
  await keyboard.press('ArrowDown');
  const chosen = page.locator('[role=option][aria-selected=true]');
  await expect.poll(() => chosen.textContent()).toContain('Ines');
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  await page.waitForURL(rowing);
});

test('a group: members come, get a role, go, and leave; its title changes for all', async () => {
  const [kit, liv, moe] = await people('Kit', 'Liv', 'Moe');
  if (!kit || !liv || !moe) throw new Error('nobody came');
  await kit.begin('liv', 'Sailing');
  await liv.row('Sailing').click();
  await liv.page.waitForURL(/\/c\//);
  await kit.page.goto(`${kit.page.url()}/info`);
  const info = kit.page.getByRole('complementary', { name: 'Info' });
  await info.getByText('2 members').first().waitFor();

  await info.getByRole('button', { name: 'Change the title' }).click();
  await info.getByLabel('Title of the group').fill('Sailing in June');
  await kit.page.keyboard.press('Enter');
  await liv.row('Sailing in June').waitFor();
  // Only owners and admins find this.
  await liv.page.goto(`${liv.page.url()}/info`);
  const other = liv.page.getByRole('complementary', { name: 'Info' });
  await other.getByText('@kit').waitFor();
  expect(await other.getByRole('button', { name: 'Add members' }).count()).toBe(0);
  expect(await other.getByRole('button', { name: 'Change the title' }).count()).toBe(0);

  await info.getByRole('button', { name: 'Add members' }).click();
  const dialog = kit.page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('moe,');
  await dialog.getByRole('button', { name: 'Take Moe out' }).waitFor();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await moe.row('Sailing in June').waitFor();
  await info.getByText('3 members').first().waitFor();

  await info.getByRole('button', { name: 'Actions for Liv' }).click();
  await kit.page.getByRole('menuitem', { name: 'Make admin' }).click();
  await info.getByRole('listitem').filter({ hasText: 'Liv' }).getByText('admin').waitFor();
  await other.getByRole('button', { name: 'Add members' }).waitFor();

  // An admin removes a member, and not the owner.
  await other.getByRole('button', { name: 'Actions for Kit' }).click();
  await liv.page.getByRole('menuitem', { name: 'Message Kit' }).waitFor();
  expect(await liv.page.getByRole('menuitem', { name: 'Remove from the group' }).count()).toBe(0);
  await liv.page.keyboard.press('Escape');
  await other.getByRole('button', { name: 'Actions for Moe' }).click();
  await liv.page.getByRole('menuitem', { name: 'Remove from the group' }).click();
  await liv.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await moe.row('Sailing in June').waitFor({ state: 'detached' });

  await other.getByRole('button', { name: 'Leave the group' }).click();
  await liv.page.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
  await liv.page.getByText('No conversations yet').waitFor();
  await liv.page.waitForURL((url) => url.pathname === '/');
  await info.getByText('1 member', { exact: true }).first().waitFor();
});

test('P7: somebody is blocked from the info, and unblocked', async () => {
  const [nan, oli] = await people('Nan', 'Oli');
  if (!nan || !oli) throw new Error('nobody came');
  await nan.begin('oli');
  await nan.say('Hello');
  await oli.open('Nan');
  await nan.page.goto(`${nan.page.url()}/info`);
  const info = nan.page.getByRole('complementary', { name: 'Info' });
  await info.getByRole('button', { name: 'Block Oli' }).click();
  await nan.page.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await info.getByText('They can’t reach you.').waitFor();
  await oli.say('This goes nowhere');
  await oli.ticks('This goes nowhere', 'Sent');
  await info.getByRole('button', { name: 'Unblock Oli' }).click();
  await info.getByRole('button', { name: 'Block Oli' }).waitFor();
  await oli.say('This arrives');
  await nan.message('This arrives').waitFor();
  expect(await nan.message('This goes nowhere').count()).toBe(0);
});

test('of hundreds of conversations only those near the window are in the document, and keys reach all', async () => {
  const [rob] = await people('Rob');
  if (!rob) throw new Error('nobody came');
  const { page } = rob;
  await page.evaluate(async () => {
    const { session } = JSON.parse(localStorage.getItem('parley.session') ?? '{}');
    for (let i = 1; i <= 120; i++) {
      const body = JSON.stringify({ kind: 'group', members: [], title: `Group ${i}` });
      const headers = { authorization: `Bearer ${session.accessToken}`, 'content-type': 'application/json' };
      const { ok, status } = await fetch('/v1/conversations', { method: 'POST', headers, body });
      if (!ok) throw new Error(`answered ${status}`);
    }
  });
  await page.reload();
  const row = (i: number) =>
    page.locator('nav li').filter({ has: page.getByRole('link', { name: new RegExp(`^Group ${i}\\b`) }) });
  await row(120).waitFor();
  await page.locator('nav li[aria-setsize="120"]').first().waitFor();
  expect(await page.locator('nav li').count()).toBeLessThan(40);
  await page.getByRole('textbox', { name: 'Search chats' }).press('ArrowDown');
  await row(120).locator('a:focus').waitFor();
  await page.keyboard.press('End');
  await row(1).locator('a:focus').waitFor();
  expect(await row(1).getAttribute('aria-posinset')).toBe('120');
  expect(await page.locator('nav li').count()).toBeLessThan(40);
  await page.keyboard.press('ArrowUp');
  await row(2).locator('a:focus').waitFor();
  await page.getByRole('textbox', { name: 'Search chats' }).fill('group 11');
  await row(117).waitFor();
  await expect.poll(() => page.locator('nav li').first().getAttribute('aria-setsize')).toBe('11');
});
