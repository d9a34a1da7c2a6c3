// Keeps what was built for a release, so that later versions are tested beside it: see docs/design/versions.md.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from './build-sdk.mjs';
import { inRoot } from './paths.mjs';
import { modulesOf } from './worker-build.mjs';

/** Where the previous release lies: `worker` as `readWorkerBuild` wants it, the client, and what release it is. */
export const previousFolder = inRoot('test', 'fixtures', 'previous');

/** @typedef {{ version: string, commit: string }} Release `commit`: what it was built from, the whole hash */

/** @returns {Promise<Release>} */
export async function previousRelease() {
  return JSON.parse(await readFile(join(previousFolder, 'release.json'), 'utf8'));
}

/**
 * Replaces what is kept by the Worker built in `worker` and a client built from the sources as they are.
 * @param {string} worker folder of a built Worker @param {Release} release
 */
export async function keepBuild(worker, release) {
  await rm(previousFolder, { recursive: true, force: true });
  const kept = join(previousFolder, 'worker');
  await mkdir(modulesOf(kept), { recursive: true });
  // No source map: it is twice as large as the code.
  const filter = (/** @type {string} */ path) => !/\.map$|README\.md$/.test(path);
  await cp(modulesOf(worker), modulesOf(kept), { recursive: true, filter });
  for (const name of await readdir(modulesOf(kept)))
    if (name.endsWith('.js')) await forgetMap(join(modulesOf(kept), name));
  await cp(join(worker, 'migrations.json'), join(kept, 'migrations.json'));
  const {
    rootPath: _,
    assets,
    ...options
  } = JSON.parse(await readFile(join(worker, 'options.json'), 'utf8'));
  // Whoever runs it says where it lies.
  const { directory: __, ...served } = assets;
  await writeFile(join(kept, 'options.json'), lines({ ...options, assets: served }));
  await keepClient();
  await writeFile(join(previousFolder, 'release.json'), lines(release));
  await writeFile(join(previousFolder, 'README.md'), readme(release));
}

/** @param {string} path */
async function forgetMap(path) {
  await writeFile(path, (await readFile(path, 'utf8')).replace(/\/\/# sourceMappingURL=.*\n?$/, ''));
}

/** One file with everything that `parley/client` and the headless client of the tests export. */
async function keepClient() {
  await build({
    ...bundling,
    splitting: false,
    stdin: {
      contents: "export * from './client/index.ts'; export { createHeadless } from './client/headless.ts';",
      resolveDir: inRoot('.'),
      loader: 'ts',
    },
    minify: true,
    outfile: join(previousFolder, 'client.js'),
  });
}

/** @param {unknown} value */
const lines = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** @param {Release} release */
const readme = ({ version, commit }) => `# Parley ${version}, built

Made by \`npm run release\` from commit ${commit}; no source, edit nothing here. \`test/system/versions\` runs it beside today's code, because a deploy does the same: [docs/design/versions.md](../../../docs/design/versions.md).

- \`worker/\`: the Worker with both objects as \`wrangler deploy\` uploads it, without its source map; its bindings in Miniflare's terms; the migrations of D1.
- \`client.js\`: the client, in one file.
- \`release.json\`: the same as this page, for programs.
`;
