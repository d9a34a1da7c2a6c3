import { steadyClock } from '../../objects/shared/steady-clock.ts';
import { fail } from '../../schema/protocol/errors.ts';
import { done, type Outcome } from '../outcome.ts';

/** How long others have the thread between two pieces of heavy work. */
const REST_MS = 40;
/** Work whose request went away in the middle counts as over after this. */
const LONGEST_MS = 1_000;
/** Nobody waits longer for a log-in. */
const PATIENCE_MS = 30_000;

/**
 * One piece of heavy work at a time, with rests between. A password hash keeps the thread for some 150 ms; without
 * this, a burst of log-ins in one isolate stops everybody else's requests until the last one is done (P9).
 *
 * Who waits looks at a time on the clock and at nobody's promise: a request can end at any moment, and what waits for
 * a promise of an ended request waits forever.
 */
export class Pace {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** By the steady clock. */
  #freeAt = 0;

  constructor(now: () => number = Date.now, wait: (ms: number) => Promise<void> = pause) {
    this.#now = steadyClock(now);
    this.#wait = wait;
  }

  /** The result of `work`, or `overloaded` when its turn did not come. */
  async run<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    const deadline = this.#now() + PATIENCE_MS;
    for (let now = this.#now(); now < this.#freeAt; now = this.#now()) {
      if (now >= deadline) return fail('overloaded', 'too many log-ins at the moment: try again later', 30);
      await this.#wait(Math.min(this.#freeAt - now, REST_MS));
    }
    this.#freeAt = this.#now() + LONGEST_MS;
    try {
      return done(await work());
    } finally {
      // The platform's clock stands still while code runs, and goes on after a wait.
      await this.#wait(1);
      this.#freeAt = this.#now() + REST_MS;
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
