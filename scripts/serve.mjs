// Runs the production build in workerd, with its state in a folder:
//   node scripts/serve.mjs --port 8787 --data DIR      (port 0: a free one)
// No file is watched and nothing stands between a client and workerd. Prints `ready http://127.0.0.1:PORT` once it
// answers. Every PARLEY_… environment variable reaches the Worker as a text binding.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { settingsOf } from '../worker/settings.ts';
import { buildWeb } from './build-web.mjs';
import { buildWorker } from './build-worker.mjs';
import { endRuntimeWithThisProcess } from './end-runtime.mjs';
import { inRoot } from './paths.mjs';

const addressInUse = 'ERR_ADDRESS_IN_USE';
const addressWaitMs = 5_000;

/**
 * @typedef {object} ServeOptions
 * @property {number} port 0 picks a free one
 * @property {string} data folder for all state; made if it doesn't exist
 * @property {Record<string, string>} [variables] text bindings, beside the PARLEY_… ones of the environment
 */

/** Starts a server; `close` ends it and leaves the state in `data`. @param {ServeOptions} options */
export async function serve({ port, data, variables = {} }) {
  await buildWeb();
  const { modules, options, migrations } = await buildWorker();
  const dir = resolve(data);
  mkdirSync(dir, { recursive: true });
  const bindings = { ...options.bindings, ...environmentVariables(), ...variables };
  bindings.PARLEY_SIGNING_KEY ||= signingKey(join(dir, 'signing-key'));
  // Throws what is wrong with them; the Worker could only answer every request with an error.
  settingsOf(bindings);

  const modulesRoot = inRoot('dist', 'worker', 'modules');
  const forget = endRuntimeWithThisProcess();
  const runtime = await start(port, {
    host: '127.0.0.1',
    port: 0,
    resourcePersistencePath: dir,
    cf: false,
    logRequests: false,
    log: new Log(LogLevel.WARN),
    handleStructuredLogs: ({ level, message }) => process.stderr.write(`${level}: ${message}\n`),
    telemetry: { enabled: false },
    workers: [
      {
        ...options,
        bindings,
        rootPath: inRoot(),
        modules,
        modulesRoot,
        // Clients reach the Worker itself, which serves files too: the three Workers that Miniflare would put in front
        // cost most of the time of a small request.
        unsafeDirectSockets: [{ host: '127.0.0.1', port }],
        assets: { ...options.assets, directory: inRoot('dist', 'web') },
        unsafeEphemeralDurableObjects: false,
      },
    ],
  });
  const close = async () => {
    await runtime.dispose();
    forget();
  };
  await migrate(await runtime.getD1Database('DB'), migrations);
  const url = (await runtime.unsafeGetDirectURL(options.name)).origin;
  await (await fetch(`${url}/v1/health`)).arrayBuffer();
  return { url, close };
}

/** A server killed a moment ago may still hold the port. @param {number} port @param {import('miniflare').V4MiniflareOptions} options */
async function start(port, options) {
  for (const end = Date.now() + addressWaitMs; ; ) {
    const runtime = new Miniflare(convertV4MiniflareOptions(options));
    try {
      await runtime.ready;
      return runtime;
    } catch (error) {
      await runtime.dispose().catch(() => {});
      const code = /** @type {{ code?: string }} */ (error).code;
      if (code !== addressInUse) throw error;
      if (Date.now() > end) throw new Error(`port ${port} is in use by another program`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
}

/** Applies what is new, each migration in one transaction, and keeps the same table of them as wrangler does. */
async function migrate(
  /** @type {Awaited<ReturnType<Miniflare['getD1Database']>>} */ db,
  /** @type {import('./build-worker.mjs').Migration[]} */ migrations,
) {
  await db
    .prepare(
      `CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
       applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`,
    )
    .run();
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all();
  const applied = new Set(results.map((row) => row.name));
  for (const { name, queries } of migrations) {
    if (applied.has(name)) continue;
    const record = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name);
    await db.batch([...queries.map((query) => db.prepare(query)), record]);
  }
}

/** @returns {Record<string, string>} */
function environmentVariables() {
  const entries = Object.entries(process.env).filter(([name]) => name.startsWith('PARLEY_'));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

/** The key of this folder, made at the first start: 32 random bytes. @param {string} path */
function signingKey(path) {
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
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
  const server = await serve({ port, data: values.data });
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
