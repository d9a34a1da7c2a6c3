/** Time as the client sees it; injected, so that tests own it. */
export interface Clock {
  /** Milliseconds; it never goes back, and only differences matter. */
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void;
}

export const NEVER = Number.POSITIVE_INFINITY;

/** 23 days: browsers fire a timeout above 2³¹ ms at once. */
const LONGEST = 2e9;

let last = 0;
let ahead = 0;

/** The machine's clock. One that is set back would stop everything that waits: after that it is ahead, and goes on. */
export const systemClock: Clock = {
  now() {
    const wall = Date.now();
    if (wall < last) ahead += last - wall;
    last = wall;
    return wall + ahead;
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};
