import { expect, test } from 'vitest';
import { pollingDay } from '../../../bench/cost/polling.ts';
import { play } from '../../../bench/cost/scenarios.ts';

test('the count of a scenario is the same every time, and nothing is lost in it', async () => {
  const scenario = {
    name: 'small',
    kind: 'group',
    members: 6,
    away: 2,
    pace: true,
    messages: 12,
    most: { rows: 0, calls: 0 },
  } as const;
  const [first, second] = [await play(scenario), await play(scenario)];
  expect(first.violations).toEqual([]);
  expect(second.bill).toEqual(first.bill);
  // One row and its index entry a message, one append a message: what can't be saved.
  expect(first.bill.by.rows['conversation: entry']).toBe(2);
  expect(first.bill.by.calls['conversation: append']).toBe(1);
  expect(first.bill.by.frames.send).toBe(1);
});

test('a silent day of long polling keeps one session, writes next to nothing and is active all day', () => {
  const day = pollingDay();
  expect(day.polls).toBeGreaterThan(86_400 / 26);
  expect(day.polls).toBeLessThan(86_400 / 25 + 2);
  expect(day.rows).toBeLessThan(10);
  expect(day.activeSeconds).toBeGreaterThan(86_399);
  expect(day.activeSeconds).toBeLessThan(86_600);
});
