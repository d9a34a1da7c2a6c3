import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createHeadless, type Headless } from '../../client/headless.ts';
import { createAccount } from '../../client/index.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

/** The alarm's ten minutes are a second, its minute a tenth of one. */
const SCALE = 600;
/** Everything has ended after so long: the wait for what is unsettled, the alarm, the answers it waits for. */
const SETTLED_MS = 14_000;
/** Long enough for every alarm that would come again to ring several times. */
const WATCHED_MS = 4_000;
/** On a busy machine it takes longer than `SETTLED_MS`; what never ends is not quiet by then either. */
const PATIENCE_MS = 120_000;

const password = 'correct horse battery staple';

interface Person {
  readonly client: Headless;
  readonly list: () => Promise<Response>;
  /** Entries that came after this person began to listen. */
  readonly entries: () => number;
}

async function enter(url: string, handle: string): Promise<Person> {
  const account = createAccount({ url });
  const session = await account.register({ handle, password });
  const client = createHeadless({ url, getToken: account.getToken });
  let entries = 0;
  client.on('entry', () => entries++);
  client.start();
  await client.online();
  const headers = { authorization: `Bearer ${session.accessToken}` };
  return { client, list: () => fetch(`${url}/v1/conversations`, { headers }), entries: () => entries };
}

/** Size and last change of every file of the objects. */
function written(data: string): string {
  const folder = join(data, 'do');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .join('\n');
}

test('after the last message the real service writes nothing and sends nothing, whoever was away', async () => {
  using folder = temporaryFolder();
  const service = await ServiceProcess.start({
    data: folder.path,
    env: { PARLEY_ALARM_SCALE: String(SCALE) },
  });
  const people: Person[] = [];
  try {
    for (const handle of ['ada', 'ben', 'cyd']) people.push(await enter(service.url, handle));
    const [ada, ben, cyd] = people as [Person, Person, Person];
    const begin = async (other: string) =>
      (await ada.client.createConversation({ kind: 'direct', members: [`@${other}`] })).id;
    // Ben is here and confirms; Cyd leaves before anything is said.
    const [withBen, withCyd] = [await begin('ben'), await begin('cyd')];
    cyd.client.close();
    for (let i = 0; i < 3; i++) {
      await ada.client.send(withBen, `to Ben ${i}`).acked;
      await ada.client.send(withCyd, `to Cyd ${i}`).acked;
    }
    await pass(SETTLED_MS);
    const late = performance.now() + PATIENCE_MS;
    let seen: number[];
    for (;;) {
      const before = written(folder.path);
      seen = [ada.entries(), ben.entries()];
      await pass(WATCHED_MS);
      const after = written(folder.path);
      if (after === before) break;
      if (performance.now() > late) expect(after).toBe(before);
    }

    // Reading a list makes nobody's phone ring.
    for (const { list } of [ada, ben]) expect((await list()).status).toBe(200);
    await pass(1_000);
    expect([ada.entries(), ben.entries()]).toEqual(seen);
    expect(ben.client.timeline(withBen).last).toBe(3);
  } finally {
    for (const { client } of people) client.close();
    await service.end();
  }
});
