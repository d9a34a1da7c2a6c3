// Installs the dependencies when they differ from package-lock.json; done in milliseconds when they don't.
// Runs under whatever Node started it (20 or newer) and uses nothing that would have to be installed first.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string} path @returns {Record<string, any>} */
const packagesIn = (path) => JSON.parse(readFileSync(path, 'utf8')).packages ?? {};

/** True when every package of the lock file is installed in its version. npm writes the list at the very end. */
function upToDate() {
  const installedList = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedList)) return false;
  const installed = packagesIn(installedList);
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional;
  });
}

function install() {
  console.error('installing dependencies (npm ci)');
  const env = { ...process.env, SCARF_ANALYTICS: 'false', DO_NOT_TRACK: '1' };
  // npm names itself in npm_execpath inside its own scripts; Windows can't start `npm` without a shell.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2], env })
    : spawnSync('npm', args, {
        cwd: root,
        stdio: ['ignore', 2, 2],
        env,
        shell: process.platform === 'win32',
      });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

if (!upToDate()) install();

// The scripts and wrangler need a newer Node than may be on the machine; it comes through npm, in the package `node`.
const bundled = ['node', 'node.cmd'].some((name) => existsSync(join(root, 'node_modules', '.bin', name)));
const [major = 0] = process.versions.node.split('.').map(Number);
if (!bundled && major < 24) {
  console.error(
    `No packaged Node for ${process.platform}-${process.arch}: please run this with Node 24 or newer.`,
  );
  process.exit(1);
}
