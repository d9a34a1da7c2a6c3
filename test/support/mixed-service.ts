/**
 * A service put together of two builds, as in the middle of a deploy: the Worker, the users' objects and the
 * conversations' objects are each of today's or of the previous release. A program, so that it can be killed:
 *   node test/support/mixed-service.ts --data DIR --port 0 --worker today --users previous --conversations today
 * Objects live in Workers named after their part, so that their storage is the same whichever build is there.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Log, LogLevel } from 'miniflare';
import { buildWorker } from '../../scripts/build-worker.mjs';
import { endRuntimeWithThisProcess } from '../../scripts/end-runtime.mjs';
import { previousFolder } from '../../scripts/keep-build.mjs';
import { migrate, signingKey, start } from '../../scripts/run-worker.mjs';
import { modulesOf, readWorkerBuild } from '../../scripts/worker-build.mjs';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    port: { type: 'string', default: '0' },
    worker: { type: 'string', default: 'today' },
    users: { type: 'string', default: 'today' },
    conversations: { type: 'string', default: 'today' },
  },
});
const parts = ['worker', 'users', 'conversations'] as const;
type Part = (typeof parts)[number];

const today = await buildWorker();
const previous = await readWorkerBuild(join(previousFolder, 'worker'));
const buildOf = (part: Part) => (values[part] === 'previous' ? previous : today);

const dir = resolve(values.data);
const files = join(dir, 'no-files');
mkdirSync(files, { recursive: true });
const variables = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith('PARLEY_')),
);
const port = Number(values.port);

const object = (className: string, scriptName: Part) => ({ className, scriptName, useSQLite: true });
const workerOf = (part: Part) => {
  const { folder, modules, options } = buildOf(part);
  return {
    ...options,
    name: part,
    bindings: { ...options.bindings, ...variables, PARLEY_SIGNING_KEY: signingKey(join(dir, 'signing-key')) },
    durableObjects: {
      USERS: object('UserObject', 'users'),
      CONVERSATIONS: object('ConversationObject', 'conversations'),
    },
    rootPath: folder,
    modules,
    modulesRoot: modulesOf(folder),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: part === 'worker' ? port : 0 }],
    assets: { ...options.assets, directory: files },
    unsafeEphemeralDurableObjects: false,
  };
};

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
  workers: parts.map(workerOf),
});
// As a deploy does, which comes after them: of the newer release, also when the Worker is the older.
await migrate(await runtime.getD1Database('DB', 'worker'), today.migrations);
const urls = await Promise.all(parts.map(async (part) => (await runtime.unsafeGetDirectURL(part)).origin));
await (await fetch(`${urls[0]}/v1/health`)).arrayBuffer();

const stopped = new Promise<void>((stop) => {
  for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal).once(signal, () => stop());
});
console.log(`parts ${urls.join(' ')}`);
console.log(`ready ${urls[0]}`);
await stopped;
await runtime.dispose();
forget();
process.exit(0);
