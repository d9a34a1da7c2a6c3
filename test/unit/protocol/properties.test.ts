import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../schema/protocol/check.ts';
import { accept, encode, parse, parseDown, parseUp } from '../../../schema/protocol/codec.ts';
import { DOWN, type Down } from '../../../schema/protocol/down.ts';
import { problemOf } from '../../../schema/protocol/errors.ts';
import { ROUTES } from '../../../schema/protocol/http.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import { UP, type Up } from '../../../schema/protocol/up.ts';
import { arbitraryOf } from './arbitrary.ts';

const runs = { numRuns: 300, seed: 7 };
const limits = { ...DEFAULT_LIMITS, frameBytes: 1_000_000 };
const bodies: [string, Check<unknown>][] = ROUTES.flatMap((route) => [
  ...(route.body ? [[`${route.id} asks`, route.body] as [string, Check<unknown>]] : []),
  ...Object.entries(route.answers).flatMap(([status, { body }]) =>
    body ? [[`${route.id} answers ${status}`, body] as [string, Check<unknown>]] : [],
  ),
]);

describe('what the published schemas allow, the checks take and the wire keeps', () => {
  test.each(Object.entries(UP))('up %s', (_, check) => {
    fc.assert(
      fc.property(arbitraryOf(check.json), (frame) => {
        expect(parseUp(encode(frame as Up), limits)).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(frame)),
        });
      }),
      runs,
    );
  });

  test.each(Object.entries(DOWN))('down %s', (_, check) => {
    fc.assert(
      fc.property(arbitraryOf(check.json), (frame) => {
        expect(parseDown(encode(frame as Down))).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(frame)),
        });
      }),
      runs,
    );
  });

  test.each(bodies)('%s', (_, check) => {
    fc.assert(
      fc.property(arbitraryOf(check.json), (body) => {
        expect(parse(check, JSON.stringify(body), 10_000_000).ok).toBe(true);
      }),
      { ...runs, numRuns: 100 },
    );
  });
});

describe('P8 anything at all', () => {
  test('as JSON is taken or refused, never thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        for (const check of [
          ...Object.values(UP),
          ...Object.values(DOWN),
          ...bodies.map(([, check]) => check),
        ])
          expect(accept(check, value)).toHaveProperty('ok');
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('as text is taken or refused, never thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseUp(text, limits)).toHaveProperty('ok', false);
      }),
      { numRuns: 5000, seed: 7 },
    );
  });

  test('a refusal can be sent: as an error frame and as a problem', () => {
    const someFrame = fc
      .constantFrom(...Object.keys(UP))
      .chain((type) =>
        fc
          .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
          .map((fields) => ({ ...fields, type, heads: fields, content: fields })),
      );
    fc.assert(
      fc.property(someFrame, (frame) => {
        const answer = parseUp(JSON.stringify(frame), limits);
        if (answer.ok) return;
        const { code, detail, clientId, conversation } = answer;
        expect(parseDown(JSON.stringify({ type: 'error', code, detail, clientId, conversation })).ok).toBe(
          true,
        );
        expect(problemOf(answer)).toMatchObject({ status: 400, code: 'bad_request' });
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});
