import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient, systemClock } from '../../../client/index.ts';

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());
const step = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe('the system clock', () => {
  test('P9 goes on counting when the machine is set back by an hour, and again', () => {
    const began = systemClock.now();
    for (let i = 1; i <= 3; i++) {
      step(-HOUR);
      systemClock.now();
      vi.advanceTimersByTime(1_000);
      expect(systemClock.now() - began).toBe(i * 1_000);
    }
  });

  test('follows the machine forward, which may have slept', () => {
    const began = systemClock.now();
    step(HOUR);
    expect(systemClock.now() - began).toBe(HOUR);
  });
});

describe.each([
  ['back', -HOUR],
  ['forward', HOUR],
])('P9 a machine that is set %s by an hour', (_, ms) => {
  test('does not keep the client from trying again', async () => {
    let tries = 0;
    const client = createClient({
      url: 'http://parley.test',
      store: 'memory',
      getToken: () => Promise.resolve('token'),
      random: () => 0.9,
      transport: () => {
        tries++;
        throw new Error('down');
      },
    });
    client.start();
    await vi.advanceTimersByTimeAsync(1);
    const before = tries;
    step(ms);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tries - before).toBeGreaterThanOrEqual(3);
    const state = client.connection.get();
    expect(state.name).toBe('reconnecting');
    // What a page counts down to.
    if (state.name === 'reconnecting') expect(state.at - systemClock.now()).toBeLessThanOrEqual(30_000);
    client.close();
  });
});
