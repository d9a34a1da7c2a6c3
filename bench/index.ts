// `npm run bench -- NAME [--json]`: one measurement. Fails only when something was lost, repeated or out of order.
import type { RunOptions } from './support/report.ts';

interface Bench {
  run(options: RunOptions): void | Promise<void>;
}

const BENCHES: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Bench> }>> = {
  load: { about: 'messages a second against what this machine can do', load: () => import('./load/load.ts') },
  cost: { about: 'rows, calls and dollars per message', load: () => import('./cost/cost.ts') },
  idle: {
    about: 'memory and wake-ups of people who only stay connected',
    load: () => import('./idle/idle.ts'),
  },
  history: {
    about: 'time of a page in short and long conversations',
    load: () => import('./history/history.ts'),
  },
  web: {
    about: 'the web app in a browser: sizes, opening, keypresses, a long timeline',
    load: () => import('./web/web.ts'),
  },
  codec: { about: 'parsing and checking of frames', load: () => import('./codec.ts') },
};

const [name = '', ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench) {
  const json = rest.includes('--json');
  await (await bench.load()).run({ json, args: rest.filter((argument) => argument !== '--json') });
  // Sockets that are still closing must not keep a finished measurement alive.
  process.exit();
}
console.error('usage: npm run bench -- NAME [--json]');
for (const [known, { about }] of Object.entries(BENCHES)) console.error(`  ${known.padEnd(8)} ${about}`);
process.exitCode = 2;
