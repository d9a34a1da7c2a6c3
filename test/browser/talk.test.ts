import { expect, test } from 'vitest';
import { setStage } from './stage.ts';

const stage = setStage();
const { context, person } = stage;

test('P1 P6: two people in two browsers, from signing up to read ticks, and what can be done with a message', async () => {
  const [ada, bob] = [await person(), await person()];
  await bob.register('bob', 'Bob Byron', 'a long password');
  await ada.register('ada', 'Ada Lovelace', 'a long password');
  await ada.begin('@bob');
  await ada.page.getByRole('heading', { name: 'Bob Byron' }).waitFor();
  await ada.say('Hello Bob!');
  await ada.say('Are you there?');
  await ada.ticks('Are you there?', 'Delivered');
  await bob.row('Ada Lovelace').getByText('2 unread messages').waitFor();
  expect(await bob.row('Ada Lovelace').textContent()).toContain('Are you there?');
  await expect.poll(() => bob.page.title()).toMatch(/^\(\d\) Parley$/);

  // Above what is new stands a line, until the conversation is opened another time.
  await bob.open('Ada Lovelace');
  await bob.messages().getByText('New messages', { exact: true }).waitFor();
  const rows = await bob.messages().getByRole('listitem').allTextContents();
  expect(rows.findIndex((row) => row.includes('New messages'))).toBe(
    rows.findIndex((row) => row.includes('Hello Bob!')),
  );
  await ada.ticks('Hello Bob!', 'Read');
  await ada.ticks('Are you there?', 'Read');
  await bob
    .row('Ada Lovelace')
    .getByText(/unread/)
    .waitFor({ state: 'detached' });
  await expect.poll(() => bob.page.title()).toBe('Parley');

  await bob.menu('Hello Bob!', 'Reply');
  await bob.page
    .getByRole('region', { name: 'You are answering a message' })
    .getByText('Hello Bob!')
    .waitFor();
  await bob.say('Good morning.');
  const quote = ada.message('Good morning.').getByRole('button', { name: 'Go to the message this answers' });
  await expect.poll(() => quote.textContent()).toContain('Hello Bob!');
  await bob.ticks('Good morning.', 'Read');

  await bob.menu('Are you there?', 'React with 👍');
  await ada.message('Are you there?').getByRole('button', { name: '👍 by Bob Byron' }).click();
  const both = bob.message('Are you there?').getByRole('button', { name: /^👍 (2 )?by / });
  await expect.poll(() => both.getAttribute('aria-label')).toMatch(/You.*Ada Lovelace|Ada Lovelace.*You/);
  expect(await both.getAttribute('aria-pressed')).toBe('true');
  await both.click();
  await bob.message('Are you there?').getByRole('button', { name: '👍 by Ada Lovelace' }).waitFor();
  expect(await both.getAttribute('aria-pressed')).toBe('false');

  await ada.menu('Hello Bob!', 'Edit');
  await ada.page.getByRole('region', { name: 'You are changing a message' }).waitFor();
  await expect.poll(() => ada.composer().inputValue()).toBe('Hello Bob!');
  await ada.say('Hello Robert!');
  for (const one of [ada, bob]) await one.message('Hello Robert!').getByText('edited').waitFor();
  expect(await ada.composer().inputValue()).toBe('');
  await expect.poll(() => quote.textContent()).toContain('Hello Robert!');

  await ada.menu('Are you there?', 'Delete for everyone');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Delete for everyone' }).click();
  for (const one of [ada, bob])
    await expect
      .poll(() => one.texts())
      .toEqual(['Hello Robert!', 'This message was deleted', 'Good morning.']);
  // After a reload it is the same, and there is no line before what is new.
  await bob.page.reload();
  await expect
    .poll(() => bob.texts())
    .toEqual(['Hello Robert!', 'This message was deleted', 'Good morning.']);
  expect(await bob.messages().getByText('New messages', { exact: true }).count()).toBe(0);
});

test('the keyboard alone leads from logging in to a message that was sent', async () => {
  const [cleo, dan] = [await person(), await person()];
  await dan.register('dan', 'Dan', 'a long password');
  await cleo.register('cleo', 'Cleo', 'a long password');
  await cleo.logOut();
  const eve = await person(await context());
  const { page } = eve;
  const { keyboard } = page;
  await eve.visit();
  await page.getByLabel('Password').waitFor();
  await eve.tabTo(page.getByLabel('Handle'));
  await keyboard.type('cleo');
  await keyboard.press('Tab');
  await keyboard.type('a long password');
  await keyboard.press('Enter');
  await page.getByText('No conversations yet').waitFor();
  await eve.tabTo(eve.button('New conversation'));
  await keyboard.press('Enter');
  await page.getByRole('dialog').locator('input:focus').waitFor();
  await keyboard.type('@dan');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Dan' }).waitFor();
  await eve.tabTo(eve.composer());
  await keyboard.type('no mouse');
  await keyboard.press('Shift+Enter');
  await keyboard.type('was needed');
  await keyboard.press('Enter');
  await eve.ticks('no mouse', 'Delivered');
  expect(await eve.texts()).toEqual(['no mouse\nwas needed']);
  // And on, to an answer to it.
  await eve.tabTo(eve.message('no mouse'));
  await keyboard.press('r');
  await page.getByRole('region', { name: 'You are answering a message' }).waitFor();
  await keyboard.type('indeed');
  await keyboard.press('Enter');
  await eve.message('indeed').getByRole('button', { name: 'Go to the message this answers' }).waitFor();
  // What has the focus is seen.
  await eve.tabTo(eve.button('New conversation'));
  const outline = await page.locator(':focus').evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  expect(outline).toBe(true);
});
