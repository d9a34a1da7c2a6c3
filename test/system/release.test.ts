import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nextVersion } from '../../scripts/release-text.mjs';
import { temporaryFolder } from '../support/system-service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const author = { name: 'A', email: 'a@example.test' };
const env = {
  ...process.env,
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** The project as it lies here, changes included, in a repository of its own. */
function copyOfProject(folder: string) {
  const run = (cwd: string, file: string, ...args: string[]): string =>
    execFileSync(file, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const listed = run(root, 'git', 'ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate');
  const gone = new Set(run(root, 'git', 'ls-files', '--deleted').split('\n'));
  for (const file of listed.split('\n')) if (!gone.has(file)) cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  // A folder's pattern (`node_modules/`) doesn't cover a link.
  const git = (...args: string[]): string => run(folder, 'git', ...args);
  git('init', '--quiet');
  writeFileSync(join(folder, '.git', 'info', 'exclude'), 'node_modules\n');
  return {
    git,
    commit(subject: string) {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', subject);
    },
    release: (...args: string[]) => run(folder, process.execPath, 'scripts/release.mjs', ...args),
    read: (file: string) => readFileSync(join(folder, file), 'utf8'),
    write: (file: string, text: string) => writeFileSync(join(folder, file), text),
  };
}

test('a release is tagged, listed, and its build is kept beside the next version', () => {
  using folder = temporaryFolder();
  const project = copyOfProject(folder.path);
  const { version } = JSON.parse(project.read('package.json'));
  const previous = JSON.parse(project.read('test/fixtures/previous/release.json')).version;
  project.commit('everything before');
  project.git('tag', `v${previous}`);
  project.commit('sends: keep their order');

  project.write('stray.txt', '');
  expect(() => project.release(), 'a change that is in no commit').toThrow(/commit or put away/);
  project.git('clean', '--quiet', '--force');
  expect(() => project.release('--as', previous), 'the last one again').toThrow(/does not come after/);

  project.release();

  const next = nextVersion(version, 'minor');
  expect(project.git('log', '-3', '--format=%s').split('\n')).toEqual([
    `release: begin ${next}, with ${version} kept as the previous one`,
    `release: ${version}`,
    'sends: keep their order',
  ]);
  const released = project.git('rev-parse', `v${version}^{commit}`);
  expect(released).toBe(project.git('rev-parse', 'HEAD~1'));
  const changes = project.read('CHANGELOG.md');
  expect(changes.indexOf('- sends: keep their order')).toBeGreaterThan(changes.indexOf(`## ${version} (`));
  expect(changes).not.toContain('everything before');

  // What is kept is the release, what is here is what follows it.
  expect(JSON.parse(project.read('test/fixtures/previous/release.json'))).toEqual({
    version,
    commit: released,
  });
  expect(project.read('test/fixtures/previous/worker/modules/index.js')).toContain(`VERSION = "${version}"`);
  expect(project.read('schema/protocol/release.ts')).toContain(`VERSION = '${next}'`);
  for (const file of ['package.json', 'package-lock.json'])
    expect(JSON.parse(project.read(file)).version, file).toBe(next);
  expect(project.git('status', '--porcelain')).toBe('');
  expect(project.git('ls-files', 'test/fixtures')).not.toContain('.map');
  expect(project.read('test/fixtures/previous/worker/options.json')).not.toContain(folder.path);

  expect(() => project.release('--as', version), 'what was released').toThrow(/does not come after/);
}, 120_000);
