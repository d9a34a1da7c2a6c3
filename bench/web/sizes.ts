import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inRoot } from '../../scripts/paths.mjs';
import { sdkSizes } from '../../scripts/sizes.mjs';
import { firstLoad } from '../../scripts/web-size.mjs';

export interface Size {
  readonly name: string;
  /** 1,000 bytes after gzip. */
  readonly kB: number;
}

/** What the last build sends to a browser. */
export async function sizes(): Promise<Size[]> {
  const folder = inRoot('dist', 'web');
  const first = firstLoad(folder);
  const files = readdirSync(join(folder, 'assets')).map((name) => ({
    name,
    kB: compressed(join(folder, 'assets', name)),
  }));
  const scripts = files.filter(({ name }) => name.endsWith('.js'));
  const later = scripts.filter(({ name }) => !first.table.includes(name));
  const total = (of: readonly Size[]): number => of.reduce((sum, { kB }) => sum + kB, 0);
  return [
    { name: 'JavaScript of the first load', kB: first.kB },
    { name: 'all JavaScript', kB: total(scripts) },
    { name: 'CSS', kB: total(files.filter(({ name }) => name.endsWith('.css'))) },
    ...later.map(({ name, kB }) => ({ name: `later: ${name.replace(/-[\w-]{8}(?=\.js$)/, '')}`, kB })),
    ...(await sdkSizes()).map(({ name, bytes }) => ({ name: `SDK, ${name}`, kB: bytes / 1000 })),
  ];
}

const compressed = (path: string): number => gzipSync(readFileSync(path), { level: 9 }).length / 1000;
