import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, parseLimits } from '../../../schema/protocol/limits.ts';

describe('PARLEY_LIMITS', () => {
  test.each([undefined, '', '{}'])('%j means the defaults', (json) => {
    expect(parseLimits(json)).toEqual(DEFAULT_LIMITS);
  });

  test('stands over the defaults', () => {
    expect(parseLimits('{"page":500,"sendRate":0.5}')).toEqual({
      ...DEFAULT_LIMITS,
      page: 500,
      sendRate: 0.5,
    });
  });

  test.each([
    ['{', 'not valid JSON'],
    ['[]', 'a JSON object'],
    ['null', 'a JSON object'],
    ['{"pages":1}', 'unknown key pages'],
    ['{"toString":1}', 'unknown key toString'],
    ['{"__proto__":1}', 'unknown key __proto__'],
    ['{"page":"9"}', 'page must be a positive number'],
    ['{"page":0}', 'page must be a positive number'],
    ['{"page":1e999}', 'page must be a positive number'],
    ['{"page":1.5}', 'page must be a whole number'],
    ['{"page":501}', 'page must be at most 500'],
    ['{"resumeMessages":501}', 'resumeMessages must be at most 500'],
  ])('%s fails the deployment: %s', (json, says) => {
    expect(() => parseLimits(json)).toThrow(says);
  });
});
