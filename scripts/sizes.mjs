// How much of the SDK a browser loads: `node scripts/sizes.mjs` prints it, and fails above the limits.
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundling, entries } from './build-sdk.mjs';
import { LIMITS_KB } from './size-limits.mjs';

/**
 * @typedef {object} Size
 * @property {string} name
 * @property {number} bytes minified and gzipped
 * @property {number} [limit] in bytes
 */

/** @typedef {{ bytes: number, imports: { path: string, kind: string, external?: boolean }[], inputs: string[] }} Chunk */

/** Each export with what it needs at once; what is loaded later counts on its own. @returns {Promise<Size[]>} */
export async function sdkSizes() {
  const { testing: _, ...browser } = entries;
  const result = await build({
    ...bundling,
    entryPoints: browser,
    outdir: 'out',
    minify: true,
    write: false,
    metafile: true,
  });
  /** @type {Map<string, Chunk>} */
  const chunks = new Map();
  for (const [path, { imports, inputs }] of Object.entries(result.metafile.outputs)) {
    const file = result.outputFiles.find((one) => one.path.endsWith(`/${path}`));
    const bytes = gzipSync(file?.contents ?? '', { level: 9 }).length;
    chunks.set(path, { bytes, imports, inputs: Object.keys(inputs) });
  }
  const core = atOnce(chunks, 'out/client.js');
  const react = atOnce(chunks, 'out/react.js').filter((path) => !core.includes(path));
  const shown = new Set([...core, ...react]);
  const later = [...chunks.keys()].filter((path) => !shown.has(path));
  return [
    { name: 'parley/client', bytes: sum(chunks, core), limit: LIMITS_KB.client * 1000 },
    ...(react.length === 0
      ? []
      : [{ name: 'parley/react', bytes: sum(chunks, react), limit: LIMITS_KB.react * 1000 }]),
    ...later.map((path) => ({
      name: `later: ${chunks.get(path)?.inputs.at(-1)}`,
      bytes: chunks.get(path)?.bytes ?? 0,
    })),
  ];
}

/** A chunk and what it imports before it runs. @param {Map<string, Chunk>} chunks @param {string} entry */
function atOnce(chunks, entry) {
  const needed = new Set(chunks.has(entry) ? [entry] : []);
  for (const path of needed)
    for (const { path: imported, kind, external } of chunks.get(path)?.imports ?? [])
      if (kind === 'import-statement' && !external) needed.add(imported);
  return [...needed];
}

/** @param {Map<string, Chunk>} chunks @param {string[]} paths */
const sum = (chunks, paths) => paths.reduce((total, path) => total + (chunks.get(path)?.bytes ?? 0), 0);

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
