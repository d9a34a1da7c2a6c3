// How much JavaScript the web app loads before it shows anything. `node scripts/web-size.mjs` prints it for the last
// build; a build above the limit fails.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { inRoot } from './paths.mjs';
import { LIMITS_KB } from './size-limits.mjs';

/**
 * The scripts the shell names, among them all that its entry imports: Vite lists those for preloading. What is imported
 * later is not counted.
 * @param {string} folder of a build
 */
export function firstLoad(folder) {
  const shell = readFileSync(join(folder, 'index.html'), 'utf8');
  const tags = [
    ...shell.matchAll(/<script[^>]* src="([^"]+)"|<link rel="modulepreload"[^>]* href="([^"]+)"/g),
  ];
  const rows = tags.map(([, script, preloaded]) => {
    const name = script ?? preloaded ?? '';
    return { name, bytes: gzipSync(readFileSync(join(folder, name)), { level: 9 }).length };
  });
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const table = rows
    .map(({ name, bytes }) => `${(bytes / 1_000).toFixed(1).padStart(8)} kB ${name}`)
    .join('\n');
  return { kB: Math.round(total / 100) / 10, table };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { kB, table } = firstLoad(inRoot('dist', 'web'));
  console.log(`${table}\n${kB.toFixed(1).padStart(8)} kB of ${LIMITS_KB.web} at the first load`);
}
