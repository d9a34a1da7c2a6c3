import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode, errorRow, problemOf } from '../../../schema/protocol/errors.ts';

test('every code has its own row', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) expect(errorRow(code)).toBe(ERRORS[code]);
});

test.each(['of_tomorrow', 'toString', '__proto__'])(
  '%s, of an object of a later release, is internal',
  (code) => {
    const failure = { ok: false, code: code as ErrorCode, detail: 'wait a little' } as const;
    expect(errorRow(failure.code)).toBe(ERRORS.internal);
    // The code goes through: a client may know it.
    expect(problemOf(failure)).toMatchObject({ status: 500, code, detail: 'wait a little' });
  },
);
