import type { Clock } from '../clock.ts';

/** Time that stands still until a test moves it. Fits `ClientOptions.clock` and `createTestServer({ clock })`. */
export interface VirtualClock extends Clock {
  /** Timers that are set. */
  readonly pending: number;
  /** When the next timer is due; undefined when none is set. */
  readonly next: number | undefined;
  /**
   * Moves time by `ms` and runs what falls due on the way, each timer at its own time and those of one time in the
   * order they were set. Before the first and after each, promises that can go on do so.
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves time from timer to timer until none is left, or until `most` ms have passed: a connected client sets a new
   * timer for each ping, so with one there is always a next.
   * @returns whether no timer was left
   */
  runUntilIdle(most?: number): Promise<boolean>;
  /**
   * Moves time until the promise settles, and answers as it does; for what needs the clock to go on.
   * @throws Error when nothing came of it in `most` ms, or no timer is left that could bring it about.
   */
  until<T>(promise: PromiseLike<T>, most?: number): Promise<T>;
  /**
   * Moves time until `look` answers something other than undefined, null or false, and answers that.
   * @throws Error as above
   */
  waitFor<T>(look: () => T | undefined | null | false, most?: number): Promise<T>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const DEFAULT_MOST_MS = 120_000;

/** @param start what `now()` says at first; ms since 1970. */
export function createVirtualClock(start: number = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  let order = 0;
  const timers = new Set<Timer>();

  const first = (): Timer | undefined => {
    let best: Timer | undefined;
    for (const timer of timers) {
      if (!best || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer;
    }
    return best;
  };

  /** Runs the next timer if it is due by `end`. @returns whether there was one. */
  const step = async (end: number): Promise<boolean> => {
    const timer = first();
    if (!timer || timer.at > end) return false;
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.run();
    await settled();
    return true;
  };

  const waitFor = async <T>(look: () => T | undefined | null | false, most: number): Promise<T> => {
    const end = now + most;
    await settled();
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null && found !== false) return found;
      if (!(await step(end)))
        throw new Error(
          timers.size === 0 ? 'No timer is left that could bring it about' : `It did not come in ${most} ms`,
        );
    }
  };

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), order: order++, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    get pending() {
      return timers.size;
    },
    get next() {
      return first()?.at;
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      while (await step(end));
      now = Math.max(now, end);
    },
    async runUntilIdle(most = DEFAULT_MOST_MS) {
      const end = now + most;
      await settled();
      while (await step(end));
      return timers.size === 0;
    },
    async until(promise, most = DEFAULT_MOST_MS) {
      let over = false;
      const done = (): void => {
        over = true;
      };
      promise.then(done, done);
      await waitFor(() => over, most);
      return promise;
    },
    waitFor: (look, most = DEFAULT_MOST_MS) => waitFor(look, most),
  };
}

/** Taken before a test puts false timers in their place. */
const { setImmediate: immediate, setTimeout: later } = globalThis as typeof globalThis & {
  readonly setImmediate?: (run: () => void) => unknown;
};

/** All promises that can go on without time or network have done so. */
const settled = (): Promise<void> =>
  new Promise((done) => {
    if (immediate) immediate(done);
    else later(done, 0);
  });
