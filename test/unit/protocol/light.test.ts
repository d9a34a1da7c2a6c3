import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What a browser may take of the schema at run time; everything else a client imports as types. */
const LIGHT = ['constants', 'errors', 'knows', 'limits', 'release', 'version'].map(
  (name) => `schema/protocol/${name}.ts`,
);

/** Files of the schema whose code ends up in a bundle of `entry`. */
async function schemaIn(entry: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    outdir: 'dist',
    logLevel: 'silent',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  return inputs.filter((path) => path.startsWith('schema/'));
}

test.each(LIGHT)('%s brings nothing along', async (path) => {
  expect(await schemaIn(path)).toEqual([path]);
});

test.skipIf(!existsSync(`${root}client/index.ts`))('the client takes no validators along', async () => {
  expect((await schemaIn('client/index.ts')).filter((path) => !LIGHT.includes(path))).toEqual([]);
});
