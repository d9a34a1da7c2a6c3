// Builds the service worker of the web app, with the list of everything the app needs to open without a network.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { build } from 'esbuild';
import { inRoot } from './paths.mjs';

/** What opening the app doesn't need: pictures the browser asks for by itself, maps, names of emoji. */
const notNeeded = /^icon-.*\.png$|\.map$|^emoji\//;

/** @param {string} folder a finished build, without the documents @param {boolean} offline */
export async function buildServiceWorker(folder, offline) {
  const names = offline ? filesIn(folder).filter((name) => !notNeeded.test(name)) : [];
  const version = createHash('sha256');
  for (const name of names) version.update(`${name}\0`).update(readFileSync(join(folder, name)));
  const paths = names.map((name) => (name === 'index.html' ? '/' : `/${name}`));
  await build({
    entryPoints: [inRoot('web', 'pwa', 'service-worker.ts')],
    outfile: join(folder, 'service-worker.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
    define: {
      FILES: JSON.stringify(paths),
      VERSION: JSON.stringify(version.digest('hex').slice(0, 16)),
    },
  });
}

/** @param {string} folder @returns {string[]} paths inside it, with slashes */
const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
