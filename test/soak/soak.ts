/**
 * `npm run soak:client -- --minutes 10 --seed 1`: people talk through the SDK while the service is killed and started
 * again every 10 to 30 s; then everything is compared. `--json` prints the figures for programs. Exits with 1 when a
 * promise was broken.
 */
import { parseArgs } from 'node:util';
import { soak } from './run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(seed))
  throw new Error('--minutes is a positive number, --seed a whole one');

const log = values.json ? () => {} : (line: string) => console.log(line);
const result = await soak({ seconds: minutes * 60, seed, life: [10_000, 30_000], log });
if (values.json) console.log(JSON.stringify(result));
else {
  const { violations, downtime, recovery, ...figures } = result;
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padStart(14)}  ${value}`);
  console.log(`      downtime  median ${downtime.median} ms, slowest ${downtime.slowest} ms`);
  console.log(`      recovery  median ${recovery.median} ms, slowest ${recovery.slowest} ms`);
  console.log(violations.length === 0 ? 'No violation.' : `${violations.length} VIOLATIONS`);
  for (const violation of violations) console.log(`  ${violation}`);
}
if (result.violations.length > 0) process.exitCode = 1;
