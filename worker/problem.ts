import { errorRow, type Failure, fail, problemOf } from '../schema/protocol/errors.ts';
import type { Answer } from './answer.ts';

/** A failure as `application/problem+json`. */
export function problem(failure: Failure): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (failure.retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(failure.retryAfter)));
  const { status } = errorRow(failure.code);
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  return new Response(JSON.stringify(problemOf(failure)), { status, headers });
}

/** The border between handlers and the outside: the one place where failures and exceptions become answers. */
export async function settled(work: () => Promise<Answer>): Promise<Response> {
  try {
    const answer = await work();
    return answer instanceof Response ? answer : problem(answer);
  } catch (thrown) {
    // What was thrown may name hosts, queries or keys: it goes to the log alone.
    console.error('unhandled', thrown);
    return problem(fail('internal', 'try again later'));
  }
}
