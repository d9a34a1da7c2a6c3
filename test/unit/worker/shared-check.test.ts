import { expect, test } from 'vitest';
import { SharedCheck } from '../../../worker/health/shared-check.ts';
import { WaitingClock } from './waiting-clock.ts';

const setup = (keep: (answer: number) => number = () => 5_000) => {
  const clock = new WaitingClock();
  const shared = new SharedCheck<number>({ keep, longest: 4_000, now: clock.wall, wait: clock.wait });
  let made = 0;
  /** Takes 100 ms, and answers how many there were. */
  const check = async (): Promise<number> => {
    made++;
    await clock.wait(100);
    return made;
  };
  return { clock, shared, check, made: () => made };
};

test('P8 however many ask at once, there is one check, and one in 5 s', async () => {
  const { clock, shared, check, made } = setup();
  const all = Promise.all(Array.from({ length: 1_000 }, () => shared.ask(check)));
  await clock.run();
  expect(new Set(await all)).toEqual(new Set([1]));
  const end = clock.now;
  clock.now = end + 4_800;
  expect(await shared.ask(check)).toBe(1);
  expect(made()).toBe(1);
  clock.now = end + 5_001;
  const next = shared.ask(check);
  await clock.run();
  expect(await next).toBe(2);
});

test('an answer is kept as long as it says', async () => {
  const { clock, shared, check } = setup((answer) => (answer === 1 ? 250 : Number.POSITIVE_INFINITY));
  const first = shared.ask(check);
  await clock.run();
  expect(await first).toBe(1);
  clock.now += 300;
  const second = shared.ask(check);
  await clock.run();
  expect(await second).toBe(2);
  clock.now += 1e12;
  expect(await shared.ask(check)).toBe(2);
});

test('P9 a check whose request went away holds up the others for its longest time, and no longer', async () => {
  const { clock, shared, check } = setup();
  void shared.ask(() => new Promise(() => {}));
  const before = clock.now;
  const next = shared.ask(check);
  await clock.run();
  expect(await next).toBe(1);
  expect(clock.now - before).toBeLessThan(4_200);
});

test('a check that throws is made again for the next', async () => {
  const { clock, shared, check } = setup();
  await expect(shared.ask(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const next = shared.ask(check);
  await clock.run();
  expect(await next).toBe(1);
});

test('a clock that is set back by an hour keeps nothing longer, and nobody waiting', async () => {
  const { clock, shared, check } = setup();
  const first = shared.ask(check);
  await clock.run();
  expect(await first).toBe(1);
  clock.stepped = -3_600_000;
  expect(await shared.ask(check)).toBe(1);
  clock.now += 5_001;
  void shared.ask(() => new Promise(() => {}));
  clock.stepped = -7_200_000;
  const next = shared.ask(check);
  await clock.run();
  expect(await next).toBe(2);
});
