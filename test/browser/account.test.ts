import { expect, test } from 'vitest';
import { createAccount } from '../../client/index.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const { context, person } = stage;

const browserStorage = (): string[] => Object.keys(localStorage).sort();

test('what is wrong with a new account is said at the field it belongs to', async () => {
  const [una, vic] = [await person(), await person()];
  await una.register('una', 'Una', 'password of una');
  await vic.visit();
  await vic.button('Create account').first().click();
  const handle = vic.page.getByLabel('Handle');
  const password = vic.page.getByLabel('Password');
  const submit = vic.page.locator('button[type=submit]');
  const said = async (field: typeof handle): Promise<string | null> =>
    vic.page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).textContent();

  await handle.fill('Ü');
  await password.fill('short');
  await submit.click();
  await expect.poll(() => said(handle)).toContain('A handle has 3 to 32');
  expect(await said(password)).toContain('at least 8');
  expect(await handle.evaluate((input) => input === document.activeElement)).toBe(true);

  await handle.fill('@UNA');
  await password.fill('long enough');
  await submit.click();
  await expect.poll(() => said(handle)).toContain('This handle is taken');
  expect(await handle.getAttribute('aria-invalid')).toBe('true');
  expect(await password.getAttribute('aria-invalid')).toBe('false');

  await vic.page.context().setOffline(true);
  await handle.fill('vic');
  await submit.click();
  await vic.page.getByRole('alert').filter({ hasText: 'can’t be reached' }).waitFor();
  await vic.page.context().setOffline(false);
  await submit.click();
  await vic.button('New conversation').waitFor();
  await vic.page.getByText('No conversations yet').waitFor();
});

test('a name that was changed is seen in all windows and after a reload', async () => {
  const shared = await context();
  const [wes, second] = [await person(shared), await person(shared)];
  await wes.register('wes', 'Wes', 'password of wes');
  await second.visit();
  await second.settings('profile');
  await wes.settings('profile');
  await wes.page.getByLabel('Name').fill('Wesley');
  await wes.page.getByLabel('About').fill('here since today');
  await wes.button('Save').click();
  await wes.page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  await second.page.getByRole('navigation').getByText('Wesley', { exact: true }).waitFor();
  await wes.page.reload();
  expect(await wes.page.getByLabel('About').inputValue()).toBe('here since today');
});

test('a removed device is logged out at once, and told so', async () => {
  const [xia, lost] = [await person(), await person()];
  await xia.register('xia', 'Xia', 'password of xia');
  await lost.visit();
  await lost.logIn('xia', 'password of xia');
  await lost.button('New conversation').waitFor();
  await xia.settings('devices');
  await xia.page.getByText('This device').waitFor();
  const others = xia.page.getByRole('button', { name: /^Remove / });
  expect(await others.count()).toBe(1);
  await others.click();
  await xia.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await others.waitFor({ state: 'detached' });
  await lost.page.getByRole('status').filter({ hasText: 'You have been signed out' }).waitFor();
  expect(await lost.page.evaluate(browserStorage)).not.toContain('parley.session');
});

test('a session that was ended while nobody looked: who opens the app is told so, and finds what they wrote', async () => {
  const gus = await person();
  await gus.register('gus', 'Gus', 'password of gus');
  const hal = createAccount({ url: stage.service.url });
  await hal.register({ handle: 'hal', password: 'password of hal' });
  await gus.begin('hal');
  await gus.composer().fill('not sent yet');
  const chat = gus.page.url();
  await gus.page.goto('about:blank');
  const elsewhere = createAccount({ url: stage.service.url });
  const { accessToken } = await elsewhere.login({ handle: 'gus', password: 'password of gus' });
  const headers = { authorization: `Bearer ${accessToken}` };
  const devices: { readonly id: string; readonly current: boolean }[] = await (
    await fetch(`${stage.service.url}/v1/devices`, { headers })
  ).json();
  for (const { id, current } of devices)
    if (!current) await fetch(`${stage.service.url}/v1/devices/${id}`, { method: 'DELETE', headers });
  // Its token has run out meanwhile, so that a new one is asked for, and refused.
  await gus.page.context().addInitScript(() => {
    const kept = JSON.parse(localStorage.getItem('parley.session') ?? 'null');
    if (kept) localStorage.setItem('parley.session', JSON.stringify({ ...kept, localExpiry: 0 }));
  });
  await gus.page.goto(chat);
  await gus.page.getByRole('status').filter({ hasText: 'You have been signed out' }).waitFor();
  await gus.logIn('gus', 'password of gus');
  await expect.poll(() => gus.composer().inputValue()).toBe('not sent yet');
});

test('P9: refreshes whose answers get lost, a reload in the middle, two windows at once: nobody is signed out', async () => {
  const shared = await context();
  const [ivy, second] = [await person(shared), await person(shared)];
  await ivy.register('ivy', 'Ivy', 'password of ivy');
  // From now on every token has run out when a page is opened.
  await shared.addInitScript(() => {
    const kept = JSON.parse(localStorage.getItem('parley.session') ?? 'null');
    if (kept) localStorage.setItem('parley.session', JSON.stringify({ ...kept, localExpiry: 0 }));
  });
  const attempts: unknown[] = [];
  await shared.route('**/v1/auth/refresh', async (route) => {
    attempts.push(route.request().postDataJSON().attempt);
    if (attempts.length > 3) return route.continue();
    // The service rotates the token, and the page never hears of it.
    await route.fetch();
    await route.abort();
  });
  await ivy.page.reload();
  await expect.poll(() => attempts.length, { timeout: 30_000 }).toBeGreaterThan(1);
  await Promise.all([ivy.page.reload(), second.visit()]);
  await Promise.all([ivy, second].map((one) => one.button('New conversation').waitFor()));
  await expect.poll(() => attempts.length, { timeout: 30_000 }).toBeGreaterThan(3);
  expect(new Set(attempts.slice(0, 4)).size).toBe(1);
  // Both speak for the one device there is.
  for (const one of [ivy, second]) {
    await one.settings('devices');
    await one.page.getByText('This device').waitFor();
    expect(await one.page.getByRole('button', { name: /^Remove / }).count()).toBe(0);
  }
});

test('P7: blocked people are listed, and can be let in again', async () => {
  const [yan, zed] = [await person(), await person()];
  await zed.register('zed', 'Zed', 'password of zed');
  await yan.register('yan', 'Yan', 'password of yan');
  const account = createAccount({ url: stage.service.url });
  const { accessToken } = await account.login({ handle: 'yan', password: 'password of yan' });
  const headers = { authorization: `Bearer ${accessToken}` };
  const [other] = (await (await fetch(`${stage.service.url}/v1/users?handle=zed`, { headers })).json()) as {
    id: string;
  }[];
  const blocked = await fetch(`${stage.service.url}/v1/users/me/blocks/${other!.id}`, {
    method: 'PUT',
    headers,
  });
  expect(blocked.status).toBe(204);

  await yan.settings('privacy');
  await yan.button('Unblock Zed').click();
  await yan.page.getByText('You have blocked nobody.').waitFor();
  await yan.page.getByLabel('Nobody').check();
  await yan.page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
  await yan.page.reload();
  await expect.poll(() => yan.page.getByLabel('Nobody').isChecked()).toBe(true);
  await yan.page.getByText('You have blocked nobody.').waitFor();
});

test('theme and language are chosen, stay through a reload, and turn the layout over', async () => {
  const abe = await person();
  await abe.register('abe', 'Abe', 'password of abe');
  await abe.settings('appearance');
  const root = abe.page.locator('html');
  const ground = (): Promise<string> =>
    abe.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await abe.page.getByLabel('Dark').check();
  await expect.poll(ground).not.toBe(light);
  await abe.page.getByLabel('العربية').check();
  await abe.page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
  await abe.page.reload();
  await abe.page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
  expect(await root.getAttribute('dir')).toBe('rtl');
  expect(await root.getAttribute('lang')).toBe('ar');
  expect(await ground()).not.toBe(light);
  const [list, main] = [abe.page.getByRole('navigation'), abe.page.getByRole('main')];
  const left = async (of: typeof list): Promise<number> => (await of.boundingBox())?.x ?? Number.NaN;
  expect(await left(list)).toBeGreaterThan(await left(main));
  await abe.page.getByLabel('English').check();
  await abe.page.getByRole('heading', { name: 'Settings' }).waitFor();
  await expect.poll(async () => (await left(list)) < (await left(main))).toBe(true);
});

test('the language of the system is taken where none was chosen', async () => {
  const salma = await person(await context({ locale: 'ar-EG' }));
  await salma.visit();
  await salma.page.getByRole('button', { name: 'إنشاء حساب' }).waitFor();
  expect(await salma.page.locator('html').getAttribute('dir')).toBe('rtl');
});

test('who logs out leaves nothing behind, in any window', async () => {
  const shared = await context();
  const [bea, second] = [await person(shared), await person(shared)];
  await bea.register('bea', 'Bea', 'password of bea');
  await second.visit();
  await second.button('New conversation').waitFor();
  await bea.settings('appearance');
  await bea.page.getByLabel('Dark').check();
  await bea.page.getByRole('link', { name: 'Back to the list' }).click();
  await bea.logOut();
  await second.page.getByLabel('Password').waitFor();
  await expect.poll(() => bea.page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  // How the browser looks is not the person's.
  expect(await bea.page.evaluate(browserStorage)).toEqual(['parley.theme']);
  expect(new URL(bea.page.url()).pathname).toBe('/');
});

test('works with the keyboard alone, at 320 pixels and with text of twice the size', async () => {
  const narrow = await context({ viewport: { width: 320, height: 600 } });
  const cat = await person(narrow);
  await cat.register('cat', 'Cat', 'password of cat');
  const { page } = cat;
  const overflow = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.getByRole('button', { name: 'New conversation' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'New conversation',
  );
  for (const place of ['profile', 'appearance', 'privacy', 'devices']) {
    await cat.settings(place);
    expect(await overflow(), place).toBeLessThanOrEqual(0);
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    expect(await overflow(), `${place}, large text`).toBeLessThanOrEqual(0);
  }
  await page.reload();
  await page.getByRole('main').waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the main content');
});
