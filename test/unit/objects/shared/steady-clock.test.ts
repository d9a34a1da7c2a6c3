import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyClock } from '../../../../objects/shared/steady-clock.ts';

const HOUR = 3_600_000;

/** A steady clock, and the wall clock it reads, in ms. */
function clocks(wall: number) {
  const at = { wall };
  return { at, steady: steadyClock(() => at.wall) };
}

test('is the wall clock while that only goes forward', () => {
  const { at, steady } = clocks(5_000);
  expect([steady(), steady()]).toEqual([5_000, 5_000]);
  at.wall += 700;
  expect(steady()).toBe(5_700);
});

test('P9 goes on counting at once when the wall clock stepped back by an hour', () => {
  const { at, steady } = clocks(10 * HOUR);
  const began = steady();
  at.wall -= HOUR;
  expect(steady() - began).toBe(0);
  at.wall += 1_000;
  expect(steady() - began).toBe(1_000);
});

test('counts on through several steps back, and is not behind when the clock is set right again', () => {
  const { at, steady } = clocks(10 * HOUR);
  const began = steady();
  for (let i = 0; i < 3; i++) {
    at.wall -= HOUR;
    steady();
    at.wall += 1_000;
    expect(steady() - began).toBe((i + 1) * 1_000);
  }
  at.wall += 3 * HOUR;
  expect(steady() - began).toBe(3_000 + 3 * HOUR);
});

test('a step forward counts as waiting: what is measured may end early, never late', () => {
  const { at, steady } = clocks(10 * HOUR);
  const began = steady();
  at.wall += HOUR;
  expect(steady() - began).toBe(HOUR);
  at.wall -= HOUR;
  expect(steady() - began).toBe(HOUR);
  at.wall += 1_000;
  expect(steady() - began).toBe(HOUR + 1_000);
});

test('never goes back, and counts what passed between readings that no step back hid', () => {
  const moves = fc.array(fc.integer({ min: -HOUR, max: HOUR }), { maxLength: 50 });
  fc.assert(
    fc.property(moves, (all) => {
      const { at, steady } = clocks(0);
      const began = steady();
      let passed = 0;
      for (const move of all) {
        at.wall += move;
        passed += Math.max(0, move);
        expect(steady() - began).toBe(passed);
      }
    }),
  );
});
