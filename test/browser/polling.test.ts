import { expect, test } from 'vitest';
import { setStage } from './stage.ts';

const stage = setStage();

test('P1 P2 P6: where no socket gets through two people talk all the same; sockets come back', async () => {
  const { proxy, url } = await stage.proxy();
  const [olga, pete] = [await stage.person(undefined, url), await stage.person(undefined, url)];
  await pete.register('pete', 'Pete', 'a long password');
  await olga.register('olga', 'Olga', 'a long password');
  await olga.begin('@pete');
  await olga.page.getByRole('heading', { name: 'Pete' }).waitFor();
  await olga.say('only requests get through');
  await olga.ticks('only requests get through', 'Delivered');
  await pete.open('Olga');
  await olga.ticks('only requests get through', 'Read');
  await pete.say('they are enough');
  await pete.ticks('they are enough', 'Read');
  expect(proxy.open).toBe(0);
  expect(proxy.polls).toBeGreaterThan(0);
  for (const person of [olga, pete]) expect(await person.connection().textContent()).toBe('');

  // Another network: a page that hears of it tries a socket again.
  proxy.sockets = true;
  const { upgrades } = proxy;
  for (const { page } of [olga, pete]) {
    await page.clock.setSystemTime(Date.now() + 31_000);
    await page.evaluate(() => dispatchEvent(new Event('online')));
  }
  // Of each a socket that tries whether one gets through, then the one that stays, and no poll is left.
  await expect
    .poll(() => ({ tried: proxy.upgrades - upgrades >= 4, open: proxy.open, polling: proxy.polling }))
    .toEqual({ tried: true, open: 2, polling: 0 });
  const { polls } = proxy;
  await pete.say('and now by socket');
  await olga.message('and now by socket').waitFor();
  await pete.ticks('and now by socket', 'Read');
  expect(await olga.texts()).toEqual(['only requests get through', 'they are enough', 'and now by socket']);
  expect(await pete.texts()).toEqual(await olga.texts());
  expect(proxy.polls).toBe(polls);
});
