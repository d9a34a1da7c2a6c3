import { expect, test } from 'vitest';
import { setStage } from './stage.ts';

const stage = setStage();
const { context, person } = stage;

test('P1 P6: two people talk, and ticks go from sent to delivered to read', async () => {
  const [ada, bob] = [await person(), await person()];
  await ada.visit();
  await ada.shot('1-login');
  await bob.register('bob', 'Bob Byron', 'correct horse');
  await ada.register('ada', 'Ada Lovelace', 'battery staple');
  await ada.begin('@bob');
  await ada.page.getByRole('heading', { name: 'Bob Byron' }).waitFor();

  // He is there, but looks at nothing: delivered, not read.
  await ada.say('Hello Bob!');
  await ada.ticks('Hello Bob!', 'Delivered');
  await bob.row('Ada Lovelace').getByText('1 unread message').waitFor();
  expect(await bob.row('Ada Lovelace').textContent()).toContain('Hello Bob!');
  await expect.poll(() => bob.page.title()).toBe('(1) Parley');

  await bob.open('Ada Lovelace');
  await bob.message('Hello Bob!').waitFor();
  await ada.ticks('Hello Bob!', 'Read');
  await bob.page.getByText('1 unread message').waitFor({ state: 'detached' });

  await bob.say('Hello Ada, how are you?\nI have written\ntwo more lines.');
  await ada.message('how are you?').waitFor();
  await bob.ticks('how are you?', 'Read');
  await ada.say('Very well, thank you!');
  await ada.ticks('Very well', 'Read');
  await ada.shot('2-direct');
  await bob.shot('3-direct-other-side');

  // He is away: sent, and no more.
  await bob.page.goto('about:blank');
  await ada.say('Are you still there?');
  await ada.ticks('Are you still there?', 'Sent');
  await ada.shot('4-sent');
  await bob.visit();
  await ada.ticks('Are you still there?', 'Delivered');
  await bob.open('Ada Lovelace');
  await bob.message('Are you still there?').waitFor();
  await ada.ticks('Are you still there?', 'Read');
});

test('markup in a message and in a name is shown as it was written', async () => {
  const [eve, mal] = [await person(), await person()];
  const markup = '<img src=x onerror="alert(1)"> & <b>bold</b>';
  await mal.register('mal', '<i>Mal</i>', 'password of mal');
  await eve.register('eve', 'Eve', 'password of eve');
  await eve.begin('mal');
  await eve.page.getByRole('heading', { name: '<i>Mal</i>' }).waitFor();
  await eve.say(markup);
  await mal.open('Eve');
  await mal.message('onerror').waitFor();
  expect(await mal.message('onerror').locator('.text').textContent()).toBe(markup);
  expect(await mal.page.locator('.messages img, .messages b').count()).toBe(0);
});

test('P4: logging in again shows the history; a wrong password is said in words', async () => {
  const [gus, hal] = [await person(), await person()];
  await hal.register('hal', 'Hal', 'password of hal');
  await gus.register('gus', 'Gus', 'password of gus');
  await gus.begin('hal');
  await gus.page.getByRole('heading', { name: 'Hal' }).waitFor();
  for (let i = 1; i <= 70; i++) await gus.say(`line ${i} of many`);
  await gus.ticks('line 70 of many', 'Delivered');
  await gus.logOut();

  await gus.logIn('gus', 'something else');
  await gus.page.getByRole('alert').filter({ hasText: 'The handle or the password is wrong.' }).waitFor();
  await gus.shot('5-wrong-password');
  await gus.logIn('GUS', 'password of gus');
  await gus.open('Hal');
  await gus.message('line 70 of many').waitFor();
  await gus.ticks('line 70 of many', 'Delivered');
  expect(await gus.message('line 1 of many').count()).toBe(0);
  // Only what is near the screen is in the document: read it from the end to the beginning.
  const seen = new Set<string>();
  await expect
    .poll(async () => {
      for (const text of (await gus.page.locator('.message .text').allTextContents()).reverse())
        seen.add(text);
      await gus.page.locator('.scroller').evaluate((scroller) => scroller.scrollBy(0, -600));
      return seen.size;
    })
    .toBe(70);
  expect([...seen].sort()).toEqual(Array.from({ length: 70 }, (_, i) => `line ${i + 1} of many`).sort());
  await gus.page.getByText('The beginning of the conversation').waitFor();

  await gus.page.reload();
  await gus.message('line 70 of many').waitFor();

  await hal.begin('nobody.at.all');
  await hal.page.getByRole('alert').filter({ hasText: 'Nobody has the handle @nobody.at.all.' }).waitFor();
  await hal.shot('6-nobody');
});

test('P2 P4: a second browser of the same person', async () => {
  const [joe, kim] = [await person(), await person()];
  await kim.register('kim', 'Kim', 'password of kim');
  await joe.register('joe', 'Joe', 'password of joe');
  await joe.begin('kim');
  await joe.page.getByRole('heading', { name: 'Kim' }).waitFor();
  await joe.say('one browser each');
  await kim.open('Joe');
  await kim.message('one browser').waitFor();

  const second = await person();
  await second.visit();
  await second.logIn('joe', 'password of joe');
  await second.open('Kim');
  await second.message('one browser').waitFor();
  await joe.say('from the first browser');
  await second.message('from the first browser').waitFor();
  await second.ticks('from the first browser', 'Read');
  await second.say('from the second browser');
  await joe.message('from the second browser').waitFor();
  await joe.ticks('from the second browser', 'Read');
  const texts = ['one browser each', 'from the first browser', 'from the second browser'];
  for (const window of [joe, kim, second]) {
    expect(await window.page.locator('.message .text').allTextContents()).toEqual(texts);
  }
});

test('a group on a narrow, dark screen', async () => {
  const [lea, max] = [await person(), await person()];
  const narrow = await context({
    viewport: { width: 360, height: 720 },
    colorScheme: 'dark',
    hasTouch: true,
  });
  const nia = await person(narrow);
  await max.register('max', 'Max', 'password of max');
  await nia.register('nia', 'Nia', 'password of nia');
  await lea.register('lea', 'Lea', 'password of lea');
  await lea.begin('max, @nia', 'Weekend in the mountains');
  await lea.page.getByRole('heading', { name: 'Weekend in the mountains' }).waitFor();
  await lea.say('Who brings the map?');
  await max.open('Weekend');
  await max.message('Who brings the map?').waitFor();
  await max.say('I do. And the stove, the tent, and the long rope that we forgot the last time.');
  await nia.row('Weekend').getByText('the long rope').waitFor();
  await nia.shot('7-narrow-list');
  await lea.ticks('Who brings the map?', 'Delivered');
  await nia.open('Weekend');
  await nia.say('Then I bring the chocolate 🍫');
  await lea.message('chocolate').waitFor();
  await lea.ticks('Who brings the map?', 'Read');
  await nia.ticks('chocolate', 'Read');
  await nia.shot('8-narrow-group');
  await lea.shot('9-group');
  const overflow = await nia.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await nia.page.getByRole('link', { name: 'Back to the list' }).click();
  await nia.button('New conversation').waitFor();
});

test('a text that is too long is sent as several messages, or cut off', async () => {
  const [oda, pia] = [await person(), await person()];
  await pia.register('pia', 'Pia', 'password of pia');
  await oda.register('oda', 'Oda', 'password of oda');
  await oda.begin('pia');
  await oda.page.getByRole('heading', { name: 'Pia' }).waitFor();
  const field = oda.page.getByLabel('Message', { exact: true });
  const words = Array.from({ length: 6_000 }, (_, i) => `w${i}`);
  await oda.say(words.join(' '));
  // Enter sent nothing: what can be done is offered.
  await oda.button('Send as 3 messages').waitFor();
  expect(await field.inputValue()).toBe(words.join(' '));
  await oda.shot('10-too-long');
  await oda.button('Send as 3 messages').click();
  await oda.ticks('w5999', 'Delivered');
  const texts = await oda.page.locator('.message .text').allTextContents();
  expect(texts.length).toBe(3);
  expect(texts.join(' ').split(' ')).toEqual(words);

  await field.fill('ä'.repeat(9_000));
  await oda.button('Cut off the rest').click();
  expect(await field.inputValue()).toBe('ä'.repeat(8_192));
  await oda.page.getByText('0 bytes left').waitFor();
  await oda.page.keyboard.press('Enter');
  await oda.page.locator('.message').nth(3).getByRole('img', { name: 'Delivered' }).waitFor();
});

test('P1 P3 P4: through a restart of the service everything arrives, once and in order', async () => {
  const [ria, sam] = [await person(), await person()];
  await sam.register('sam', 'Sam', 'password of sam');
  await ria.register('ria', 'Ria', 'password of ria');
  await ria.begin('sam');
  await ria.page.getByRole('heading', { name: 'Sam' }).waitFor();
  await ria.say('before');
  await sam.open('Ria');
  await ria.ticks('before', 'Read');

  await stage.service.down();
  await ria.connection().filter({ hasText: 'Trying again' }).waitFor();
  const texts = ['written', 'while', 'nobody', 'was there'];
  for (const text of texts) await ria.say(text);
  await ria.message('was there').getByRole('img', { name: 'Waiting for the connection' }).waitFor();
  await ria.shot('11-no-connection');
  await stage.service.up();
  await ria.ticks('was there', 'Read');
  for (const window of [ria, sam]) {
    expect(await window.page.locator('.message .text').allTextContents()).toEqual(['before', ...texts]);
    await window.connection().filter({ hasText: /./ }).waitFor({ state: 'detached' });
  }
});
