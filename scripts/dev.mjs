// `npm run dev`: everything a first look needs, on this machine alone. Makes a signing key, builds the web app, brings
// the local database up to date and starts `wrangler dev`.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, watch, writeFileSync } from 'node:fs';
import { buildWeb } from './build-web.mjs';
import { inRoot, quietWrangler, root, wranglerCli } from './paths.mjs';

const port = process.env.PORT ?? '8787';
const env = { ...process.env, ...quietWrangler, CI: '1' };

if (!existsSync(inRoot('.dev.vars'))) {
  const key = randomBytes(32).toString('base64url');
  writeFileSync(inRoot('.dev.vars'), `PARLEY_SIGNING_KEY=${key}\n`, { mode: 0o600 });
}
await buildWeb({ offline: false });

if (existsSync(inRoot('schema', 'd1', 'migrations'))) {
  const args = [wranglerCli, 'd1', 'migrations', 'apply', 'DB', '--local'];
  const applied = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
  if (applied.status !== 0) {
    console.error(applied.stdout, applied.stderr);
    process.exit(1);
  }
}

rebuildOnChange();
const args = [
  wranglerCli,
  'dev',
  '--ip',
  '127.0.0.1',
  '--port',
  port,
  '--local',
  '--show-interactive-dev-session=false',
];
const server = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.on(signal, () => server.kill(signal));
// Whoever ends `npm run dev` by its process id ends npm alone: its shell passes no signal on.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'dev')
  setInterval(() => process.ppid !== parent && server.kill('SIGTERM'), 250).unref();
server.once('exit', (code) => process.exit(code ?? 0));
await announce();

/** wrangler watches the Worker and dist/web; the sources of the web app are watched here. */
function rebuildOnChange() {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let building = Promise.resolve();
  // One after the other: two builds would write into the same folder.
  const rebuild = () => {
    building = building
      .then(() => buildWeb({ offline: false }))
      .then(undefined, (error) => console.error(String(error)));
  };
  for (const dir of ['web', 'client', 'schema/protocol'].map((path) => inRoot(path)).filter(existsSync)) {
    watch(dir, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(rebuild, 100);
    });
  }
}

async function announce() {
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(`${url}/v1/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer && answer.status !== 503) break;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  console.log(`\nParley runs: open ${url} in two browsers and sign up twice. Ctrl-C ends it.\n`);
}
