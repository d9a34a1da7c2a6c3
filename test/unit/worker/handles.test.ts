import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fits } from '../../../schema/protocol/check.ts';
import { handle } from '../../../schema/protocol/ids.ts';
import { handleCandidates } from '../../../worker/auth/handles.ts';

const random = (length: number) => '7'.repeat(length);

describe('handleCandidates', () => {
  test.each([
    ['ada', undefined, 'ada'],
    ['_ada_', 'Somebody', '_ada_'],
    ['Ada Lovelace', undefined, 'ada_lovelace'],
    [undefined, "Zoë O'Neil", 'zoe_o_neil'],
    ['x', 'Grace', 'grace'],
    [undefined, '李小龙', 'user_7777'],
    [undefined, undefined, 'user_7777'],
  ])('%j, %j: first %s', (wanted, name, first) => {
    expect(handleCandidates(wanted, name, random)[0]).toBe(first);
  });

  test('go on with random ones', () => {
    expect(handleCandidates('ada', undefined, random)).toEqual([
      'ada',
      'ada_7777',
      'ada_77777777',
      `user_${random(20)}`,
    ]);
  });

  test('are handles, whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        (wanted, name) => {
          const candidates = handleCandidates(wanted, name, random);
          expect(candidates.length).toBeGreaterThanOrEqual(2);
          for (const candidate of candidates) expect(fits(handle, candidate)).toBe(true);
        },
      ),
    );
  });
});
