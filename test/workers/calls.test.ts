import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Calls } from '../../objects/shared/durable/call.ts';

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: 10 * HOUR }));
afterEach(() => void vi.useRealTimers());

/** A namespace whose objects all answer what `invoke` says. */
const namespace = {
  idFromName: (name: string) => name,
  get: () => ({}),
} as unknown as DurableObjectNamespace;

/** A call that nobody ever answers. */
function hanging() {
  const answers: unknown[] = [];
  new Calls().call(
    namespace,
    'x',
    () => new Promise<never>(() => {}),
    (answer) => answers.push(answer),
  );
  return answers;
}

describe('P9 a call without an answer', () => {
  test('fails after 30 seconds, and then no timer is left that keeps the object awake', () => {
    const answers = hanging();
    vi.advanceTimersByTime(29_999);
    expect(answers).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([answers, vi.getTimerCount()]).toEqual([[undefined], 0]);
  });

  test('fails 5 seconds later at most when the wall clock steps back by an hour', () => {
    const answers = hanging();
    vi.advanceTimersByTime(14_000);
    vi.setSystemTime(Date.now() - HOUR);
    vi.advanceTimersByTime(21_000);
    expect([answers, vi.getTimerCount()]).toEqual([[undefined], 0]);
  });

  test('fails early when the wall clock steps forward by an hour: it is repeated like any other', () => {
    const answers = hanging();
    vi.setSystemTime(Date.now() + HOUR);
    vi.advanceTimersByTime(5_000);
    expect([answers, vi.getTimerCount()]).toEqual([[undefined], 0]);
  });
});

test('P9 a call that is answered leaves no timer, and its answer counts once', async () => {
  const answers: unknown[] = [];
  new Calls().call(
    namespace,
    'x',
    async () => ({ ok: true }),
    (answer) => answers.push(answer),
  );
  await vi.advanceTimersByTimeAsync(0);
  expect([answers, vi.getTimerCount()]).toEqual([[{ ok: true }], 0]);
});
