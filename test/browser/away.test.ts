import { expect, test } from 'vitest';
import type { Person } from './person.ts';
import { setStage } from './stage.ts';

const stage = setStage();

/** A window that shows all that is said here, which is all that is in the document. */
const tall = () => stage.context({ viewport: { width: 1180, height: 1800 } });

/** Two who talk; the first reaches the service by a way that can be cut. */
async function pair(first: string, second: string) {
  const { proxy, url } = await stage.proxy();
  proxy.sockets = true;
  const [one, other] = [await stage.person(await tall(), url), await stage.person(await tall())];
  await other.register(second.toLowerCase(), second, 'a long password');
  await one.register(first.toLowerCase(), first, 'a long password');
  await one.begin(`@${second.toLowerCase()}`);
  await one.page.getByRole('heading', { name: second }).waitFor();
  return { one, other, proxy };
}

const shows = (person: Person, texts: readonly string[]): Promise<void> =>
  expect.poll(() => person.texts()).toEqual(texts);

test('P1 P2 P3: written offline, kept through a reload, sent in order and once', async () => {
  const { one: ida, other: jon, proxy } = await pair('Ida', 'Jon');
  const { page } = ida;
  await ida.say('before the tunnel');
  await jon.open('Ida');
  await ida.ticks('before the tunnel', 'Read');
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');

  await page.context().setOffline(true);
  proxy.cut();
  await ida.connection().getByText('You are offline.').waitFor();
  const lines = ['one', 'two', 'three', 'four'].map((word) => `${word} in the tunnel`);
  for (const line of lines) await ida.say(line);
  for (const line of lines) await ida.ticks(line, 'Waiting for the connection');

  // The app, what was said and what waits come from this browser alone.
  await page.reload();
  await shows(ida, ['before the tunnel', ...lines]);
  for (const line of lines) await ida.ticks(line, 'Waiting for the connection');
  await ida.ticks('before the tunnel', 'Read');
  expect(await jon.texts()).toEqual(['before the tunnel']);

  proxy.sockets = true;
  await page.context().setOffline(false);
  await shows(jon, ['before the tunnel', ...lines]);
  for (const line of lines) await ida.ticks(line, 'Read');
  await jon.say('there you are');
  await shows(ida, ['before the tunnel', ...lines, 'there you are']);
  await page.reload();
  await jon.page.reload();
  await shows(ida, ['before the tunnel', ...lines, 'there you are']);
  await shows(jon, ['before the tunnel', ...lines, 'there you are']);
});

test('the list and a conversation open from this browser while the service is down', async () => {
  const { one: kay, other: leo } = await pair('Kay', 'Leo');
  await kay.say('kept here');
  await leo.open('Kay');
  await kay.ticks('kept here', 'Read');
  await kay.page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
  await stage.service.down();
  try {
    await kay.page.reload();
    await kay.row('Leo').getByText('kept here').waitFor();
    await kay.ticks('kept here', 'Read');
    await kay.say('written with nobody there');
    await kay.ticks('written with nobody there', 'Waiting for the connection');
  } finally {
    await stage.service.up();
  }
  await kay.ticks('written with nobody there', 'Read');
  await shows(leo, ['kept here', 'written with nobody there']);
});

test('P1 P2 P3: the service is killed while two write; all arrives once, in order, on both sides', async () => {
  const { one: mia, other: ned } = await pair('Mia', 'Ned');
  await mia.say('mia 0');
  await ned.open('Mia');
  await ned.say('ned 0');
  await mia.ticks('mia 0', 'Read');
  await ned.ticks('ned 0', 'Read');
  const write = async (person: Person, name: string, from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await person.say(`${name} ${i}`);
  };

  // Keys are pressed on both sides while it dies.
  const during = Promise.all([write(mia, 'mia', 1, 6), write(ned, 'ned', 1, 6)]);
  await stage.service.down('SIGKILL');
  await during;
  for (const person of [mia, ned]) {
    await person.connection().getByText('The connection was lost.').waitFor();
    await person.page.getByText(/Trying again in \d+ seconds?\./).waitFor();
  }
  await write(mia, 'mia', 6, 9);
  await write(ned, 'ned', 6, 9);
  await mia.ticks('mia 8', 'Waiting for the connection');
  await stage.service.up();
  await Promise.all([write(mia, 'mia', 9, 12), write(ned, 'ned', 9, 12)]);
  await mia.ticks('mia 11', 'Read');
  await ned.ticks('ned 11', 'Read');

  const seen = await mia.texts();
  expect(await ned.texts()).toEqual(seen);
  expect(seen.length).toBe(24);
  for (const name of ['mia', 'ned'])
    expect(seen.filter((text) => text.startsWith(name))).toEqual(
      Array.from({ length: 12 }, (_, i) => `${name} ${i}`),
    );
  for (const person of [mia, ned]) expect(await person.connection().textContent()).toBe('');
});
