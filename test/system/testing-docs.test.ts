import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, packedProject, runIn } from '../support/packed.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/testing.md', import.meta.url)), 'utf8');
const blocks = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code);

let project: Project;
beforeAll(async () => {
  project = await packedProject(['miniflare', 'ws']);
});
afterAll(() => project?.remove());

test.each([
  ['in memory', 0, '1 unread\nmessage 2 is stored once: true'],
  ['the real service', 1, 'message 1 is stored'],
])('P1 P3: the example of docs/testing.md runs as printed: %s', async (_, block, printed) => {
  expect(blocks).toHaveLength(2);
  expect(await runIn(project, process.execPath, `block-${block}.mjs`, blocks[block] ?? '')).toBe(printed);
});
