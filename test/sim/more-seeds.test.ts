import { expect, test } from 'vitest';
import { report, runMany } from './many.ts';

// A file of its own, so that it runs on another core.
test('P1 P2 P3 P4 P5 P6 P7 hold for more seeds', () => {
  expect(report(runMany(1_001, 1_000))).toEqual([]);
});
