import { fits } from '../schema/protocol/check.ts';
import { fail } from '../schema/protocol/errors.ts';
import { id, userRef } from '../schema/protocol/ids.ts';
import type { Answer } from './answer.ts';
import { verifyAccess } from './auth/access-token.ts';
import { AddressLimit, addressOf } from './auth/address-limit.ts';
import { bearerToken } from './auth/bearer.ts';
import type { Env } from './env.ts';
import { done, type Outcome } from './outcome.ts';
import type { Settings } from './settings.ts';
import { requestOf } from './user-object.ts';

/** A request on its way to a handler. */
export interface Call {
  readonly request: Request;
  /** The variable parts of the path, still percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly env: Env;
  readonly settings: Settings;
}

/** The same with a valid access token. */
export interface SignedCall extends Call {
  readonly user: string;
  readonly device: string;
}

export type Handler<C extends Call = Call> = (call: C) => Promise<Answer>;

/** Needs a valid access token. Whether its device was removed is left to the UserObject that is called next. */
export function signedIn(handler: Handler<SignedCall>): Handler {
  return async (call) => {
    const token = bearerToken(call.request.headers);
    if (!token.ok) return token;
    const claims = await verifyAccess(call.settings.signingKey, token.value, Date.now());
    return claims.ok ? handler({ ...call, user: claims.value.user, device: claims.value.device }) : claims;
  };
}

/** For handlers that read or write D1 first: asks the UserObject before, so a removed device learns nothing. */
export function stillSignedIn(handler: Handler<SignedCall>): Handler {
  return signedIn(async (call) => {
    const welcome = await requestOf(call.env, call.user, call.device, { op: 'check' });
    return welcome.ok ? handler(call) : welcome;
  });
}

const logInAttempts = new AddressLimit();

/** Takes one of the address's log-in attempts. */
export function counted(handler: Handler): Handler {
  return async (call) => {
    const { headers } = call.request;
    const refused = logInAttempts.take(addressOf(headers), call.settings.limits.authRate, Date.now());
    return refused ?? handler(call);
  };
}

/** The query of the request. */
export const queryOf = (call: Call): URLSearchParams => new URL(call.request.url).searchParams;

/** The id in the path under `name`; `bad_request` when it can't be one. */
export function idParam(call: Call, name: string): Outcome<string> {
  const value = call.params[name];
  return fits(id, value) ? done(value) : fail('bad_request', `${name}: is not an id`);
}

/** The user id or `@handle` in the path under `name`. */
export function userRefParam(call: Call, name: string): Outcome<string> {
  const value = call.params[name]?.replace(/^%40/, '@');
  return fits(userRef, value) ? done(value) : fail('bad_request', `${name}: is not a user id or @handle`);
}
