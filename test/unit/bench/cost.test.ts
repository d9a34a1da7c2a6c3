import { expect, test } from 'vitest';
import { run } from '../../../bench/cost/cost.ts';
import { play } from '../../../bench/cost/play.ts';
import { pollingDay } from '../../../bench/cost/polling.ts';

test('the count of a scenario is the same every time, and nothing is lost in it', async () => {
  const scenario = {
    name: 'small',
    kind: 'group',
    members: 6,
    away: 2,
    every: 5_000,
    messages: 12,
    most: {},
  } as const;
  const [first, second] = [await play(scenario), await play(scenario)];
  expect(first.violations).toEqual([]);
  expect(second.bill).toEqual(first.bill);
  // One row and its index entry a message, one append a message: what can't be saved.
  expect(first.bill.by.rows['conversation: entry']).toBe(2);
  expect(first.bill.by.calls['conversation: append']).toBe(1);
  expect(first.bill.by.frames.send).toBe(1);
});

test('a device that comes and goes has everything each time, and each message wakes the objects anew', async () => {
  const { bill, violations } = await play({
    name: 'small',
    kind: 'direct',
    members: 2,
    away: 1,
    every: 120_000,
    visits: true,
    messages: 20,
    most: {},
  });
  expect(violations).toEqual([]);
  // One may find it in memory by chance: an alarm rang a moment before.
  expect(bill.by.wakes['user: send']).toBeGreaterThanOrEqual(0.9);
  expect(bill.by.calls['conversation: append']).toBe(1);
  // Two visits.
  expect(bill.by.frames.hello).toBe(2 / 20);
  expect(bill.by.calls['user: fetch (upgrade)']).toBe(2 / 20);
});

test('scenarios are chosen by a part of their name; a name that none has is an error', async () => {
  await expect(run({ json: true, args: ['--only', 'no such thing'] })).rejects.toThrow('no such thing');
  await expect(run({ json: true, args: ['--onyl', 'sparse'] })).rejects.toThrow('usage');
  await expect(run({ json: true, args: ['--only'] })).rejects.toThrow('usage');
});

test('a silent day of long polling keeps one session, writes next to nothing and is active all day', () => {
  const day = pollingDay();
  expect(day.polls).toBeGreaterThan(86_400 / 26);
  expect(day.polls).toBeLessThan(86_400 / 25 + 2);
  expect(day.rows).toBeLessThan(10);
  expect(day.activeSeconds).toBeGreaterThan(86_399);
  expect(day.activeSeconds).toBeLessThan(86_600);
});
