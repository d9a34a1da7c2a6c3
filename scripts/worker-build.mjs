// Reads a Worker that was built into a folder (see build-worker.mjs). Needs nothing but Node.
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** @typedef {{ name: string, queries: string[] }} Migration */
/** @typedef {{ type: 'ESModule' | 'CompiledWasm' | 'Text' | 'Data', path: string, contents: string | Uint8Array }} Module */
/**
 * @typedef {object} WorkerBuild
 * @property {string} folder
 * @property {Module[]} modules the entry first
 * @property {Record<string, any>} options the bindings of wrangler.toml in Miniflare's terms
 * @property {Migration[]} migrations of D1
 */

/** @param {string} folder @returns {Promise<WorkerBuild>} */
export async function readWorkerBuild(folder) {
  /** @param {string} name */
  const json = async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  return {
    folder,
    modules: await readModules(modulesOf(folder)),
    options: await json('options.json'),
    migrations: await json('migrations.json'),
  };
}

/** @param {string} folder */
export const modulesOf = (folder) => join(folder, 'modules');

/** @type {Record<string, Module['type']>} */
const moduleTypes = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
  '.bin': 'Data',
};

/** The entry module first, as Miniflare wants it. @param {string} dir @returns {Promise<Module[]>} */
async function readModules(dir) {
  const names = (await readdir(dir)).filter((name) => moduleTypes[extname(name)]);
  names.sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'));
  return Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      const type = moduleTypes[extname(name)] ?? 'Data';
      const binary = type === 'Data' || type === 'CompiledWasm';
      return {
        type,
        path,
        contents: binary ? new Uint8Array(await readFile(path)) : await readFile(path, 'utf8'),
      };
    }),
  );
}
