import { describe, expect, test } from 'vitest';
import { accept, encode, parseDown, parseUp } from '../../../schema/protocol/codec.ts';
import { DOWN, type Down } from '../../../schema/protocol/down.ts';
import { ROUTES } from '../../../schema/protocol/http.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import { UP, type Up } from '../../../schema/protocol/up.ts';
import { BODY_SAMPLES, DOWN_SAMPLES, spoiled, UP_SAMPLES } from './samples.ts';

const withBody = Object.fromEntries(ROUTES.filter((r) => r.body).map((r) => [r.id, r.body!]));
const families = [
  { name: 'up', checks: UP, samples: UP_SAMPLES },
  { name: 'down', checks: DOWN, samples: DOWN_SAMPLES },
  { name: 'body of', checks: withBody, samples: BODY_SAMPLES },
];

describe.each(families)('$name', ({ checks, samples }) => {
  test('there is a sample of each', () => {
    expect(Object.keys(samples).sort()).toEqual(Object.keys(checks).sort());
  });

  describe.each(Object.entries(checks))('%s', (name, check) => {
    const sample = samples[name]!;

    test('takes a good value', () => {
      expect(accept(check, sample.good)).toEqual({ ok: true, value: sample.good });
    });

    test('takes it with fields it does not know', () => {
      expect(accept(check, { ...sample.good, later: { anything: [1] } }).ok).toBe(true);
    });

    test('takes it with every optional field left out', () => {
      const required = check.json.required as string[];
      const least = Object.fromEntries(
        Object.entries(sample.good).filter(([field]) => required.includes(field)),
      );
      expect(accept(check, least).ok).toBe(true);
    });

    test.each([undefined, null, 5, 'text', true, [], [sample.good]])('P8 refuses %j', (value) => {
      expect(accept(check, value)).toEqual({ ok: false, code: 'bad_request', detail: 'must be an object' });
    });

    if (sample.wrong.length > 0)
      test.each(sample.wrong)('P8 names %s when it is %j', (...wrong) => {
        const answer = accept(check, spoiled(sample, wrong));
        expect(answer).toMatchObject({ ok: false, code: 'bad_request' });
        if (!answer.ok) expect(answer.detail.startsWith(wrong[0])).toBe(true);
      });
  });
});

describe('encode and parse', () => {
  test.each(Object.entries(UP_SAMPLES))('up %s', (_, { good }) => {
    expect(parseUp(encode(good as Up), DEFAULT_LIMITS)).toEqual({ ok: true, value: good });
  });

  test.each(Object.entries(DOWN_SAMPLES))('down %s', (_, { good }) => {
    expect(parseDown(encode(good as Down))).toEqual({ ok: true, value: good });
  });
});
