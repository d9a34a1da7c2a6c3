import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { OtherVersion } from './other-version.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const { person } = stage;

/** Waits until a service worker answers for this page. */
const controlled = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

test('P9: the app opens without the service, and nothing that people said is in a cache', async () => {
  const dan = await person();
  await dan.register('dan', 'Dan', 'password of dan');
  await dan.settings('devices');
  await dan.page.getByText('This device').waitFor();
  await controlled(dan.page);
  const cached = await dan.page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(cached).toContain('/');
  expect(cached.filter((path) => path.startsWith('/assets/')).length).toBeGreaterThan(1);
  expect(cached.filter((path) => path.startsWith('/v1'))).toEqual([]);

  await stage.service.down();
  try {
    await dan.page.goto(`${stage.service.url}/settings/appearance`);
    await dan.page.getByRole('heading', { name: 'Appearance' }).waitFor();
    await dan.page.getByLabel('العربية').check();
    await dan.page.getByRole('heading', { name: 'الإعدادات' }).waitFor();
    await dan.page.getByRole('button', { name: 'حاول الآن' }).waitFor();
    // What can't be had is said in its place.
    await dan.page.goto(`${stage.service.url}/settings/devices`);
    await dan.page.getByRole('alert').filter({ hasText: 'تعذّر الوصول إلى الخدمة' }).waitFor();
  } finally {
    await stage.service.up();
  }
  await dan.page.getByRole('button', { name: 'أعد المحاولة' }).click();
  await dan.page.getByText('هذا الجهاز').waitFor();
});

test('a new version waits until the person wants it', async () => {
  const proxy = await OtherVersion.before(stage.service.url);
  try {
    const eli = await person();
    const { page } = eli;
    await page.goto(proxy.url);
    await controlled(page);
    proxy.deploy();
    await page.reload();
    const prompt = page.getByRole('status').filter({ hasText: 'A new version of Parley is there.' });
    await prompt.waitFor();
    const version = (): Promise<string | null> => page.locator('html').getAttribute('data-deployed');
    // However often the page is loaded: it stays the one it was.
    await page.reload();
    await prompt.waitFor();
    expect(await version()).toBe(null);

    await prompt.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(version).toBe('second');
    await page.getByLabel('Password').waitFor();
    expect(await prompt.count()).toBe(0);
    expect((await page.evaluate(() => caches.keys())).length).toBe(1);
  } finally {
    proxy.close();
  }
});

test('the app can be installed', async () => {
  const fay = await person();
  await fay.visit();
  const manifest = await fay.page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
    const answer = await fetch(link?.href ?? '');
    const { icons, ...rest } = await answer.json();
    const sizes = await Promise.all(
      icons.map(async (icon: { src: string; sizes: string }) => {
        const image = new Image();
        image.src = icon.src;
        await image.decode();
        return [icon.sizes, `${image.naturalWidth}x${image.naturalHeight}`];
      }),
    );
    return { ...rest, sizes };
  });
  expect(manifest).toMatchObject({ name: 'Parley', display: 'standalone', start_url: '/' });
  const pictures = manifest.sizes.filter(([said]: [string]) => said !== 'any');
  expect(pictures.map(([said]: [string]) => said)).toEqual(['192x192', '512x512', '512x512']);
  for (const [said, real] of pictures) expect(real).toBe(said);
});
