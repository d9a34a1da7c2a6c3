import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningParley, startParley } from '../../client/testing/index.ts';
import { launchChromium } from '../../scripts/chromium.ts';
import { type Project, packedProject } from '../support/packed.ts';

const quickstart = new URL('../../examples/quickstart.tsx', import.meta.url);
/** Where `npm run dev` has the service. */
const USUAL = 'http://127.0.0.1:8787';

let project: Project;
let service: RunningParley;
let browser: Browser;
let site: Server;

beforeAll(async () => {
  project = await packedProject(['react', 'react-dom', 'scheduler']);
  [service, browser] = await Promise.all([startParley(), launchChromium()]);
  const program = readFileSync(quickstart, 'utf8').replaceAll(USUAL, service.url);
  const files = new Map([
    ['/', pageOf('/main.js')],
    ['/main.js', await bundled('main', program)],
    ['/strict', pageOf('/strict.js')],
    ['/strict.js', await bundled('strict', inStrictMode(program))],
  ]);
  site = createServer(({ url = '' }, response) => {
    const file = files.get(url);
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': type }).end(file);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
});

afterAll(async () => {
  site?.close();
  await browser?.close();
  await service?.close();
  project?.remove();
});

const pageOf = (script: string): string =>
  `<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="${script}"></script>`;

/** Everything is mounted, taken away and mounted again. */
function inStrictMode(program: string): string {
  const strict = program
    .replace('render(<', 'render(<StrictMode><')
    .replace('</ParleyProvider>)', '</ParleyProvider></StrictMode>)');
  expect(strict.match(/StrictMode/g)).toHaveLength(2);
  return `import { StrictMode } from 'react';\n${strict}`;
}

/** As somebody has it who installed the package and put the program into their own project. */
async function bundled(name: string, program: string): Promise<string> {
  expect(program).toContain(service.url);
  const file = join(project.folder, `${name}.tsx`);
  writeFileSync(file, program);
  const { outputFiles } = await build({
    absWorkingDir: project.folder,
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    // So that React says what it doesn't like.
    define: { 'process.env.NODE_ENV': '"development"' },
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

test.each(['/', '/strict'])(
  'P1 P3: the quickstart on a page of another origin, %s: its message is on the screen, and stored once',
  async (path) => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const acks: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"ack"')) acks.push(String(payload));
      }),
    );
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}${path}`);
    await expect.poll(() => page.locator('p').allTextContents()).toEqual(['Hello, Parley!']);
    await expect.poll(() => acks.length).toBe(1);
    expect(await page.locator('p').allTextContents()).toEqual(['Hello, Parley!']);
    expect(complaints).toEqual([]);
  },
);
