/**
 * Access tokens: JWTs signed with PARLEY_SIGNING_KEY, good for 15 minutes and for nothing but naming user and device.
 * Whether the device is still welcome is the UserObject's answer.
 */
import { errors, jwtVerify, SignJWT } from 'jose';
import { fail } from '../../schema/protocol/errors.ts';
import { done, type Outcome } from '../outcome.ts';

const LIFETIME_S = 15 * 60;
const NAME = 'parley';

/** Who a token speaks for. */
export interface Claims {
  readonly user: string;
  readonly device: string;
}

let latestKey: { readonly bytes: Uint8Array; readonly key: CryptoKey } | undefined;

async function keyOf(bytes: Uint8Array): Promise<CryptoKey> {
  if (latestKey?.bytes === bytes) return latestKey.key;
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  // The key is kept and not the promise of it: a request may end while others would still wait for its promise.
  const key = await crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify']);
  latestKey = { bytes, key };
  known.clear();
  return key;
}

/** A token for `claims` and when it expires, in ms. `now` in ms. */
export async function signAccess(
  signingKey: Uint8Array,
  claims: Claims,
  now: number,
): Promise<{ readonly accessToken: string; readonly expiresAt: number }> {
  const issued = Math.floor(now / 1000);
  const expires = issued + LIFETIME_S;
  const accessToken = await new SignJWT({ dev: claims.device })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject(claims.user)
    .setIssuer(NAME)
    .setAudience(NAME)
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(await keyOf(signingKey));
  return { accessToken, expiresAt: expires * 1000 };
}

/**
 * Tokens this isolate has verified, the longest unused first. A client sends the same token hundreds of times; a
 * verification costs some forty microseconds of processor time, finding it here less than one.
 */
const known = new Map<string, Claims & { readonly expiresAt: number }>();
const MOST_KNOWN = 5_000;

/** Who `token` speaks for; `unauthenticated` when it is not ours or has expired. `now` in ms. */
export async function verifyAccess(
  signingKey: Uint8Array,
  token: string,
  now: number,
): Promise<Outcome<Claims>> {
  const key = await keyOf(signingKey);
  const seen = known.get(token);
  if (seen) {
    known.delete(token);
    if (seen.expiresAt <= now) return expired();
    known.set(token, seen);
    return done(seen);
  }
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: NAME,
      audience: NAME,
      requiredClaims: ['sub', 'exp', 'dev'],
      currentDate: new Date(now),
    });
    const { sub, dev, exp } = payload;
    if (typeof sub !== 'string' || typeof dev !== 'string' || exp === undefined) return invalid();
    remember(token, { user: sub, device: dev, expiresAt: exp * 1000 });
    return done({ user: sub, device: dev });
  } catch (thrown) {
    if (thrown instanceof errors.JWTExpired) return expired();
    if (thrown instanceof errors.JOSEError) return invalid();
    throw thrown;
  }
}

function remember(token: string, claims: Claims & { readonly expiresAt: number }): void {
  const oldest = known.size >= MOST_KNOWN ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  known.set(token, claims);
}

const expired = () => fail('unauthenticated', 'the access token has expired: refresh it');
const invalid = () => fail('unauthenticated', 'the access token is not valid');
