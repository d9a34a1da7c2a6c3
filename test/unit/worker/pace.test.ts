import { describe, expect, test } from 'vitest';
import { Pace } from '../../../worker/auth/pace.ts';
import { WaitingClock } from './waiting-clock.ts';

test('P9 work goes one after the other, with rests between', async () => {
  const clock = new WaitingClock();
  const pace = new Pace(clock.wall, clock.wait);
  const spans: [number, number][] = [];
  const work = async () => {
    const from = clock.now;
    clock.now += 150;
    spans.push([from, clock.now]);
  };
  const all = Promise.all(Array.from({ length: 10 }, () => pace.run(work)));
  await clock.run();
  expect((await all).every((one) => one.ok)).toBe(true);
  expect(spans.length).toBe(10);
  const rests = spans.slice(1).map(([from], i) => from - (spans[i]?.[1] ?? 0));
  for (const rest of rests) expect(rest).toBeGreaterThanOrEqual(40);
});

test('P9 a piece that never ends holds up nobody for long', async () => {
  const clock = new WaitingClock();
  const pace = new Pace(clock.wall, clock.wait);
  void pace.run(() => new Promise(() => {}));
  const next = pace.run(async () => clock.now);
  await clock.run();
  expect(await next).toEqual({ ok: true, value: 2_000 });
});

test('a piece that fails gives its place to the next', async () => {
  const clock = new WaitingClock();
  const pace = new Pace(clock.wall, clock.wait);
  const failed = expect(pace.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const next = pace.run(async () => 'done');
  await clock.run();
  await failed;
  expect(await next).toEqual({ ok: true, value: 'done' });
});

test('P8 who would wait too long is told to come back', async () => {
  const clock = new WaitingClock();
  const pace = new Pace(clock.wall, clock.wait);
  const work = async () => {
    clock.now += 500;
  };
  const all = Promise.all(Array.from({ length: 100 }, () => pace.run(work)));
  await clock.run();
  const refused = (await all).filter((one) => !one.ok);
  expect(refused.length).toBeGreaterThan(30);
  expect(refused.length).toBeLessThan(60);
  expect(refused[0]).toMatchObject({ code: 'overloaded', retryAfter: expect.any(Number) });
});

describe('P9 a wall clock that steps', () => {
  const hour = 3_600_000;

  test.each([
    ['back', -hour],
    ['forward', hour],
  ])('%s by an hour between two pieces of work refuses nobody and keeps nobody waiting', async (_, step) => {
    const clock = new WaitingClock();
    const pace = new Pace(clock.wall, clock.wait);
    const first = pace.run(async () => 'first');
    await clock.run();
    clock.stepped = step;
    const began = clock.now;
    const next = pace.run(async () => clock.now);
    await clock.run();
    expect([await first, await next]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(clock.now - began).toBeLessThan(1_000);
  });

  test('back by an hour while many wait: they go one after the other, and who came too late is told so', async () => {
    const clock = new WaitingClock();
    const pace = new Pace(clock.wall, clock.wait);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      clock.now += 500;
      await clock.wait(0);
      running--;
    };
    const all = Promise.all(Array.from({ length: 100 }, () => pace.run(work)));
    await clock.run(10_000);
    clock.stepped = -hour;
    await clock.run();
    const refused = (await all).filter((one) => !one.ok);
    expect(most).toBe(1);
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.length).toBeLessThan(60);
    expect(clock.now).toBeLessThan(60_000);
  });
});
