import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, packedProject, runIn } from '../support/packed.ts';

/** Programs of a page, by what each prints. */
const PAGES = {
  'docs/testing.md': ['1 unread\nmessage 2 is stored once: true', 'message 1 is stored'],
  'docs/client.md': [
    'Ada: Hello, Ben!\nBen: Hello, Ada!',
    'true',
    'reconnecting / queued\nkept: queued\nsent as number 1\nread',
    'echoed Echo! as number 2',
  ],
};

let project: Project;
beforeAll(async () => {
  project = await packedProject(['miniflare', 'ws']);
});
afterAll(() => project?.remove());

describe.each(Object.entries(PAGES))('the programs of %s run as printed', (path, printed) => {
  const page = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  const blocks = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code);

  test('none is left out', () => {
    expect(blocks).toHaveLength(printed.length);
  });

  test.each(printed.map((text, n) => [n, text] as const))('P1 P3: program %i', async (n, text) => {
    expect(
      await runIn(project, process.execPath, `${path.replace(/\W/g, '-')}-${n}.mjs`, blocks[n] ?? ''),
    ).toBe(text);
  });
});
