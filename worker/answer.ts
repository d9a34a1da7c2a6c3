import type { ApiAnswer } from '../objects/shared/rpc.ts';
import type { Failure } from '../schema/protocol/errors.ts';

/** What a handler returns: an answer, or a failure for `problem.ts` to put into words. */
export type Answer = Response | Failure;

// Answers are about one person; no cache between us and them may keep any.
const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** `value` as JSON; fields that are undefined are left out. */
export const json = (status: number, value: unknown): Response =>
  new Response(JSON.stringify(value), { status, headers });

export const noContent = (): Response =>
  new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });

/** An object's answer, whose body is JSON text already. */
export function relay(answer: ApiAnswer): Answer {
  if (!answer.ok) return answer;
  if (answer.status === 204 || answer.body === '') return noContent();
  return new Response(answer.body, { status: answer.status, headers });
}
