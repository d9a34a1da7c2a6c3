/**
 * `npm run soak -- --seeds 100000 --from 1`: the simulation for as long as you like. With `--trace` each run is written
 * down line by line, which is for one seed. Exits with 1 when a promise was broken.
 */
import { parseArgs } from 'node:util';
import { runMany } from './many.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const seeds = Number(values.seeds);
const from = Number(values.from);
if (!Number.isSafeInteger(seeds) || !Number.isSafeInteger(from))
  throw new Error('--seeds and --from are whole numbers');

if (values.trace) {
  for (let seed = from; seed < from + seeds; seed++) run(seed, {}, (line) => console.log(line));
} else {
  const began = performance.now();
  let left = seeds;
  let failures = 0;
  while (left > 0) {
    const part = Math.min(left, 1_000);
    const first = from + seeds - left;
    const totals = runMany(first, part, {}, (seed, error) => console.log(`seed ${seed}: ${error.message}`));
    failures += totals.failures.length;
    left -= part;
    const spent = ((performance.now() - began) / 1000).toFixed(0);
    console.log(`${first + part - 1}: ${failures} failed, ${spent} s`);
  }
  process.exitCode = failures > 0 ? 1 : 0;
}
