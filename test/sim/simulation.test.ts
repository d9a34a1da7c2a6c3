import { expect, test } from 'vitest';
import { CALL_FAULTS, EVENTS } from './faults.ts';
import { report, runMany } from './many.ts';

/**
 * The real cores on a simulated platform, network and clients: see docs/design/simulation.md for what goes wrong in a run
 * and what is checked. A failing seed is printed with the command that runs it again.
 */
const SEEDS = 1_000;

test('P1 P2 P3 P4 P5 P6 P7 hold whatever goes wrong', () => {
  const totals = runMany(1, SEEDS);
  expect(report(totals)).toEqual([]);

  // The runs did real work, and every kind of fault really happened in them.
  const { counts, faults } = totals;
  expect(counts.stored).toBeGreaterThan(20 * SEEDS);
  expect(counts.live).toBeGreaterThan(20 * SEEDS);
  expect(counts.resumed).toBeGreaterThan(10 * SEEDS);
  expect(counts.byAlarm).toBeGreaterThan(SEEDS / 4);
  expect(counts.unanswered).toBeGreaterThan(SEEDS / 4);
  expect(counts.prefs).toBeGreaterThan(SEEDS);
  expect(counts.polls).toBeGreaterThan(SEEDS);
  expect(counts.framesLost).toBeGreaterThan(SEEDS);
  for (const kind of [...CALL_FAULTS, ...EVENTS]) {
    expect(faults.get(kind) ?? 0, kind).toBeGreaterThan(SEEDS / 100);
  }
});
