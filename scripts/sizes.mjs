// How much of the SDK a browser loads: `node scripts/sizes.mjs` prints it, and fails above the limits.
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundling, entries } from './build-sdk.mjs';
import { root } from './paths.mjs';
import { LIMITS_KB } from './size-limits.mjs';

/**
 * @typedef {object} Size
 * @property {string} name
 * @property {number} bytes minified and gzipped
 * @property {number} [limit] in bytes
 */

/** What is loaded when it is first needed. Each counts on its own, with what it shares with nobody. */
const LATER = ['device', 'asking', 'poll-transport'];

/** @param {string} contents @param {string[]} external modules that are left out */
async function sizeOf(contents, external) {
  const { outputFiles } = await build({
    ...bundling,
    splitting: false,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    external: [...(bundling.external ?? []), ...external],
    outdir: 'out',
    minify: true,
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
}

/**
 * The parts of the SDK as an application that is built into files of its own loads them: `createClient` at once, the
 * rest of `parley/client` where it is imported, the modules of `client/later.ts` with the first store, the first
 * request, the first socket that doesn't get through. `parley/react` is what the hooks add. @returns {Promise<Size[]>}
 */
export async function sdkSizes() {
  const later = LATER.map((name) => `./${name}.ts`);
  const createClient = "export { createClient } from './client/index.ts';";
  const core = await sizeOf(createClient, later);
  const whole = await sizeOf(`export * from './${entries.client}';`, later);
  const hooks = await sizeOf(`${createClient} export * from './${entries.react}';`, later);
  const sizes = [
    { name: 'createClient of parley/client', bytes: core, limit: LIMITS_KB.client * 1000 },
    { name: 'parley/react beyond it', bytes: hooks - core, limit: LIMITS_KB.react * 1000 },
    { name: 'everything else of parley/client (accounts, transports, stores)', bytes: whole - core },
  ];
  for (const name of LATER) {
    const others = later.filter((path) => path !== `./${name}.ts`);
    const both = await sizeOf(`${createClient} export * from './client/${name}.ts';`, others);
    sizes.push({ name: `later: ${name}`, bytes: both - core });
  }
  return sizes;
}

/** One line for each. @param {Size[]} sizes */
export function sizeTable(sizes) {
  const kB = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(2)} kB`;
  return sizes
    .map(
      ({ name, bytes, limit }) =>
        `${kB(bytes).padStart(10)}  ${name}${limit === undefined ? '' : `  (limit ${kB(limit)})`}`,
    )
    .join('\n');
}

/** What is above its limit. @param {Size[]} sizes */
export const tooLarge = (sizes) =>
  sizes.filter(({ bytes, limit }) => limit !== undefined && bytes > limit).map(({ name }) => name);

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sizes = await sdkSizes();
  console.log(sizeTable(sizes));
  if (tooLarge(sizes).length > 0) process.exitCode = 1;
}
