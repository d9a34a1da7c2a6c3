import { describe, expect, test } from 'vitest';
import { type Chain, GRACE_MS, judge, withAttempt } from '../../../worker/auth/rotation.ts';

const at = 1_000_000_000;
/** After the rotation from `t1` to `t2`, which attempt `a` made. */
const chain: Chain = {
  current: 't2',
  number: 2,
  preceding: 't1',
  attempts: ['a'],
  rotated: 't2',
  refreshedAt: at,
};
const year = 365 * 24 * 3_600_000;

describe('what a refresh token is worth', () => {
  test('the current one rotates, whenever and whatever comes with it', () => {
    for (const attempt of [undefined, 'a', 'b'])
      for (const now of [at - year, at, at + year]) expect(judge(chain, 't2', attempt, now)).toBe('rotates');
  });

  test('the one before, with an attempt that was answered, is answered again, whenever', () => {
    for (const now of [at - year, at, at + GRACE_MS + 1, at + year])
      expect(judge(chain, 't1', 'a', now)).toBe('repeats');
  });

  test('the one before, with another attempt or none, joins for a minute', () => {
    for (const attempt of [undefined, 'b']) {
      expect(judge(chain, 't1', attempt, at)).toBe('joins');
      expect(judge(chain, 't1', attempt, at + GRACE_MS)).toBe('joins');
      expect(judge(chain, 't1', attempt, at + GRACE_MS + 1)).toBe('reuses');
      expect(judge(chain, 't1', attempt, at - year), 'a clock that was set back').toBe('joins');
    }
  });

  test('P8 an older one is a reuse at once, also with an attempt that was answered', () => {
    for (const attempt of [undefined, 'a', 'b']) expect(judge(chain, 't0', attempt, at)).toBe('reuses');
  });

  test('P8 after a rotation by a version that noted nothing, what is noted counts for nothing', () => {
    const older = { ...chain, current: 't3', refreshedAt: at + 1 };
    for (const token of ['t1', 't2']) expect(judge(older, token, 'a', at + 1)).toBe('reuses');
    expect(judge(older, 't3', undefined, at + 1)).toBe('rotates');
  });

  test('a device that was never refreshed has nothing before', () => {
    const fresh = {
      ...chain,
      current: 't0',
      number: 0,
      preceding: undefined,
      attempts: [],
      rotated: undefined,
    };
    expect(judge(fresh, 't0', 'a', at)).toBe('rotates');
    expect(judge(fresh, 't1', 'a', at)).toBe('reuses');
  });
});

test('P8 attempts are remembered up to a bound', () => {
  expect(withAttempt([], undefined)).toEqual([]);
  let attempts: readonly string[] = [];
  for (let i = 0; i < 100; i++) attempts = withAttempt(attempts, `a${i}`);
  expect(attempts).toEqual(Array.from({ length: 8 }, (_, i) => `a${i}`));
});
