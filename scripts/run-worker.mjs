// Runs a built Worker in workerd, with its state in a folder. Needs neither wrangler nor a source file, so the
// published package runs it too.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { settingsOf } from '../worker/settings.ts';
import { endRuntimeWithThisProcess } from './end-runtime.mjs';
import { modulesOf } from './worker-build.mjs';

const addressInUse = 'ERR_ADDRESS_IN_USE';
const addressWaitMs = 5_000;
const readyWaitMs = 10_000;

/**
 * @typedef {object} RunOptions
 * @property {import('./worker-build.mjs').WorkerBuild} build
 * @property {string} web folder of the files that are served beside the API
 * @property {number} port 0 picks a free one
 * @property {string} data folder for all state; made if it doesn't exist
 * @property {Record<string, string>} variables text bindings
 */

/** Starts it; `close` ends it and leaves the state in `data`. @param {RunOptions} options */
export async function runWorker({ build, web, port, data, variables }) {
  const { folder, modules, options, migrations } = build;
  const dir = resolve(data);
  mkdirSync(dir, { recursive: true });
  const bindings = { ...options.bindings, ...variables };
  bindings.PARLEY_SIGNING_KEY ||= signingKey(join(dir, 'signing-key'));
  // Throws what is wrong with them; the Worker could only answer every request with an error.
  settingsOf(bindings);

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
        rootPath: folder,
        modules,
        modulesRoot: modulesOf(folder),
        // Clients reach the Worker itself, which serves files too: the three Workers that Miniflare would put in front
        // cost most of the time of a small request.
        unsafeDirectSockets: [{ host: '127.0.0.1', port }],
        assets: { ...options.assets, directory: web },
        unsafeEphemeralDurableObjects: false,
      },
    ],
  });
  const close = async () => {
    await runtime.dispose();
    forget();
  };
  try {
    await migrate(await runtime.getD1Database('DB'), migrations);
    const url = (await runtime.unsafeGetDirectURL(options.name)).origin;
    await ready(url);
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The socket listens before the tables are there; whoever asked meanwhile was told so, and that answer may be kept a moment. @param {string} url */
async function ready(url) {
  for (const end = Date.now() + readyWaitMs; ; ) {
    const answer = await fetch(`${url}/v1/health`);
    const text = await answer.text();
    if (answer.ok) return;
    if (Date.now() > end) throw new Error(`the service does not get ready: ${text}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** A server killed a moment ago may still hold the port. Also for tests that run several. @param {number} port @param {import('miniflare').V4MiniflareOptions} options */
export async function start(port, options) {
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
export async function migrate(
  /** @type {Awaited<ReturnType<Miniflare['getD1Database']>>} */ db,
  /** @type {import('./worker-build.mjs').Migration[]} */ migrations,
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

/** The key of this folder, made at the first start: 32 random bytes. @param {string} path */
export function signingKey(path) {
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
