import { join } from 'node:path';
import { type Ceilings, startCeilings } from '../ceilings/ceilings.ts';
import { mean, median } from '../support/numbers.ts';
import { print, type RunOptions } from '../support/report.ts';
import { signIn, startService, temporaryFolder } from '../support/service.ts';
import { comeback, group, type Outcome, pairs } from './workloads.ts';

/**
 * Messages a second, as multiples of what this machine can do when every message is one call between two objects and one
 * commit. The machine's speed drifts, so that ceiling is measured before and after every workload.
 */
const CEILING_MS = 1_500;
const PAIRS = 50;
const GROUP = 200;
const FRIENDS = 20;

interface Measured {
  readonly outcome: Outcome;
  /** The one-commit ceiling around it. */
  readonly ceiling: number;
}

export async function run(options: RunOptions): Promise<void> {
  const folder = temporaryFolder();
  const ceilings = await startCeilings(join(folder.path, 'ceilings'));
  const service = await startService(join(folder.path, 'service'));
  try {
    const names = Array.from({ length: GROUP + 1 + FRIENDS }, (_, i) => `load ${i}`);
    const people = await signIn(service, names);
    const workloads = {
      one: () => pairs(service.url, people.slice(0, 2 * PAIRS), 1, { count: 1e6, ms: 6_000 }),
      // Other pairs than before: each workload has conversations of its own.
      many: () => pairs(service.url, people.slice(2 * PAIRS, 4 * PAIRS), 32, { count: 500, ms: 120_000 }),
      group: () => group(service.url, people.slice(0, GROUP), 4, 400),
      comeback: () => comeback(service.url, people.slice(GROUP), 250, 5),
    };
    const limits = { echo: [await ceilings.echo(CEILING_MS)], call: [await ceilings.call(CEILING_MS)] };
    const commits = [await ceilings.commit(CEILING_MS)];
    const measured = {
      one: await around(workloads.one, ceilings, commits),
      many: await around(workloads.many, ceilings, commits),
      group: await around(workloads.group, ceilings, commits),
      comeback: await around(workloads.comeback, ceilings, commits),
    };
    limits.echo.push(await ceilings.echo(CEILING_MS));
    limits.call.push(await ceilings.call(CEILING_MS));
    report(measured, { echo: mean(limits.echo), call: mean(limits.call), commit: median(commits), commits }, options);
  } finally {
    await service.close();
    await ceilings.close();
    folder.remove();
  }
}

async function around(work: () => Promise<Outcome>, ceilings: Ceilings, commits: number[]): Promise<Measured> {
  const outcome = await work();
  const before = commits.at(-1) ?? Number.NaN;
  const after = await ceilings.commit(CEILING_MS);
  commits.push(after);
  return { outcome, ceiling: mean([before, after]) };
}

function report(
  measured: Readonly<Record<'one' | 'many' | 'group' | 'comeback', Measured>>,
  ceilings: { echo: number; call: number; commit: number; commits: number[] },
  options: RunOptions,
): void {
  const { one, many, group: room, comeback: back } = measured;
  const ratio = ({ outcome, ceiling }: Measured): number => outcome.rate / ceiling;
  const rows: [string, Measured][] = [
    [`${PAIRS} pairs, one in flight: acknowledged`, one],
    [`${PAIRS} pairs, 32 in flight: acknowledged`, many],
    [`group of ${GROUP}, 4 in flight: deliveries`, room],
    [`coming back to ${FRIENDS} × 250: messages`, back],
  ];
  print(
    {
      title: 'Messages a second, and how many times what one call with one commit can do here',
      sections: [
        {
          title: 'Ceilings of this machine, in the same workerd',
          head: ['', 'a second'],
          rows: [
            ['socket echo through one object (50 sockets, 16 in flight)', ceilings.echo],
            ['call from object to object and back (50 pairs)', ceilings.call],
            ['the same with one commit on disk (50 pairs), median', ceilings.commit],
          ],
        },
        {
          title: 'The service',
          head: ['', 'messages', 'a second', '× one commit', 'ack p50 ms', 'ack p99 ms'],
          rows: rows.map(([name, m]) => [
            name,
            m.outcome.messages,
            m.outcome.rate,
            ratio(m),
            m.outcome.ack?.p50 ?? '',
            m.outcome.ack?.p99 ?? '',
          ]),
        },
      ],
      targets: [
        { name: 'one in flight, × one commit', value: ratio(one), least: 0.6 },
        { name: '32 in flight, × one commit', value: ratio(many), least: 3 },
        { name: '32 in flight, p99 ack in ms', value: many.outcome.ack?.p99 ?? Number.NaN, most: 1000 },
        { name: 'group, deliveries × one commit', value: ratio(room), least: 7 },
        { name: 'coming back to 5,000, × one commit', value: ratio(back), least: 8 },
      ],
      violations: rows.flatMap(([name, m]) => m.outcome.violations.map((v) => `${name}: ${v}`)),
      data: { ceilings, measured },
    },
    options,
  );
}
