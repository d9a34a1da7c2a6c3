import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Account, createAccount, createClient } from '../../client/index.ts';
import { inRoot } from '../../scripts/paths.mjs';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

/** A Worker that says something to somebody and waits for what they answer, with nothing of Node. */
const BOT = `
import { createClient, pollTransport, webSocketTransport } from './dist/sdk/client.js';
export default {
  async fetch(request) {
    const { url, token, to, text, polls } = await request.json();
    const transport = polls ? pollTransport() : webSocketTransport();
    const chat = createClient({ url, transport, getToken: async () => token });
    chat.start();
    await chat.online();
    const next = chat.messages()[Symbol.asyncIterator]().next();
    const { id } = await chat.createConversation({ kind: 'direct', members: [to] });
    const room = chat.conversation(id);
    const { seq } = await room.send(text).acked;
    const { value } = await next;
    const members = await room.loadMembers();
    chat.close();
    return Response.json({ seq, answer: value.content.text, members: members.length });
  },
};
`;

const folder = temporaryFolder();
let service: ServiceProcess;
let worker: Miniflare;

beforeAll(async () => {
  service = await ServiceProcess.start({ data: folder.path });
  const { outputFiles } = await build({
    stdin: { contents: BOT, resolveDir: inRoot(), loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    write: false,
  });
  worker = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      workers: [
        {
          name: 'bot',
          compatibilityDate: '2026-11-01',
          modules: [{ type: 'ESModule', path: 'bot.js', contents: outputFiles[0]?.text ?? '' }],
        },
      ],
    }),
  );
  await worker.ready;
});

afterAll(async () => {
  await worker?.dispose();
  await service?.end();
  folder[Symbol.dispose]();
});

async function person(handle: string): Promise<Account> {
  const account = createAccount({ url: service.url });
  await account.register({ handle, password: 'correct horse battery staple' });
  return account;
}

test.each(['a socket', 'polls'])('P1 P4: a bot in a Worker talks over %s', async (over) => {
  const polls = over === 'polls';
  const [robot, mia] = [await person(`robot_${polls}`), await person(`mia_${polls}`)];
  const chat = createClient({ url: service.url, getToken: mia.getToken, store: 'memory' });
  chat.on('message', ({ conversation, content }) =>
    chat.conversation(conversation).send(`You said: ${content['text']}`),
  );
  chat.start();
  try {
    await chat.online();
    const body = JSON.stringify({
      url: service.url,
      token: await robot.getToken(),
      to: `@mia_${polls}`,
      text: 'Hello from the edge!',
      polls,
    });
    const answer = await worker.dispatchFetch('http://bot/', { method: 'POST', body });
    expect(await answer.json()).toEqual({ seq: 1, answer: 'You said: Hello from the edge!', members: 2 });
  } finally {
    chat.close();
  }
});
