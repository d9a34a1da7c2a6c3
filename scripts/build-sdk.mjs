// Builds what `npm pack` publishes of client/ into dist/sdk: an ES module for each export of package.json, the chunks
// they share, and declarations in dist/sdk/types. Does nothing when nothing changed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { contentHash, isStamped } from './content-hash.mjs';
import { inRoot, root } from './paths.mjs';

const outDir = inRoot('dist', 'sdk');

/** By name of the export; those that have a source. */
export const entries = Object.fromEntries(
  [
    ['client', 'client/index.ts'],
    ['react', 'client/react/index.ts'],
    ['testing', 'client/testing/index.ts'],
  ].filter(([, path = '']) => existsSync(inRoot(path))),
);

/** What a module of the package leaves to the platform, the embedder, or to be loaded when it is called. */
export const external = ['react', 'react/*', 'react-dom', 'miniflare', './service.mjs'];

/** @type {import('esbuild').BuildOptions} */
export const bundling = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  jsx: 'automatic',
  external,
  logLevel: 'warning',
};

/** @returns {Promise<boolean>} whether anything had to be built */
export async function buildSdk() {
  const hash = contentHash([
    'client',
    'schema/protocol',
    'worker/settings.ts',
    'scripts/build-sdk.mjs',
    'scripts/package-service.mjs',
    'scripts/run-worker.mjs',
    'scripts/with-folder.mjs',
    'scripts/worker-build.mjs',
    'scripts/end-runtime.mjs',
    'tsconfig.base.json',
    'tsconfig.browser.json',
    'package-lock.json',
  ]);
  if (isStamped(join(outDir, 'hash'), hash)) return false;
  const fresh = `${outDir}.${process.pid}`;
  await build({ ...bundling, entryPoints: entries, outdir: fresh, chunkNames: 'chunk-[hash]' });
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/package-service.mjs'],
    outfile: join(fresh, 'service.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['miniflare'],
    logLevel: 'warning',
  });
  await declarations(join(fresh, 'types'));
  await writeFile(join(fresh, 'hash'), hash);
  await rm(outDir, { recursive: true, force: true });
  await rename(fresh, outDir);
  return true;
}

/** @param {string} outDir */
async function declarations(outDir) {
  await mkdir(outDir, { recursive: true });
  const config = join(outDir, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir,
  };
  const files = Object.values(entries).map((path) => inRoot(path));
  const extended = inRoot('tsconfig.browser.json');
  await writeFile(config, JSON.stringify({ extends: extended, compilerOptions, include: [], files }));
  const tsc = inRoot('node_modules', 'typescript', 'bin', 'tsc');
  const child = spawn(process.execPath, [tsc, '-p', config], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`the declarations could not be made:\n${output}`);
  await rm(config);
  const beside = join('client', 'testing', 'service.d.mts');
  await copyFile(inRoot(beside), join(outDir, beside));
  const names = await readdir(outDir, { recursive: true });
  for (const name of names.filter((one) => /\.d\.m?ts$/.test(one))) await pointToJs(join(outDir, name));
}

/** Declarations keep the `.ts` of their imports, which older compilers refuse. @param {string} path */
async function pointToJs(path) {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(/(from |import\()(['"])(\.[^'"]+)\.tsx?\2/g, '$1$2$3.js$2'));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildSdk();
