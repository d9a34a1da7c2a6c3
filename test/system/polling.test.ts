import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Clock } from '../../client/clock.ts';
import { createHeadless, type Headless } from '../../client/headless.ts';
import { createAccount, systemClock } from '../../client/index.ts';
import { OfficeProxy } from '../support/office-proxy.ts';
import { wholeLog } from '../support/system-crowd.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

let folder: ReturnType<typeof temporaryFolder>;
let service: ServiceProcess;
let proxy: OfficeProxy;
let url = '';
/** Added to the clock of every client. */
let skew = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + skew };
const clients: Headless[] = [];

beforeAll(async () => {
  folder = temporaryFolder();
  service = await ServiceProcess.start({ data: folder.path });
  proxy = new OfficeProxy(() => service.port);
  url = await proxy.listen();
});

afterAll(async () => {
  for (const client of clients) client.close();
  proxy.close();
  await service.end();
  folder[Symbol.dispose]();
});

async function join(handle: string): Promise<Headless> {
  const account = createAccount({ url });
  await account.register({ handle, password: 'correct horse battery staple' });
  const client = createHeadless({ url, getToken: account.getToken, clock });
  clients.push(client);
  client.start();
  await client.online();
  return client;
}

/** Resolves when `done` says so, which is looked at whenever something happens to the client. */
function until(client: Headless, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!done()) return;
      for (const off of offs) off();
      resolve();
    };
    const offs = (['entry', 'receipt', 'state'] as const).map((event) => client.on(event, look));
    look();
  });
}

const texts = (client: Headless, id: string): unknown[] =>
  client.timeline(id).messages.map(({ content }) => content.kind === 'text' && content.text);

test('P1 P2 P3 P4 P5 P6: sockets blocked, two people talk by polls; service killed; sockets allowed again', async () => {
  const [ada, ben] = await Promise.all([join('ada'), join('ben')]);
  expect(proxy.upgrades).toBeGreaterThanOrEqual(6);
  expect(proxy.polls).toBeGreaterThan(0);
  const { id } = await ada.createConversation({ kind: 'direct', members: ['@ben'] });
  const entries: number[] = [];
  ben.on('entry', ({ entry }) => entries.push(entry.seq));
  const talk = async (from: number, to: number): Promise<void> => {
    const acks: Promise<unknown>[] = [];
    for (let i = from; i < to; i++) {
      acks.push(ada.send(id, `ada ${i}`).acked, ben.send(id, `ben ${i}`).acked);
      if (i % 8 === 0) await Promise.all(acks);
    }
    await Promise.all(acks);
  };

  await talk(0, 40);
  await Promise.all([ada, ben].map((client) => until(client, () => client.timeline(id).last === 80)));
  expect(entries).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
  expect(texts(ada, id)).toEqual(texts(ben, id));
  for (const name of ['ada', 'ben'])
    expect(texts(ada, id).filter((text) => String(text).startsWith(name))).toEqual(
      Array.from({ length: 40 }, (_, i) => `${name} ${i}`),
    );
  ben.read(id, 80);
  const mine = ada.timeline(id).messages.findLast(({ from }) => from === ada.user);
  await until(ada, () => ada.delivery(id, mine?.seq ?? 0) === 'read');

  // The service dies in the middle of it and comes back.
  const going = talk(40, 60);
  const { port } = service;
  await service.kill();
  service = await ServiceProcess.start({ data: folder.path, port });
  await going;
  await Promise.all([ada, ben].map((client) => until(client, () => client.timeline(id).last === 120)));
  expect(entries).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));

  // Sockets get through again: a page that wakes up some time later finds out, and nothing is lost on the way.
  const states: string[] = [];
  ada.on('state', ({ name }) => states.push(name));
  await until(ada, () => ada.state.name === 'online');
  states.length = 0;
  proxy.sockets = true;
  skew += 31_000;
  const last = talk(60, 80);
  ada.wake();
  await last;
  await until(ada, () => states.includes('online'));
  expect(states).toEqual(['connecting', 'online']);
  await Promise.all([ada, ben].map((client) => until(client, () => client.timeline(id).last === 160)));
  expect(entries).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
  const log = await wholeLog({ client: ada }, id);
  expect(log.map(({ seq }) => seq)).toEqual(entries);
});
