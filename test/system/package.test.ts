import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oldestNode, type Project, packedProject, runIn } from '../support/packed.ts';

const execute = promisify(execFile);
const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

let project: Project;
beforeAll(async () => {
  project = await packedProject(['miniflare', 'ws']);
});
afterAll(() => project?.remove());

/** Sends one message from Ada to Ben, and tells its number and what Ben read. */
const talk = `
async function talk(options, ada, ben) {
  const [one, two] = [ada, ben].map(({ getToken }) => createClient({ ...options, getToken }));
  for (const client of [one, two]) client.start();
  await Promise.all([one.online(), two.online()]);
  const arrived = two.messages()[Symbol.asyncIterator]().next();
  const { id } = await one.createConversation({ kind: 'direct', members: ['@ben'] });
  const { seq } = await one.conversation(id).send('Hello, Ben!').acked;
  const { value } = await arrived;
  one.close();
  two.close();
  return seq + ' ' + value.content.text;
}
`;

const inMemory = `
import { createClient } from 'parley/client';
import { createTestServer, createVirtualClock } from 'parley/testing';
${talk}
const clock = createVirtualClock();
const server = createTestServer({ clock });
const [ada, ben] = ['ada', 'ben'].map((handle) => server.addUser({ handle }));
console.log(await clock.until(talk({ ...server, clock }, ada, ben)));
`;

const real = `
import { createAccount, createClient, webSocketTransport } from 'parley/client';
import { startParley } from 'parley/testing';
import { WebSocket } from 'ws';
${talk}
const { url, close } = await startParley();
const person = async (handle) => {
  const account = createAccount({ url });
  await account.register({ handle, password: 'correct horse battery staple' });
  return account;
};
const [ada, ben] = [await person('ada'), await person('ben')];
console.log(await talk({ url, transport: webSocketTransport(WebSocket) }, ada, ben));
await close();
`;

test('the package holds what its exports name, and no tests', () => {
  const { exports } = project.manifest as { exports: Record<string, Record<string, string> | string> };
  for (const [name, paths] of Object.entries(exports)) {
    // Named already, for when it has a source.
    if (name === './react' && !existsSync(inRoot('client/react'))) continue;
    for (const path of Object.values(typeof paths === 'string' ? { path: paths } : paths))
      expect(project.files, name).toContain(path.slice(2));
  }
  expect(project.files.filter((file) => /\btest\b|\.test\.|^client|^web|\.tsbuildinfo/.test(file))).toEqual(
    [],
  );
  for (const needed of ['README.md', 'LICENSE', 'dist/worker/options.json', 'dist/sdk/service.mjs'])
    expect(project.files).toContain(needed);
  expect(project.manifest.dependencies).toBeUndefined();
});

test('it runs in memory on the oldest Node that is supported', async () => {
  const node = (await oldestNode()) ?? process.execPath;
  expect(await runIn(project, node, 'in-memory.mjs', inMemory)).toBe('1 Hello, Ben!');
});

test('it starts the real service it brings', async () => {
  expect(await runIn(project, process.execPath, 'real.mjs', real)).toBe('1 Hello, Ben!');
});

test.each([
  ['bundler', 'ESNext'],
  ['nodenext', 'NodeNext'],
])('its types stand by themselves, resolved as %s does', async (moduleResolution, module) => {
  const program = inMemory.replace(
    'function talk(options, ada, ben)',
    'function talk(options: any, ada: any, ben: any)',
  );
  writeFileSync(
    join(project.folder, 'program.mts'),
    `${program}
import type { Client } from 'parley/client';
import { type RunningParley, startParley } from 'parley/testing';
const running: Promise<RunningParley> = startParley({ port: 0 });
// @ts-expect-error a port is a number: without types this would pass
startParley({ port: 'any' });
export const given: [Client | undefined, typeof running] = [undefined, running];
`,
  );
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'ES2022',
      lib: ['ES2024', 'DOM', 'DOM.Iterable'],
      types: [],
      module,
      moduleResolution,
    },
    files: ['program.mts'],
  };
  writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = inRoot('node_modules/typescript/bin/tsc');
  const output = await execute(process.execPath, [tsc, '-p', project.folder]).then(
    () => '',
    ({ stdout }) => String(stdout),
  );
  expect(output).toBe('');
});
