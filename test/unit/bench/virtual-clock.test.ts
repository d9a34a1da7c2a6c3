import { expect, test } from 'vitest';
import { VirtualClock } from '../../../bench/cost/virtual-clock.ts';
import { seeded } from '../../../bench/support/random.ts';

test('events run in order of their time, and of their planning at the same time', () => {
  const clock = new VirtualClock();
  const begin = clock.now();
  const random = seeded(1);
  const planned = Array.from({ length: 500 }, (_, i) => ({ at: Math.floor(random() * 50), i }));
  const ran: typeof planned = [];
  for (const event of planned)
    clock.after(event.at, () => {
      expect(clock.now()).toBe(begin + event.at);
      ran.push(event);
    });
  clock.advance(100);
  expect(ran).toEqual(planned.toSorted((a, b) => a.at - b.at || a.i - b.i));
  expect(clock.now()).toBe(begin + 100);
});

test('events plan others, and what is cancelled does not run', () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.after(10, () => {
    ran.push('first');
    clock.after(5, () => ran.push('second'));
    cancel();
  });
  const cancel = clock.after(12, () => ran.push('never'));
  clock.advance(14);
  expect(ran).toEqual(['first']);
  clock.advance(1);
  expect(ran).toEqual(['first', 'second']);
});

test('waiting ends when it came true, or when there is nothing to wait for', () => {
  const clock = new VirtualClock();
  const begin = clock.now();
  let done = false;
  clock.after(30, () => {
    done = true;
  });
  expect(clock.until(() => done, 20)).toBe(false);
  expect(clock.until(() => done, 20_000)).toBe(true);
  expect(clock.now()).toBe(begin + 30);
  expect(clock.until(() => false, 20_000)).toBe(false);
});
