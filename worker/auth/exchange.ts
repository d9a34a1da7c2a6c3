/** Tokens of the embedding product: JWTs checked against its published keys. */
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Failure, fail } from '../../schema/protocol/errors.ts';
import { done, type Outcome } from '../outcome.ts';
import type { ExchangeSettings } from '../settings.ts';

/** Public-key algorithms alone. With a shared-secret one among them, a public key would do to sign with. */
const ALGORITHMS = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const;
const CLOCK_SKEW_S = 60;
const MAX_SUBJECT = 256;
const MAX_NAME = 64;

/** What the product says of somebody. */
export interface Stranger {
  readonly issuer: string;
  readonly subject: string;
  /** 1 to 64 characters. */
  readonly name: string | undefined;
  /** As given: perhaps taken, perhaps not fit to be a handle. */
  readonly handle: string | undefined;
}

type Keys = ReturnType<typeof createLocalJWKSet> | ReturnType<typeof createRemoteJWKSet>;
let latest: { readonly jwks: string; readonly keys: Keys } | undefined;

/** @throws when the setting is neither a URL nor a JWKS. */
function keysOf(jwks: string): Keys {
  if (latest?.jwks === jwks) return latest.keys;
  const inline = jwks.trimStart().startsWith('{');
  const keys = inline ? createLocalJWKSet(JSON.parse(jwks)) : createRemoteJWKSet(new URL(jwks));
  latest = { jwks, keys };
  return keys;
}

/**
 * Who a token of the product is about. `now` in ms.
 * Failures: `unauthenticated` (says what is wrong with the token), `unavailable` (its keys can't be fetched).
 */
export async function verifyForeign(
  settings: ExchangeSettings,
  token: string,
  now: number,
): Promise<Outcome<Stranger>> {
  const keys = keysOf(settings.jwks);
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [...ALGORITHMS],
      issuer: settings.issuer,
      audience: settings.audience,
      clockTolerance: CLOCK_SKEW_S,
      // A token without an end would be a password that anyone who ever saw it could use.
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now),
    });
    return strangerOf(settings.issuer, payload);
  } catch (thrown) {
    return verifyFailure(thrown);
  }
}

function strangerOf(issuer: string, payload: JWTPayload): Outcome<Stranger> {
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT || !sub.isWellFormed()) {
    return fail('unauthenticated', `token: "sub" must have 1 to ${MAX_SUBJECT} characters`);
  }
  return done({ issuer, subject: sub, name: nameOf(payload['name']), handle: textOf(payload['handle']) });
}

const textOf = (claim: unknown): string | undefined => (typeof claim === 'string' ? claim : undefined);

function nameOf(claim: unknown): string | undefined {
  const name = textOf(claim)?.toWellFormed().trim();
  // Cut between code points: half of a surrogate pair would not be text.
  const cut = name?.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, '');
  return cut || undefined;
}

const KEYS_OUT_OF_REACH = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC'];

function verifyFailure(thrown: unknown): Failure {
  const aboutToken = thrown instanceof errors.JOSEError && !KEYS_OUT_OF_REACH.includes(thrown.code);
  if (aboutToken && !(thrown instanceof errors.JWKSInvalid)) {
    return fail('unauthenticated', `token: ${thrown.message}`);
  }
  console.error('PARLEY_EXCHANGE_JWKS', thrown);
  return fail('unavailable', 'the keys of the token can not be had at the moment: try again later', 5);
}
