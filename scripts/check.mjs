// `npm run check`: format and lint, types of every part, arrows, documents, sizes. Prints what fails and goes on to the next.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { brokenArrows } from './arrows.mjs';
import { lintDocs } from './lint-docs.ts';
import { inRoot, root } from './paths.mjs';
import { sdkSizes, sizeTable, tooLarge } from './sizes.mjs';

const noInputs = 'error TS18003';

/** @param {string} file @param {string[]} args @returns {Promise<{ code: number | null, output: string }>} */
function run(file, args) {
  const child = spawn(process.execPath, [inRoot('node_modules', file), ...args], { cwd: root });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
  });
}

/** @param {string} config */
async function types(config) {
  const { code, output } = await run('typescript/bin/tsc', ['--noEmit', '-p', config]);
  // A part that has no file yet is no mistake.
  return code === 0 || output.includes(noInputs) ? '' : output;
}

async function style() {
  const { code, output } = await run('@biomejs/biome/bin/biome', [
    'ci',
    '--colors=off',
    '--max-diagnostics=50',
    '.',
  ]);
  return code === 0 ? '' : output;
}

async function sizes() {
  const all = await sdkSizes();
  console.log(sizeTable(all));
  return tooLarge(all)
    .map((name) => `${name} is too large: see scripts/size-limits.mjs`)
    .join('\n');
}

const configs = readdirSync(root).filter((name) => /^tsconfig\.(?!base).+\.json$/.test(name));
/** @type {[string, () => Promise<string>][]} */
const steps = [
  ['format and lint', style],
  ...configs.map((config) => /** @type {[string, () => Promise<string>]} */ ([config, () => types(config)])),
  ['arrows', async () => brokenArrows().join('\n')],
  ['OpenAPI and AsyncAPI', lintDocs],
  ['sizes', sizes],
];

for (const [name, step] of steps) {
  const problem = await step();
  console.log(`${problem ? 'FAILED' : 'ok    '} ${name}`);
  if (!problem) continue;
  console.error(problem);
  process.exitCode = 1;
}
