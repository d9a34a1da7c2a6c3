import { expect, test } from 'vitest';
import { handlesFor, roomsOf } from '../../../bench/replay/lines.ts';
import { median, percentile, short } from '../../../bench/support/numbers.ts';
import { inParallel } from '../../../bench/support/parallel.ts';
import { seeded, shuffled } from '../../../bench/support/random.ts';
import { reached } from '../../../bench/support/report.ts';

test('every nickname gets a handle of its own', () => {
  const names = ['Ada', 'ada', 'a', '[swb]', '_swb_', 'x'.repeat(60), 'x'.repeat(61), 'Zoë', '^^'];
  const handles = [...handlesFor(names).values()];
  expect(new Set(handles).size).toBe(names.length);
  for (const handle of handles) expect(handle).toMatch(/^[a-z0-9_.]{3,32}$/);
});

test('lines are sorted into rooms and keep their order', () => {
  const line = (room: string, text: string) => JSON.stringify({ room, at: '10:00', from: 'ada', text });
  const rooms = roomsOf([line('a', '1'), line('b', '2'), '', line('a', '3'), ''].join('\n'));
  expect(rooms.map((room) => [room.name, room.lines.map((l) => l.text)])).toEqual([
    ['a', ['1', '3']],
    ['b', ['2']],
  ]);
  expect(() => roomsOf('{"room":"a"}')).toThrow('line 1');
});

test('medians, percentiles and how they are printed', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(median(values)).toBe(50.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(percentile(values, 0.99)).toBe(100);
  expect(percentile(values, 0.5)).toBe(51);
  expect(percentile([], 0.5)).toBeNaN();
  expect([1484, 0.12345, 12345.6, Number.NaN].map(short)).toEqual(['1,484', '0.123', '12,300', '–']);
  expect(reached({ name: '', value: Number.NaN, least: 1 })).toBe(false);
});

test('dice fall the same for the same seed', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  expect(shuffled(items, seeded(3))).toEqual(shuffled(items, seeded(3)));
  expect(shuffled(items, seeded(3))).not.toEqual(shuffled(items, seeded(4)));
  expect(shuffled(items, seeded(3)).toSorted((a, b) => a - b)).toEqual(items);
});

test('work in parallel is bounded and keeps the order of its results', async () => {
  let open = 0;
  let most = 0;
  const results = await inParallel(3, [5, 1, 4, 2, 3], async (n) => {
    most = Math.max(most, ++open);
    await new Promise((wake) => setTimeout(wake, n));
    open--;
    return n * 2;
  });
  expect(results).toEqual([10, 2, 8, 4, 6]);
  expect(most).toBe(3);
});
