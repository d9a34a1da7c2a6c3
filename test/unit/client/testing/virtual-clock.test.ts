import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../../client/testing/index.ts';

describe('the virtual clock', () => {
  test('runs timers at their time, those of one time in the order they were set', async () => {
    const clock = createVirtualClock(1000);
    const ran: [string, number][] = [];
    const set = (name: string, ms: number) => clock.after(ms, () => ran.push([name, clock.now()]));
    set('late', 20);
    set('first', 10);
    set('second', 10);
    const cancel = set('never', 5);
    cancel();
    await clock.advance(9);
    expect(ran).toEqual([]);
    expect([clock.pending, clock.next]).toEqual([3, 1010]);
    await clock.advance(1);
    expect(ran).toEqual([
      ['first', 1010],
      ['second', 1010],
    ]);
    await clock.advance(100);
    expect(ran.at(-1)).toEqual(['late', 1020]);
    expect([clock.now(), clock.pending, clock.next]).toEqual([1110, 0, undefined]);
  });

  test('promises go on between timers, and what they set is run in the same advance', async () => {
    const clock = createVirtualClock(0);
    const times: number[] = [];
    const sleep = (ms: number) => new Promise<void>((done) => void clock.after(ms, done));
    const walk = async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        await new Response('what takes many microtasks').text();
        times.push(clock.now());
      }
    };
    clock.after(15, () => times.push(-clock.now()));
    const walked = walk();
    await clock.advance(30);
    await walked;
    expect(times).toEqual([10, -15, 20, 30]);
  });

  test('a timer set for the past runs now, and time never goes back', async () => {
    const clock = createVirtualClock(50);
    const times: number[] = [];
    clock.after(-10, () => times.push(clock.now()));
    await clock.advance(0);
    expect(times).toEqual([50]);
  });

  test('runUntilIdle ends when nothing is left, or when it has lasted long enough', async () => {
    const clock = createVirtualClock(0);
    clock.after(90_000, () => {});
    expect(await clock.runUntilIdle()).toBe(true);
    expect(clock.now()).toBe(90_000);
    const again = (): void => void clock.after(15_000, again);
    again();
    expect(await clock.runUntilIdle(60_000)).toBe(false);
    expect([clock.now(), clock.pending]).toEqual([150_000, 1]);
  });

  test('until moves time as far as a promise needs it, and tells when it never settles', async () => {
    const clock = createVirtualClock(0);
    expect(await clock.until(Promise.resolve('at once'))).toBe('at once');
    expect(await clock.until(new Promise<string>((done) => void clock.after(70, () => done('later'))))).toBe(
      'later',
    );
    expect(clock.now()).toBe(70);
    const failing = new Promise((_, reject) => void clock.after(5, () => reject(new Error('no'))));
    await expect(clock.until(failing)).rejects.toThrow('no');
    const never = new Promise(() => {});
    await expect(clock.until(never)).rejects.toThrow('No timer is left');
    const again = (): void => void clock.after(1000, again);
    again();
    await expect(clock.until(never, 10_000)).rejects.toThrow('did not come in 10000 ms');
    let looks = 0;
    expect(await clock.waitFor(() => (looks++ > 3 ? looks : undefined))).toBe(5);
  });
});
