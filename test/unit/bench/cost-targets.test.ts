import { expect, test } from 'vitest';
import { targetsOf } from '../../../bench/cost/cost.ts';
import { play, type Result } from '../../../bench/cost/play.ts';
import { SCENARIOS } from '../../../bench/cost/scenarios.ts';
import { reached } from '../../../bench/support/report.ts';

test('two people who talk now and then cost what they should, and nothing once they are silent', async () => {
  const results: Result[] = [];
  for (const scenario of SCENARIOS)
    if (scenario.kind === 'direct' && scenario.month) results.push(await play(scenario));
  expect(results.length).toBeGreaterThanOrEqual(7);
  expect(results.flatMap(({ violations }) => violations)).toEqual([]);
  const targets = targetsOf(results);
  // Rows of a sparse message and of a visit, repeats, what happens after the last message, and in the month after.
  expect(targets).toHaveLength(11);
  const missed = targets.filter((target) => !reached(target));
  expect(missed.map(({ name, value, most }) => `${name}: ${value}, at most ${most}`)).toEqual([]);
});
