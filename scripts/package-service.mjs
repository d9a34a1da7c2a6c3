// What `startParley` runs in the published package: the Worker that lies beside it, already built. Bundled into
// dist/sdk/service.mjs by build-sdk.mjs.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWorker } from './run-worker.mjs';
import { withFolder } from './with-folder.mjs';
import { readWorkerBuild } from './worker-build.mjs';

// From dist/sdk/service.mjs.
const folder = fileURLToPath(new URL('../worker', import.meta.url));

/** @type {typeof import('../client/testing/service.d.mts').startService} */
export const startService = (options) =>
  withFolder(options, async ({ port, data, variables }) => {
    const build = await readWorkerBuild(folder);
    // The web app is no part of the package.
    const web = join(data, 'no-files');
    await mkdir(web, { recursive: true });
    return runWorker({ build, web, port, data, variables });
  });
