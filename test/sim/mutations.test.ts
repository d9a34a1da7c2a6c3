import { expect, test } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { run } from './run.ts';

/** So many runs at most until a broken rule shows. */
const MOST = 2_000;

test.each(Object.entries(MUTATIONS))('the simulation notices when %s', (_, { promise, mutation }) => {
  const broken = new Set<string>();
  for (let seed = 1; seed <= MOST && !broken.has(promise); seed++) {
    try {
      run(seed, mutation);
    } catch (error) {
      broken.add(error instanceof Error ? error.message.slice(0, 2) : '');
    }
  }
  expect(broken).toContain(promise);
});
