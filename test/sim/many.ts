import type { FaultKind } from './faults.ts';
import { type RunResult, run } from './run.ts';
import type { Mutation } from './world.ts';

/** What many runs did together. */
export interface Totals {
  readonly seeds: number;
  readonly failures: readonly { readonly seed: number; readonly error: Error }[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly counts: Readonly<Record<Counted, number>>;
}
type Counted =
  | 'live'
  | 'resumed'
  | 'acked'
  | 'stored'
  | 'framesLost'
  | 'calls'
  | 'byAlarm'
  | 'polls'
  | 'prefs'
  | 'unanswered';

const COUNTED: readonly Counted[] = [
  'live',
  'resumed',
  'acked',
  'stored',
  'framesLost',
  'calls',
  'byAlarm',
  'polls',
  'prefs',
  'unanswered',
];

export function runMany(
  from: number,
  seeds: number,
  mutation: Mutation = {},
  failed?: (seed: number, error: Error) => void,
): Totals {
  const faults = new Map<FaultKind, number>();
  const counts = {
    live: 0,
    resumed: 0,
    acked: 0,
    stored: 0,
    framesLost: 0,
    calls: 0,
    byAlarm: 0,
    polls: 0,
    prefs: 0,
    unanswered: 0,
  };
  const failures: { seed: number; error: Error }[] = [];
  for (let seed = from; seed < from + seeds; seed++) {
    let result: RunResult;
    try {
      result = run(seed, mutation);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      failures.push({ seed, error });
      failed?.(seed, error);
      continue;
    }
    for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
    for (const name of COUNTED) counts[name] += result[name];
  }
  return { seeds, failures, faults, counts };
}

/** The first seeds that broke a promise, and how to run one again with everything that happens written down. */
export function report({ failures }: Totals): string[] {
  return failures.slice(0, 5).map(({ seed, error }) => {
    const what = error.name === 'Broken' ? error.message : (error.stack ?? error.message);
    return `seed ${seed}: ${what}\n  again: npm run soak -- --from ${seed} --seeds 1 --trace`;
  });
}
