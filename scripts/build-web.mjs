// Builds the web app into dist/web with Vite: the shell, scripts and styles named by their content under /assets/,
// and everything in web/static. `node scripts/build-web.mjs`, or `buildWeb()`; does nothing when nothing changed.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildDocs } from './build-docs.ts';
import { buildServiceWorker } from './build-service-worker.mjs';
import { contentHash, isStamped } from './content-hash.mjs';
import { inRoot } from './paths.mjs';
import { LIMITS_KB } from './size-limits.mjs';
import { firstLoad } from './web-size.mjs';

const to = inRoot('dist', 'web');
const stamp = inRoot('dist', 'web.hash');

/**
 * `offline: false`: its service worker keeps nothing, so that every change is seen at once.
 * @param {{ offline?: boolean }} [options] @returns {Promise<boolean>} whether anything had to be built
 */
export async function buildWeb({ offline = true } = {}) {
  const content = contentHash([
    'web',
    'client',
    'schema/protocol',
    'package-lock.json',
    'scripts/build-web.mjs',
    'scripts/build-docs.ts',
    'scripts/build-service-worker.mjs',
    'scripts/size-limits.mjs',
    'scripts/web-size.mjs',
    'scripts/docs',
  ]);
  const hash = offline ? content : `${content} online`;
  if (existsSync(to) && isStamped(stamp, hash)) return false;
  // Loaded only when there is something to build: a server that starts from a finished build doesn't wait for it.
  const { build } = await import('vite');
  await build({
    root: inRoot('web'),
    configFile: false,
    publicDir: 'static',
    logLevel: 'warn',
    build: {
      outDir: to,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      target: ['chrome123', 'firefox128', 'safari17.5'],
      sourcemap: true,
      reportCompressedSize: false,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        // A slow machine is no mistake of the build.
        checks: { pluginTimings: false },
        output: { codeSplitting: { groups: [{ name: firstChunk() }] } },
      },
    },
    // React would take it for a development build.
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const size = firstLoad(to);
  if (size.kB > LIMITS_KB.web)
    throw new Error(
      `the first load is ${size.kB} kB of compressed JavaScript, more than ${LIMITS_KB.web}:\n${size.table}`,
    );
  await copyEmoji();
  await buildServiceWorker(to, offline);
  await buildDocs(to);
  await writeFile(stamp, hash);
  return true;
}

/**
 * What the entry needs comes in one file: it compresses better than many small ones that are there because something that
 * is loaded later needs a part of them too.
 * @returns {(id: string, context: { getModuleInfo(id: string): { isEntry: boolean, importers: string[] } | null }) => string | null}
 */
function firstChunk() {
  return (id, context) => {
    // Up through whatever imports it, until there is an entry; what is imported later has no importer of this kind.
    const way = new Set([id]);
    for (const module of way) {
      const info = context.getModuleInfo(module);
      if (info?.isEntry) return 'app';
      for (const importer of info?.importers ?? []) way.add(importer);
    }
    return null;
  };
}

/** Names and order of all emoji, for who opens the picker: far too much to be loaded with the app. */
async function copyEmoji() {
  const folder = join(to, 'emoji', 'en');
  await mkdir(folder, { recursive: true });
  for (const name of ['data.json', 'messages.json'])
    await copyFile(inRoot('node_modules', 'emojibase-data', 'en', name), join(folder, name));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildWeb();
