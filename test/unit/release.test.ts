import { describe, expect, test } from 'vitest';
import { VERSION as told } from '../../client/index.ts';
import { MIGRATIONS as CONVERSATION } from '../../objects/conversation/migrations.ts';
import { MIGRATIONS as USER } from '../../objects/user/migrations.ts';
import packageJson from '../../package.json' with { type: 'json' };
import packageLock from '../../package-lock.json' with { type: 'json' };
import { VERSION } from '../../schema/protocol/release.ts';
import { previousRelease } from '../../scripts/keep-build.mjs';
import { isAfter, nextVersion, withRelease } from '../../scripts/release-text.mjs';

test('there is one version: of the package, its lock file, the service and the SDK', () => {
  const all = [packageJson.version, packageLock.version, packageLock.packages[''].version, VERSION, told];
  expect(new Set(all)).toEqual(new Set([VERSION]));
});

test('what is kept as the previous version is older', async () => {
  const { version, commit } = await previousRelease();
  expect(isAfter(VERSION, version)).toBe(true);
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
});

test.each([
  ['a conversation', CONVERSATION],
  ['a user', USER],
])('additive steps of %s name this release or one before', (_, steps) => {
  for (const step of steps)
    if (typeof step === 'object') expect(isAfter(step.additiveIn, VERSION)).toBe(false);
});

describe('version numbers', () => {
  test.each([
    ['0.2.0', 'minor', '0.3.0'],
    ['0.2.9', 'patch', '0.2.10'],
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', '1.10.0', '1.10.0'],
  ])('after %s comes, by %s, %s', (version, step, next) => {
    expect(nextVersion(version, step)).toBe(next);
  });

  test.each([
    ['1.2.3', '1.2.3', 'does not come after'],
    ['1.10.0', '1.9.9', 'does not come after'],
    ['1.2.3', 'next', 'is no version'],
    ['1.2', 'minor', 'is no version'],
  ])('after %s nothing comes by %s', (version, step, complaint) => {
    expect(() => nextVersion(version, step)).toThrow(complaint);
  });

  test('are compared as numbers', () => {
    expect([isAfter('0.10.0', '0.9.0'), isAfter('0.9.0', '0.10.0'), isAfter('1.0.0', '1.0.0')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the changelog', () => {
  const first = withRelease('', { version: '0.1.0', date: '2026-01-02', subjects: ['a: begin'] });

  test('begins with its title and holds one release', () => {
    expect(first).toBe('# Changes\n\n## 0.1.0 (2026-01-02)\n\n- a: begin\n');
  });

  test('names each commit once, newest release first, and none that only made a release', () => {
    const subjects = ['b: mend', 'wip', 'release: begin 0.2.0', 'b: mend', 'c: add'];
    expect(withRelease(first, { version: '0.2.0', date: '2026-02-03', subjects })).toBe(
      '# Changes\n\n## 0.2.0 (2026-02-03)\n\n- b: mend\n- c: add\n\n## 0.1.0 (2026-01-02)\n\n- a: begin\n',
    );
  });

  test('says so when nothing happened', () => {
    expect(withRelease('', { version: '0.1.0', date: '2026-01-02', subjects: [] })).toContain('- Nothing');
  });
});
