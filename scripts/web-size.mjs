// How much JavaScript the web app loads before it shows anything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Scripts of web/static that index.html names. */
const BESIDE = ['boot.js'];

/**
 * The scripts index.html names and everything they import before they run; what is imported later is not counted.
 * @param {Awaited<ReturnType<typeof import('vite').build>>} result @param {string} folder
 */
export function firstLoad(result, folder) {
  if (!('output' in result)) throw new Error('a build of one output was expected');
  const chunks = new Map(
    result.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])),
  );
  const needed = new Set(
    [...chunks.values()].filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName),
  );
  for (const name of needed) for (const imported of chunks.get(name)?.imports ?? []) needed.add(imported);
  const rows = [...BESIDE, ...needed].map((name) => {
    const bytes = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
    return { name, bytes };
  });
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = rows.map(({ name, bytes }) => `${String(bytes).padStart(8)} ${name}`).join('\n');
  return { kB: Math.round(total / 100) / 10, table };
}
