// Lints the published documents: `node scripts/lint-docs.ts`, or `lintDocs()` in `npm run check`. Needs no network.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Parser } from '@asyncapi/parser';
import { buildDocs } from './build-docs.ts';
import { inRoot, root } from './paths.mjs';

const quietRedocly = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** @returns what the linters say, one problem a line; empty when there is nothing, warnings included */
export async function lintDocs(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-docs-'));
  try {
    const [openapi = '', asyncapi = ''] = await buildDocs(dir);
    return [await lintOpenapi(openapi), await lintAsyncapi(asyncapi)].filter(Boolean).join('\n');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function lintOpenapi(path: string): Promise<string> {
  const cli = inRoot('node_modules', '@redocly', 'cli', 'bin', 'cli.js');
  // An upgrade answers 101, which this rule doesn't count as a success.
  const args = [
    cli,
    'lint',
    path,
    '--extends=recommended',
    '--skip-rule=operation-2xx-response',
    '--format=json',
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...quietRedocly },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const start = output.indexOf('{');
  if (start === -1) return `openapi.json could not be linted:\n${output}${errors}`;
  const { problems } = JSON.parse(output.slice(start)) as {
    problems: { ruleId: string; message: string; location: { pointer?: string }[] }[];
  };
  return problems
    .map((p) => `openapi.json ${p.location[0]?.pointer ?? ''}: ${p.message} (${p.ruleId})`)
    .join('\n');
}

async function lintAsyncapi(path: string): Promise<string> {
  const { diagnostics } = await new Parser().parse(await readFile(path, 'utf8'));
  return diagnostics.map((d) => `asyncapi.json ${d.path.join('/')}: ${d.message} (${d.code})`).join('\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = await lintDocs();
  if (problems !== '') console.error(problems);
  process.exitCode = problems === '' ? 0 : 1;
}
