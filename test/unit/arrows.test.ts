import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  brokenArrows,
  importsOf,
  mayImport,
  packagesOf,
  partOf,
  sourceFiles,
} from '../../scripts/arrows.mjs';

test('no import goes against the arrows', () => {
  expect(sourceFiles().length).toBeGreaterThan(0);
  expect(brokenArrows()).toEqual([]);
});

describe('the checker', () => {
  test.each([
    ['objects/user/inbox.ts', 'schema/protocol/up.ts', true],
    ['objects/user/inbox.ts', 'objects/shared/sql.ts', true],
    ['objects/user/object.ts', 'objects/user/inbox.ts', true],
    ['objects/user/object.ts', 'objects/shared/rpc.ts', true],
    ['worker/index.ts', 'objects/user/object.ts', true],
    ['worker/routes/users.ts', 'worker/directory.ts', true],
    ['worker/directory.ts', 'schema/d1/tables.ts', true],
    ['worker/directory/users.ts', 'schema/d1/tables.ts', true],
    ['client/connection.ts', 'schema/protocol/down.ts', true],
    ['web/main.ts', 'client/index.ts', true],
    ['test/unit/inbox.test.ts', 'bench/load.ts', true],
    ['bench/load.ts', 'client/index.ts', true],
    ['schema/protocol/up.ts', 'objects/shared/sql.ts', false],
    ['objects/shared/sql.ts', 'objects/user/inbox.ts', false],
    ['objects/user/inbox.ts', 'objects/user/object.ts', false],
    ['objects/user/inbox.ts', 'objects/conversation/log.ts', false],
    ['objects/user/object.ts', 'objects/conversation/log.ts', false],
    ['objects/user/object.ts', 'objects/conversation/object.ts', false],
    ['objects/relay/object.ts', 'worker/env.ts', false],
    ['worker/router.ts', 'objects/user/inbox.ts', false],
    ['worker/routes/users.ts', 'schema/d1/tables.ts', false],
    ['client/connection.ts', 'objects/shared/rpc.ts', false],
    ['web/main.ts', 'schema/protocol/up.ts', false],
    ['worker/index.ts', 'test/support/fake.ts', false],
    ['client/index.ts', 'bench/load.ts', false],
    ['bench/load.ts', 'test/support/fake.ts', false],
  ])('%s may import %s: %s', (from, to, allowed) => {
    expect(mayImport(partOf(from), partOf(to))).toBe(allowed);
  });

  test('sees every form of import, and none in comments', () => {
    const text = `
      import a from './a.ts';
      import type { B } from "../b.ts";
      import './c.ts';
      export * from './d.ts';
      const e = await import('./e.ts');
      // import f from './f.ts';
      /* import h from './h.ts'; */
      import {
        g,
      } from 'package';
      export const kinds = ['./not.ts', 'not'];
      export type Kind = 'not' | "neither";
    `;
    const paths = ['x/y/a.ts', 'x/b.ts', 'x/y/c.ts', 'x/y/d.ts', 'x/y/e.ts'];
    expect(importsOf('x/y/z.ts', text)).toEqual(paths);
    expect(packagesOf(text)).toEqual(['package']);
  });
});

describe('a project that breaks them', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'parley-arrows-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(file: string, text: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }

  test('is told each import', () => {
    write('web/main.ts', `import { up } from '../schema/protocol/up.ts';`);
    write('objects/user/inbox.ts', `import { DatabaseSync } from 'node:sqlite';`);
    write('client/index.ts', `import { up } from '../schema/protocol/up.ts';`);
    expect(brokenArrows(root)).toEqual([
      'objects/user/inbox.ts imports node:sqlite: objects/user may not use it',
      'web/main.ts imports schema/protocol/up.ts: web may not import protocol',
    ]);
  });

  test('a build that was kept is no source', () => {
    write('test/fixtures/previous/client.js', `import '../../../web/main.ts';`);
    expect(sourceFiles(root)).toEqual([]);
  });
});
