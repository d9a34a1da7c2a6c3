/** Time as the client sees it; injected, so that tests own it. */
export interface Clock {
  /** Milliseconds; only differences matter. */
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** Browsers fire a timeout above 2³¹ ms at once. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};
