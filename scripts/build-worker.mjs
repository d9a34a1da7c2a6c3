// Builds what `npm run serve` runs, into dist/worker: the bundle as `wrangler deploy` would upload it, the bindings of
// wrangler.toml in Miniflare's terms, and the D1 migrations split into statements. Does nothing when nothing changed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentHash, isStamped } from './content-hash.mjs';
import { inRoot, quietWrangler, root, wranglerCli } from './paths.mjs';
import { modulesOf, readWorkerBuild } from './worker-build.mjs';

const outDir = inRoot('dist', 'worker');
const migrationsDir = inRoot('schema', 'd1', 'migrations');
const inputs = [
  'worker',
  'objects',
  'schema',
  'wrangler.toml',
  'package-lock.json',
  'scripts/build-worker.mjs',
];

/** Builds if a source changed since the last build. @returns {Promise<import('./worker-build.mjs').WorkerBuild>} */
export async function buildWorker() {
  const hash = contentHash(inputs);
  if (!isStamped(join(outDir, 'hash'), hash)) await rebuild(hash);
  return readWorkerBuild(outDir);
}

/** Into a folder of its own first: whoever starts a server meanwhile sees the old build or the new one. @param {string} hash */
async function rebuild(hash) {
  await mkdir(inRoot('dist', 'web'), { recursive: true });
  const fresh = `${outDir}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await bundle(modulesOf(fresh));
  await writeFile(join(fresh, 'options.json'), JSON.stringify(await bindings()));
  await writeFile(join(fresh, 'migrations.json'), JSON.stringify(await migrations()));
  await writeFile(join(fresh, 'hash'), hash);
  await rm(outDir, { recursive: true, force: true });
  await rename(fresh, outDir);
}

/** @param {string} outdir */
async function bundle(outdir) {
  const args = [wranglerCli, 'deploy', '--dry-run', '--outdir', outdir, '--config', inRoot('wrangler.toml')];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...quietWrangler },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`wrangler could not build the Worker:\n${output}`);
}

/** The bindings of wrangler.toml; of its variables only those in the file, none from .dev.vars. */
async function bindings() {
  Object.assign(process.env, quietWrangler);
  const wrangler = await import('wrangler');
  const config = wrangler.unstable_readConfig({ config: inRoot('wrangler.toml') });
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(config);
  const { modulesRules: _, ...options } = workerOptions;
  return { ...options, name: config.name, bindings: config.vars };
}

/** @returns {Promise<import('./worker-build.mjs').Migration[]>} */
async function migrations() {
  if (!existsSync(migrationsDir)) return [];
  const { unstable_splitSqlQuery: split } = await import('wrangler');
  const names = (await readdir(migrationsDir)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, queries: split(await readFile(join(migrationsDir, name), 'utf8')) })),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildWorker();
