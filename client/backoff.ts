export interface Backoff {
  /** Upper bound of the first wait, in ms. */
  readonly base: number;
  /** Upper bound of every wait, in ms. */
  readonly cap: number;
}

export const RECONNECT: Backoff = { base: 1000, cap: 30_000 };
export const RETRY: Backoff = { base: 500, cap: 30_000 };

/**
 * "Full jitter": a random time between 0 and the exponential bound, so that a herd spreads itself out.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(
  attempt: number,
  random: () => number,
  { base, cap }: Backoff = RECONNECT,
): number {
  return random() * Math.min(cap, base * 2 ** Math.min(attempt, 30));
}
