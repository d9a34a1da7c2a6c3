import { expect, test } from 'vitest';
import { soak } from '../soak/run.ts';

test('P1 P2 P3 P4 P5 P6: clients with stores and full outboxes talk while the service is killed again and again', async () => {
  const result = await soak({
    seconds: 15,
    leastKills: 3,
    log: console.log,
    seed: Number(process.env['SEED'] ?? 20_261_125),
    life: [2000, 4000],
    // The crash is the test, not the patience.
    haste: 0.05,
  });
  console.log(JSON.stringify(result));
  expect(result.violations).toEqual([]);
  // A run in which nothing was at stake proves nothing.
  expect(result.kills).toBeGreaterThanOrEqual(3);
  expect(result.underWay).toBeGreaterThan(0);
  expect(result.clientRestarts).toBeGreaterThanOrEqual(6);
  expect(result.reconnects).toBeGreaterThan(result.kills * 5);
  expect(result.polls).toBeGreaterThan(20);
  expect(result.messages).toBeGreaterThan(150);
});
