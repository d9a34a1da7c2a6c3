import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';

const run = (file: string, url: string): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [file, url], { timeout: 300_000 });
const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = readFileSync(inRoot('README.md'), 'utf8');
const [, printed = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];

test('P1 P4: the example in the README is the one in examples/, and runs as printed', async () => {
  expect(printed).toBe(readFileSync(inRoot('examples/hello.ts'), 'utf8'));
  using folder = temporaryFolder();
  const service = await ServiceProcess.start({ data: folder.path });
  const copy = inRoot(`examples/.readme-${process.pid}.ts`);
  try {
    writeFileSync(copy, printed);
    const { stdout } = await run(copy, service.url);
    expect(stdout.trim()).toBe('message 1 is stored');
    const two = await run(inRoot('examples/two-people.ts'), service.url);
    expect(two.stdout.trim().split('\n').sort()).toEqual([
      'ada knows that message 1 is stored',
      "ben got { kind: 'text', text: 'Hello, Ben!' }",
    ]);
  } finally {
    rmSync(copy, { force: true });
    await service.end();
  }
});

test('the quickstart in the README is the one in examples/, which test/browser runs, and is short', () => {
  const [, block = ''] = /```tsx\n(.*?)```/s.exec(readme) ?? [];
  expect(block).toBe(readFileSync(inRoot('examples/quickstart.tsx'), 'utf8'));
  expect(block.trim().split('\n').length).toBeLessThanOrEqual(12);
});

test('P8: every command the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/`(?:[A-Z]+=\S+ )?npm (?:run (?:--silent )?)?([a-z:]+)/g)].map(
    ([, name = '']) => name,
  );
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('P8: every file the documents point to exists', () => {
  const designs = ['message-path', 'inbox', 'decisions', 'versions'].map((name) => `docs/design/${name}.md`);
  const documents = ['README.md', 'docs/operations.md', 'docs/testing.md', ...designs];
  for (const document of documents) {
    const text = readFileSync(inRoot(document), 'utf8');
    const folder = `${dirname(document)}/`;
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
    for (const link of links) expect(existsSync(inRoot(folder + link)), `${document}: ${link}`).toBe(true);
  }
});
