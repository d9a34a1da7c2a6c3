// Writes openapi.json and asyncapi.json from the schema: `node scripts/build-docs.ts` into dist/web, or `buildDocs`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asyncapi } from './docs/asyncapi.ts';
import { openapi } from './docs/openapi.ts';
import { inRoot } from './paths.mjs';

/** Puts both documents into `outDir`, which the Worker serves as they are. @returns their paths */
export async function buildDocs(outDir: string): Promise<string[]> {
  const documents = { 'openapi.json': openapi(), 'asyncapi.json': asyncapi() };
  await mkdir(outDir, { recursive: true });
  return Promise.all(
    Object.entries(documents).map(async ([name, document]) => {
      const path = join(outDir, name);
      await writeFile(path, `${JSON.stringify(document, null, 1)}\n`);
      return path;
    }),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await buildDocs(inRoot('dist', 'web'));
