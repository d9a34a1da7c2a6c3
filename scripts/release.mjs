// `npm run release`: makes a release of the version that package.json names, and begins the next.
//   npm run release -- --next minor      what comes after it: major, minor (the default), patch, or a version
//   npm run release -- --as 1.0.0        calls this release something else than package.json does
// Two commits: the release with its part of CHANGELOG.md, tagged; then its build, kept under test/fixtures/previous,
// and the next version. Pushes nothing. Start it from a clean tree whose tests have passed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildWorker } from './build-worker.mjs';
import { keepBuild, previousRelease } from './keep-build.mjs';
import { inRoot, root } from './paths.mjs';
import { isAfter, nextVersion, withRelease } from './release-text.mjs';

/** @param {...string} args */
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
/** @param {string} file */
const read = (file) => readFileSync(inRoot(file), 'utf8');
/** @param {string} tag */
const isTag = (tag) => git('tag', '--list', tag) !== '';

/** Writes the version wherever it stands. @param {string} version */
function setVersion(version) {
  const packageJson = read('package.json');
  const { version: old } = JSON.parse(packageJson);
  const named = `"version": "${old}"`;
  writeFileSync(inRoot('package.json'), packageJson.replace(named, `"version": "${version}"`));
  const lock = JSON.parse(read('package-lock.json'));
  lock.version = version;
  lock.packages[''].version = version;
  writeFileSync(inRoot('package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  const constant = 'schema/protocol/release.ts';
  writeFileSync(inRoot(constant), read(constant).replace(`VERSION = '${old}'`, `VERSION = '${version}'`));
}

/** @param {string} message */
function commit(message) {
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', message);
}

/** @param {{ as: string, next: string }} options */
async function release({ as: version, next }) {
  if (git('status', '--porcelain') !== '') throw new Error('commit or put away what is changed here first');
  const previous = await previousRelease();
  if (!isAfter(version, previous.version))
    throw new Error(`${version} does not come after ${previous.version}, which was the last release`);
  const following = nextVersion(version, next);
  const tag = `v${version}`;
  if (isTag(tag)) throw new Error(`there is a tag ${tag} already`);

  setVersion(version);
  // A clone may have come without tags; the commit that was built is known all the same.
  const since = isTag(`v${previous.version}`) ? `v${previous.version}` : previous.commit;
  const subjects = git('log', '--no-merges', '--format=%s', `${since}..HEAD`).split('\n').filter(Boolean);
  const changelog = existsSync(inRoot('CHANGELOG.md')) ? read('CHANGELOG.md') : '';
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(inRoot('CHANGELOG.md'), withRelease(changelog, { version, date, subjects }));
  commit(`release: ${version}`);
  git('tag', '--annotate', tag, '--message', `Parley ${version}`);

  const { folder } = await buildWorker();
  await keepBuild(folder, { version, commit: git('rev-parse', 'HEAD') });
  setVersion(following);
  commit(`release: begin ${following}, with ${version} kept as the previous one`);
  console.log(`${tag} is tagged and kept; ${following} has begun. Publish both: git push --follow-tags`);
}

const { values } = parseArgs({
  options: {
    as: { type: 'string', default: JSON.parse(read('package.json')).version },
    next: { type: 'string', default: 'minor' },
  },
});
await release(values).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
