import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { randomText } from '../random.ts';

/**
 * A refresh token is `<family>.<current>`: the first stays the same for the life of a device, the second changes with
 * every refresh. Only hashes are stored. A token whose family is known and whose second part is not the current one was
 * used before, however long ago, and one row per device tells so.
 *
 * The second part is derived from the signing key, the family and the number of the rotation, so that it can be given
 * again when an answer was lost. Who has an old token and not the key can derive nothing from it.
 */
export interface RefreshSecrets {
  readonly family: string;
  readonly current: string;
}

const FAMILY_BYTES = 18;
/** The second part: a secret, and what proves without a look at the database that it was given out here. */
const SECRET_BYTES = 26;
const PROOF_BYTES = 6;

/** By the signing key, which stays the same object for as long as the setting does. */
const derivedKeys = new WeakMap<Uint8Array, Buffer>();

/** A key of its own: what is derived for one purpose means nothing for another. */
function keyOf(signingKey: Uint8Array): Buffer {
  const known = derivedKeys.get(signingKey);
  if (known) return known;
  const key = createHmac('sha256', signingKey).update('parley refresh tokens').digest();
  derivedKeys.set(signingKey, key);
  return key;
}

/** HMAC-SHA256 over `parts`, of which no other list of parts has the same text. */
const derive = (signingKey: Uint8Array, ...parts: readonly (string | number)[]): Buffer =>
  createHmac('sha256', keyOf(signingKey)).update(JSON.stringify(parts)).digest();

/** The family of a device that logs in. */
export const newFamily = (): string => randomText(FAMILY_BYTES);

/** The family of a device that was begun with a token of the product: the same for the same token and device. */
export const exchangeFamily = (signingKey: Uint8Array, token: string, device: string): string =>
  derive(signingKey, 'exchange', token, device).subarray(0, FAMILY_BYTES).toString('base64url');

/** What is kept of a token of the product, to know it again. */
export const exchangeMark = (signingKey: Uint8Array, token: string): string =>
  derive(signingKey, 'exchanged', token).toString('base64url');

/** The secrets after so many rotations. */
export function secretsOf(signingKey: Uint8Array, family: string, number: number): RefreshSecrets {
  const secret = derive(signingKey, 'current', family, number).subarray(0, SECRET_BYTES);
  return {
    family,
    current: Buffer.concat([secret, proofOf(signingKey, family, secret)]).toString('base64url'),
  };
}

const proofOf = (signingKey: Uint8Array, family: string, secret: Buffer): Buffer =>
  derive(signingKey, 'proof', family, secret.toString('base64url')).subarray(0, PROOF_BYTES);

/** Whether these were given out under this key, at any time. False too for those of versions that proved nothing. */
export function isOwn(signingKey: Uint8Array, { family, current }: RefreshSecrets): boolean {
  const bytes = Buffer.from(current, 'base64url');
  const proof = bytes.subarray(SECRET_BYTES);
  const wanted = proofOf(signingKey, family, bytes.subarray(0, SECRET_BYTES));
  return proof.length === wanted.length && timingSafeEqual(proof, wanted);
}

export const formatRefresh = ({ family, current }: RefreshSecrets): string => `${family}.${current}`;

/** The secrets of a token, undefined when it can't be one of ours. */
export function parseRefresh(token: string): RefreshSecrets | undefined {
  const [, family, current] = /^([A-Za-z0-9_-]{24})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  return family === undefined || current === undefined ? undefined : { family, current };
}

/** What is stored. The secrets are long and can't be guessed, so one round of SHA-256 hides them. */
export const hashSecrets = ({ family, current }: RefreshSecrets): RefreshSecrets => ({
  family: sha256(family),
  current: sha256(current),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
