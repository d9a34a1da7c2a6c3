// Checks which part may import which (right may import left). `node scripts/arrows.mjs` prints what breaks the rules:
//   schema/protocol <- core modules of objects <- object.ts <- worker
//   schema/protocol <- client <- web
//   schema/d1       <- the Worker's directory alone
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root as projectRoot } from './paths.mjs';

const source = /\.(ts|tsx|mts|js|mjs|jsx)$/;
/** Folders of what isn't our source: packages, and a build that was kept. */
const foreign = /[/\\](node_modules|fixtures)([/\\]|$)/;
const roots = ['schema', 'objects', 'worker', 'client', 'web', 'examples', 'bench', 'test', 'scripts'];

/**
 * The part a file belongs to. Objects are parts by themselves (`objects/user`), their shells too (`shell:user`).
 * @param {string} file path from the project's root, with slashes
 * @returns {string}
 */
export function partOf(file) {
  const [top = '', second = ''] = file.split('/');
  if (file.startsWith('schema/protocol/')) return 'protocol';
  if (file.startsWith('schema/d1/')) return 'd1';
  if (top === 'schema') return 'schema';
  if (top === 'objects')
    return file === `objects/${second}/object.ts` ? `shell:${second}` : `objects/${second}`;
  if (file === 'worker/directory.ts' || file.startsWith('worker/directory/')) return 'directory';
  if (file.startsWith('client/testing/')) return 'client/testing';
  return top;
}

/**
 * Whether code of part `from` may import code of part `to`.
 * @param {string} from @param {string} to @returns {boolean}
 */
export function mayImport(from, to) {
  if (from === to) return true;
  switch (from) {
    case 'test':
    case 'bench':
    case 'scripts':
      return from === 'test' || (to !== 'test' && (to !== 'bench' || from === 'scripts'));
    case 'schema':
      return to === 'protocol';
    case 'directory':
      return to === 'd1' || to === 'worker' || to === 'protocol' || to === 'objects/shared';
    case 'worker':
      return to === 'directory' || to === 'protocol' || to === 'objects/shared' || to.startsWith('shell:');
    case 'client':
      return to === 'protocol';
    case 'client/testing':
      // Inside the repository `startParley` runs what `npm run serve` does.
      return to === 'protocol' || to === 'client' || to === 'scripts';
    case 'web':
    case 'examples':
      return to === 'client';
    default:
      return mayObjectImport(from, to);
  }
}

/** @param {string} from @param {string} to */
function mayObjectImport(from, to) {
  if (to === 'protocol' || to === 'objects/shared') return from !== 'protocol' && from !== 'd1';
  return from.startsWith('shell:') && to === `objects/${from.slice('shell:'.length)}`;
}

/**
 * What a file imports, as it is written there. A comment counts as one when it begins its line.
 * @param {string} text @returns {string[]}
 */
function specifiersOf(text) {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(?:[\w\s{},*$]+?\s*from\s*)?(['"])([^'"\n]+)\1/gm,
  );
  const calls = code.matchAll(/\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g);
  return [...statements, ...calls].map((match) => match[2] ?? '');
}

/**
 * Relative imports of a file, as paths from the project's root.
 * @param {string} file @param {string} text @returns {string[]}
 */
export function importsOf(file, text) {
  const relatives = specifiersOf(text).filter((name) => name.startsWith('.'));
  return relatives.map((name) => posix.join(posix.dirname(file), name));
}

/**
 * Packages a file imports, also `node:` and `cloudflare:` modules.
 * @param {string} text @returns {string[]}
 */
export const packagesOf = (text) => specifiersOf(text).filter((name) => !name.startsWith('.'));

/**
 * Packages a part may use; parts that are not named may use any.
 * @param {string} part @param {string} name
 */
export function mayUsePackage(part, name) {
  if (part === 'd1' || part === 'directory') return true;
  if (part === 'protocol' || part.startsWith('objects/')) return false;
  if (part.startsWith('shell:')) return name.startsWith('cloudflare:') || name.startsWith('node:');
  if (part === 'worker') return !name.startsWith('drizzle-orm');
  return true;
}

/**
 * Every import that goes against the arrows, as a sentence each.
 * @param {string} [root] @returns {string[]}
 */
export function brokenArrows(root = projectRoot) {
  return sourceFiles(root).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const part = partOf(file);
    const files = importsOf(file, text)
      .filter((target) => !mayImport(part, partOf(target)))
      .map((target) => `${file} imports ${target}: ${part} may not import ${partOf(target)}`);
    const packages = packagesOf(text)
      .filter((name) => !mayUsePackage(part, name))
      .map((name) => `${file} imports ${name}: ${part} may not use it`);
    return [...files, ...packages];
  });
}

/** @param {string} root @returns {string[]} */
export function sourceFiles(root = projectRoot) {
  return roots
    .flatMap((dir) => list(join(root, dir)))
    .map((path) => relative(root, path).split(sep).join('/'));
}

/** @param {string} dir @returns {string[]} */
function list(dir) {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && source.test(entry.name) && !foreign.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code === 'ENOENT') return [];
    throw error;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const broken = brokenArrows();
  for (const line of broken) console.error(line);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
