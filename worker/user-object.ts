import type { ApiAnswer, UserRequest } from '../objects/shared/rpc.ts';
import { type Failure, fail } from '../schema/protocol/errors.ts';
import { type Answer, relay } from './answer.ts';
import type { Env, UserStub } from './env.ts';
import { done, type Outcome } from './outcome.ts';

/** What the platform puts on the exceptions of a call to an object. */
interface CallError {
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
}

/** A failure for what a call to an object threw. */
export function callFailure(thrown: unknown): Failure {
  const { overloaded } = (thrown ?? {}) as CallError;
  if (overloaded)
    return fail('overloaded', 'too much is asked of this user at the moment: try again later', 1);
  console.error('user object', thrown);
  return fail('unavailable', 'this user can not be reached at the moment: try again later', 1);
}

/**
 * Calls the UserObject of `user`. Every call of ours may be repeated without harm, so what the platform calls
 * retryable is tried once more, on a new stub, because a stub is dead after an exception. An overloaded object is left
 * alone. Failures: `overloaded`, `unavailable`.
 */
export async function callUser<T>(
  env: Pick<Env, 'USERS'>,
  user: string,
  call: (object: UserStub) => Promise<T>,
): Promise<Outcome<T>> {
  const attempt = () => call(env.USERS.get(env.USERS.idFromName(user)));
  try {
    return done(await attempt());
  } catch (thrown) {
    const { retryable, overloaded } = (thrown ?? {}) as CallError;
    if (!retryable || overloaded) return callFailure(thrown);
  }
  try {
    return done(await attempt());
  } catch (thrown) {
    return callFailure(thrown);
  }
}

/** Hands a checked request of `user`'s `device` to their UserObject. */
export async function requestOf(
  env: Pick<Env, 'USERS'>,
  user: string,
  device: string,
  request: UserRequest,
): Promise<ApiAnswer> {
  const answer = await callUser(env, user, (object) => object.request(user, device, request));
  return answer.ok ? answer.value : answer;
}

/** The same, as the answer to the outside. */
export async function relayRequest(
  signed: { readonly env: Pick<Env, 'USERS'>; readonly user: string; readonly device: string },
  request: UserRequest,
): Promise<Answer> {
  return relay(await requestOf(signed.env, signed.user, signed.device, request));
}
