import { join } from 'node:path';
import { type Ceilings, startCeilings } from '../ceilings/ceilings.ts';
import { mean, median, percentile, short } from '../support/numbers.ts';
import { print, type RunOptions } from '../support/report.ts';
import { signIn, startService, temporaryFolder } from '../support/service.ts';
import { comeback, group, pairs, type Slice, type Workload } from './workloads.ts';

/**
 * Messages a second, as multiples of what this machine can do when every message is one call between two objects and one
 * commit. The machine's speed drifts by the second, so each workload runs in slices with that ceiling measured between
 * them; its ratio is the median of the slices' ratios.
 */
const SLICES = 5;
const CEILING_MS = 700;
const PAIRS = 50;
const GROUP = 200;
const FRIENDS = 20;

interface Measured {
  readonly name: string;
  readonly slices: readonly Slice[];
  /** Each slice's rate, in one-commit ceilings of its moment. */
  readonly ratios: readonly number[];
  readonly violations: readonly string[];
}

export async function run(options: RunOptions): Promise<void> {
  const folder = temporaryFolder();
  const ceilings = await startCeilings(join(folder.path, 'ceilings'));
  const service = await startService(join(folder.path, 'service'));
  try {
    const { url } = service;
    const names = Array.from({ length: GROUP + 1 + FRIENDS }, (_, i) => `load ${i}`);
    const people = await signIn(service, names);
    const commits: number[] = [];
    const measure = (name: string, work: Workload): Promise<Measured> =>
      inSlices(name, work, ceilings, commits);
    const echoes = [await ceilings.echo(1_500)];
    const calls = [await ceilings.call(1_500)];
    const measured = [
      await measure(
        `${PAIRS} pairs, one in flight: acknowledged`,
        await pairs(url, people.slice(0, 2 * PAIRS), 1, { count: 1e6, ms: 1_500 }),
      ),
      await measure(
        `${PAIRS} pairs, 32 in flight: acknowledged`,
        // Other pairs than before: every workload has conversations of its own.
        await pairs(url, people.slice(2 * PAIRS, 4 * PAIRS), 32, { count: 200, ms: 60_000 }),
      ),
      await measure(
        `group of ${GROUP}, 4 in flight: deliveries`,
        await group(url, people.slice(0, GROUP), 4, 100),
      ),
      await measure(
        `coming back to ${FRIENDS} × 250: messages`,
        await comeback(url, people.slice(GROUP), 250),
      ),
    ];
    echoes.push(await ceilings.echo(1_500));
    calls.push(await ceilings.call(1_500));
    report(measured, { echo: mean(echoes), call: mean(calls), commits }, options);
  } finally {
    await service.close();
    await ceilings.close();
    folder.remove();
  }
}

async function inSlices(
  name: string,
  work: Workload,
  ceilings: Ceilings,
  commits: number[],
): Promise<Measured> {
  const slices: Slice[] = [];
  const ratios: number[] = [];
  let before = await ceilings.commit(CEILING_MS);
  commits.push(before);
  for (let i = 0; i < SLICES; i++) {
    const slice = await work.slice();
    const after = await ceilings.commit(CEILING_MS);
    slices.push(slice);
    ratios.push(slice.messages / slice.seconds / mean([before, after]));
    commits.push(after);
    before = after;
  }
  return { name, slices, ratios, violations: await work.finish() };
}

function summary({ name, slices, ratios }: Measured) {
  const messages = slices.reduce((sum, slice) => sum + slice.messages, 0);
  const acks = slices.flatMap((slice) => slice.acks);
  const ack = acks.length === 0 ? undefined : { p50: percentile(acks, 0.5), p99: percentile(acks, 0.99) };
  return {
    name,
    messages,
    rate: median(slices.map((slice) => slice.messages / slice.seconds)),
    ratio: median(ratios),
    ratios,
    ack,
  };
}

function report(
  measured: readonly Measured[],
  ceilings: { readonly echo: number; readonly call: number; readonly commits: readonly number[] },
  options: RunOptions,
): void {
  const commit = median(ceilings.commits);
  const spread = `${short(Math.min(...ceilings.commits))} to ${short(Math.max(...ceilings.commits))}`;
  const results = measured.map(summary);
  const targets = [{ least: 0.6 }, { least: 3 }, { least: 7 }, { least: 8 }];
  print(
    {
      title: 'Messages a second, and how many times what one call with one commit can do here',
      sections: [
        {
          title: 'What workerd can do on this machine',
          head: ['', 'a second'],
          rows: [
            ['socket echo through one object (50 sockets, 16 in flight)', ceilings.echo],
            ['call from object to object and back (50 pairs)', ceilings.call],
            [`the same with one commit on disk, median (${spread})`, commit],
          ],
        },
        {
          title: `The service, in ${SLICES} slices each`,
          head: ['', 'messages', 'a second', '× one commit', 'lowest', 'highest', 'ack p50 ms', 'ack p99 ms'],
          rows: results.map((r) => [
            r.name,
            r.messages,
            r.rate,
            r.ratio,
            Math.min(...r.ratios),
            Math.max(...r.ratios),
            r.ack?.p50 ?? Number.NaN,
            r.ack?.p99 ?? Number.NaN,
          ]),
        },
      ],
      targets: [
        ...results.map((r, i) => ({ name: `${r.name}, × one commit`, value: r.ratio, ...targets[i] })),
        {
          name: '32 in flight: p99 of the acknowledgement in ms',
          value: results[1]?.ack?.p99 ?? Number.NaN,
          most: 1_000,
        },
      ],
      violations: measured.flatMap((m) => m.violations.map((violation) => `${m.name}: ${violation}`)),
      data: { ceilings: { ...ceilings, commit }, results },
    },
    options,
  );
}
