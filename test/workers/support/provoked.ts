/** Failures as each transport says them, compared with the one table of errors. */
import { expect } from 'vitest';
import type { DownOf } from '../../../schema/protocol/down.ts';
import { ERRORS, type ErrorCode } from '../../../schema/protocol/errors.ts';
import type { Answered } from '../identity/support.ts';
import type { Closed, Line } from './line.ts';

type Transport = 'http' | 'frame' | 'close';

/** What was provoked so far, as `transport code`. */
export const provoked = new Set<string>();
const note = (transport: Transport, code: ErrorCode): void => void provoked.add(`${transport} ${code}`);

/** What nobody may learn from an error. */
const SECRETS = /secret|SQLITE|no such table|\.ts:|at \w+ \(|stack|D1_ERROR/i;

const waits = (code: ErrorCode): boolean => ERRORS[code].retry === 'after';

/** An HTTP answer is this problem, with the status, title and waiting time the table says. */
export function expectProblem(answer: Answered, code: ErrorCode): void {
  const { status, title } = ERRORS[code];
  expect(answer.body, answer.text).toMatchObject({ status, code, title, detail: expect.any(String) });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.text).not.toMatch(SECRETS);
  const retryAfter = answer.body['retryAfter'];
  if (waits(code)) expect(retryAfter).toBeGreaterThan(0);
  if (retryAfter !== undefined) expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
  note('http', code);
}

/** An error frame says the same. */
export function expectFrame(frame: DownOf<'error'>, code: ErrorCode): void {
  expect(frame.code).toBe(code);
  expect(frame.detail.length).toBeGreaterThan(0);
  expect(JSON.stringify(frame)).not.toMatch(SECRETS);
  if (waits(code)) expect(frame.retryAfter).toBeGreaterThan(0);
  note('frame', code);
}

/** The next error frame after `provoke`. */
export async function errorAfter(line: Line, code: ErrorCode, provoke: () => void): Promise<DownOf<'error'>> {
  const before = line.of('error').length;
  provoke();
  const frame = await line.until(`error ${code}`, () => line.of('error')[before]);
  expectFrame(frame, code);
  return frame;
}

export function expectClose(closed: Closed, code: ErrorCode): void {
  expect(closed).toEqual({ code: ERRORS[code].close, reason: code });
  note('close', code);
}
