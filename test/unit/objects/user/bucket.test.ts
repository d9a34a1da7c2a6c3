import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bucket } from '../../../../objects/user/bucket.ts';

test('P8 lets a burst through, then so many a second, and says how long to wait', () => {
  const bucket = new Bucket(2, 3, 0);
  expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([0, 0, 0, 1]);
  expect([500, 500, 1_000, 1_000].map((at) => bucket.take(at))).toEqual([0, 1, 0, 1]);
  // However long it rests, no more than a burst.
  expect([1, 2, 3, 4].map(() => bucket.take(1_000_000))).toEqual([0, 0, 0, 1]);
});

test('P8 a slow rate names the whole wait', () => {
  const bucket = new Bucket(0.1, 1, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(9_000), bucket.take(10_000)]).toEqual([0, 10, 1, 0]);
});

test('P8 never lets through more than burst and rate allow; who waits as told is let through', () => {
  const gaps = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 60 }),
      (all, rate, burst) => {
        const bucket = new Bucket(rate, burst, 0);
        let now = 0;
        let taken = 0;
        for (const gap of all) {
          now += gap;
          const wait = bucket.take(now);
          if (wait === 0) taken++;
          expect(taken).toBeLessThanOrEqual(burst + (now * rate) / 1000 + 1e-6);
          if (wait === 0) continue;
          now += wait * 1000;
          expect(bucket.take(now)).toBe(0);
          taken++;
        }
      },
    ),
  );
});

test('P8 P9 a clock that steps back by an hour gives nothing, and the bucket fills as before from there on', () => {
  const hour = 3_600_000;
  const bucket = new Bucket(1, 2, hour);
  expect([bucket.take(hour), bucket.take(hour), bucket.take(hour)]).toEqual([0, 0, 1]);
  expect([0, 999, 1_000, 1_001, 2_000].map((at) => bucket.take(at))).toEqual([1, 1, 0, 1, 0]);
});

test('P8 a clock that steps forward by an hour gives one burst, as a rest of an hour does', () => {
  const hour = 3_600_000;
  const bucket = new Bucket(1, 3, 0);
  for (let i = 0; i < 4; i++) bucket.take(0);
  expect([1, 2, 3, 4].map(() => bucket.take(hour))).toEqual([0, 0, 0, 1]);
});
