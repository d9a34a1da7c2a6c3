import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { createHeadless } from '../../client/headless.ts';
import { buildWorker } from '../../scripts/build-worker.mjs';
import { previousFolder } from '../../scripts/keep-build.mjs';
import { readWorkerBuild } from '../../scripts/worker-build.mjs';
import type { Mix } from './system-service.ts';

const hashOf = (build: Awaited<ReturnType<typeof readWorkerBuild>>): string => {
  const hash = createHash('sha256');
  // A source map is named in the code and lies elsewhere.
  for (const { contents } of build.modules)
    hash.update(
      String(contents)
        .replace(/\/\/# sourceMappingURL=.*\n?$/, '')
        .trimEnd(),
    );
  return hash.digest('hex');
};

/** Of the code of both builds. */
export async function buildHashes(): Promise<{ today: string; previous: string }> {
  const previous = await readWorkerBuild(join(previousFolder, 'worker'));
  return { today: hashOf(await buildWorker()), previous: hashOf(previous) };
}

/** The client of the previous release. */
export async function previousClient(): Promise<{ readonly createHeadless: typeof createHeadless }> {
  return import(pathToFileURL(join(previousFolder, 'client.js')).href);
}

/** `'PTT'`: the Worker of the previous release, the users' and the conversations' objects of today's. */
export function mixOf(letters: string): Mix {
  const [worker, users, conversations] = [...letters].map((one) => (one === 'P' ? 'previous' : 'today'));
  if (!worker || !users || !conversations) throw new Error(`${letters} names no mix`);
  return { worker, users, conversations };
}
