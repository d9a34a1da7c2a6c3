// Runs the production build in workerd, with its state in a folder:
//   node scripts/serve.mjs --port 8787 --data DIR      (port 0: a free one)
// No file is watched and nothing stands between a client and workerd. Prints `ready http://127.0.0.1:PORT` once it
// answers. Every PARLEY_… environment variable reaches the Worker as a text binding.
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildWeb } from './build-web.mjs';
import { buildWorker } from './build-worker.mjs';
import { inRoot } from './paths.mjs';
import { runWorker } from './run-worker.mjs';

/**
 * @typedef {object} ServeOptions
 * @property {number} port 0 picks a free one
 * @property {string} data folder for all state; made if it doesn't exist
 * @property {Record<string, string>} [variables] text bindings
 */

/** Starts a server; `close` ends it and leaves the state in `data`. @param {ServeOptions} options */
export async function serve({ port, data, variables = {} }) {
  await buildWeb();
  const build = await buildWorker();
  const web = inRoot('dist', 'web');
  return runWorker({ build, web, port, data, variables });
}

/** @returns {Record<string, string>} */
function environmentVariables() {
  const entries = Object.entries(process.env).filter(([name]) => name.startsWith('PARLEY_'));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      data: { type: 'string', default: inRoot('.parley-data') },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port} is no port`);
  const server = await serve({ port, data: values.data, variables: environmentVariables() });
  const stopped = new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      // Miniflare's own handler, good enough until here, would end the process as a failure.
      process.removeAllListeners(signal).once(signal, stop);
    }
    // Whoever ends `npm run serve` by its process id ends npm alone: its shell passes no signal on.
    const parent = process.ppid;
    const orphaned = () => process.ppid !== parent && stop(undefined);
    if (process.env.npm_lifecycle_event === 'serve') setInterval(orphaned, 250).unref();
  });
  console.log(`ready ${server.url}`);
  await stopped;
  await server.close();
  process.exit(0);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    // workerd may be running still: not to wait for it.
    process.exit(1);
  });
}
