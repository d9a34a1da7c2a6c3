/** What a refresh token is worth, judged by the row of its device alone. */

/** So long after a rotation the token before it is taken for a lost answer, or for two who asked at once. In ms. */
export const GRACE_MS = 60_000;
/** Attempts that are remembered for one rotation. */
const MOST_ATTEMPTS = 8;

/** Where a device's chain of refresh tokens stands. Secrets as SHA-256. */
export interface Chain {
  readonly current: string;
  /** Rotations so far. */
  readonly number: number;
  /** What `current` was before the latest rotation that is noted here. */
  readonly preceding: string | undefined;
  /** Those that were answered with `current`. */
  readonly attempts: readonly string[];
  /** `current` as that rotation left it. */
  readonly rotated: string | undefined;
  /** Of that rotation, or of one that noted nothing. In ms. */
  readonly refreshedAt: number;
}

/**
 * - `rotates`: the current token.
 * - `repeats`: the one before, for an attempt that was answered: it gets the same answer.
 * - `joins`: the one before, for another attempt or none, soon after: it gets the same answer, and is remembered.
 * - `reuses`: an old one.
 */
export type Use = 'rotates' | 'repeats' | 'joins' | 'reuses';

/** What it means that `presented` (a hash) comes with this `attempt` at `now`. */
export function judge(chain: Chain, presented: string, attempt: string | undefined, now: number): Use {
  if (presented === chain.current) return 'rotates';
  // Rotated since by a version that noted nothing: what is noted is about an older token.
  if (chain.rotated !== chain.current || presented !== chain.preceding) return 'reuses';
  if (attempt !== undefined && chain.attempts.includes(attempt)) return 'repeats';
  // A clock that was set back makes this negative, and nobody shall be signed out for it.
  return now - chain.refreshedAt <= GRACE_MS ? 'joins' : 'reuses';
}

/** With one more; those above the bound are answered and not remembered. */
export const withAttempt = (attempts: readonly string[], attempt: string | undefined): readonly string[] =>
  attempt === undefined || attempts.length >= MOST_ATTEMPTS ? attempts : [...attempts, attempt];
