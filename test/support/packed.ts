import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSdk } from '../../scripts/build-sdk.mjs';
import { buildWorker } from '../../scripts/build-worker.mjs';

const execute = promisify(execFile);
const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The package as `npm pack` makes it, installed in a project of its own that has nothing else. */
export interface Project {
  readonly folder: string;
  /** What the package holds. */
  readonly files: readonly string[];
  readonly manifest: Record<string, unknown>;
  remove(): void;
}

/** @param linked packages of this repository that the project has too */
export async function packedProject(linked: readonly string[]): Promise<Project> {
  await buildWorker();
  await buildSdk();
  const folder = mkdtempSync(join(tmpdir(), 'parley-packed-'));
  const npm = process.env.npm_execpath;
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const options = { cwd: inRoot('.'), maxBuffer: 1e8 };
  const { stdout } = npm?.endsWith('.js')
    ? await execute(process.execPath, [npm, ...args], options)
    : await execute('npm', args, { ...options, shell: process.platform === 'win32' });
  const packed: { filename: string }[] = Object.values(JSON.parse(stdout));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  await execute('tar', ['-xzf', join(folder, packed[0]?.filename ?? ''), '-C', folder]);
  cpSync(join(folder, 'package'), join(modules, 'parley'), { recursive: true });
  for (const name of linked) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(inRoot(`node_modules/${name}`), join(modules, name), 'junction');
  }
  const within = join(modules, 'parley');
  return {
    folder,
    files: readdirSync(within, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(within.length + 1)),
    manifest: JSON.parse(readFileSync(join(within, 'package.json'), 'utf8')),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a program of that project prints. */
export async function runIn(
  { folder }: Project,
  node: string,
  name: string,
  program: string,
): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, program);
  const { stdout } = await execute(node, [file], { cwd: folder, timeout: 300_000 });
  return stdout.trim();
}

/** The Node of this machine, if it is the oldest that is supported. */
export async function oldestNode(): Promise<string | undefined> {
  const places = (process.env.PATH ?? '').split(':').filter((place) => !place.includes('node_modules'));
  for (const place of places) {
    const node = join(place, 'node');
    const version = await execute(node, ['--version']).then(
      ({ stdout }) => stdout,
      () => '',
    );
    if (version.startsWith('v20.')) return node;
  }
  return undefined;
}
