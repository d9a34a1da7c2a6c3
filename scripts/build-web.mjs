// Builds the web app into dist/web: bundles its entry points, minifies its styles, copies the other files beside
// them and everything in web/static. `node scripts/build-web.mjs`, or `buildWeb()`; does nothing when nothing changed.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildDocs } from './build-docs.ts';
import { contentHash, isStamped } from './content-hash.mjs';
import { inRoot, root } from './paths.mjs';

const from = inRoot('web');
const to = inRoot('dist', 'web');
const stamp = inRoot('dist', 'web.hash');
const entryNames = new Set(['main.ts', 'main.tsx', 'service-worker.ts']);
const sources = new Set(['.ts', '.tsx', '.css']);

/** @returns {Promise<boolean>} whether anything had to be built */
export async function buildWeb() {
  const hash = contentHash([
    'web',
    'client',
    'schema/protocol',
    'package-lock.json',
    'scripts/build-web.mjs',
    'scripts/build-docs.ts',
    'scripts/docs',
  ]);
  if (existsSync(to) && isStamped(stamp, hash)) return false;
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const entries = existsSync(from) ? await readdir(from, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const bundled = names.filter((name) => entryNames.has(name) || extname(name) === '.css');
  const copied = names.filter(
    (name) => !sources.has(extname(name)) && !name.startsWith('.') && name !== 'README.md',
  );
  if (bundled.length > 0) await bundle(bundled.map((name) => join(from, name)));
  for (const name of copied) await cp(join(from, name), join(to, name));
  if (existsSync(join(from, 'static'))) await cp(join(from, 'static'), to, { recursive: true });
  await buildDocs(to);
  await writeFile(stamp, hash);
  return true;
}

/** @param {string[]} entryPoints */
function bundle(entryPoints) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: to,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: 'linked',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildWeb();
