import { createHash } from 'node:crypto';
import { randomText } from '../random.ts';

/**
 * A refresh token is `<family>.<current>`: the first stays the same for the life of a device, the second is 32 random
 * bytes that change with every refresh. Only hashes are stored. A token whose family is known and whose second part is
 * not the current one was used before, however long ago, and one row per device tells so.
 */
export interface RefreshSecrets {
  readonly family: string;
  readonly current: string;
}

const FAMILY_BYTES = 18;
const CURRENT_BYTES = 32;

/** The secrets of a device that signs in. */
export const firstSecrets = (): RefreshSecrets => ({
  family: randomText(FAMILY_BYTES),
  current: randomText(CURRENT_BYTES),
});

/** The secrets after these. */
export const nextSecrets = ({ family }: RefreshSecrets): RefreshSecrets => ({
  family,
  current: randomText(CURRENT_BYTES),
});

export const formatRefresh = ({ family, current }: RefreshSecrets): string => `${family}.${current}`;

/** The secrets of a token, undefined when it can't be one of ours. */
export function parseRefresh(token: string): RefreshSecrets | undefined {
  const [, family, current] = /^([A-Za-z0-9_-]{24})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  return family === undefined || current === undefined ? undefined : { family, current };
}

/** What is stored. The secrets are random and long, so one round of SHA-256 hides them. */
export const hashSecrets = ({ family, current }: RefreshSecrets): RefreshSecrets => ({
  family: sha256(family),
  current: sha256(current),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
