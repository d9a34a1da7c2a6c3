import { steadyClock } from '../../objects/shared/steady-clock.ts';

/** How often those who wait look whether there is an answer. */
const LOOK_MS = 20;

export interface SharedCheckOptions<T> {
  /** How long an answer is good, in ms. */
  readonly keep: (answer: T) => number;
  /** A check takes no longer; one whose request went away in the middle counts as over after this. In ms. */
  readonly longest: number;
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * One check for all who ask, and its answer for those who ask soon after: however many ask, it is made once.
 *
 * Who waits looks at the clock and at nobody's promise: a request can end at any moment, and what waits for a promise
 * of an ended request waits forever.
 */
export class SharedCheck<T> {
  readonly #keep: (answer: T) => number;
  readonly #longest: number;
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  #latest: { readonly answer: T; readonly at: number } | undefined;
  #since: number | undefined;

  constructor({ keep, longest, now = () => Date.now(), wait = pause }: SharedCheckOptions<T>) {
    this.#keep = keep;
    this.#longest = longest;
    this.#now = steadyClock(now);
    this.#wait = wait;
  }

  /** The answer of `check`, or of one that was made for somebody else. */
  async ask(check: () => Promise<T>): Promise<T> {
    for (; ; await this.#wait(LOOK_MS)) {
      const latest = this.#latest;
      if (latest && this.#within(latest.at, this.#keep(latest.answer))) return latest.answer;
      if (this.#since === undefined || !this.#within(this.#since, this.#longest)) break;
    }
    const since = this.#now();
    this.#since = since;
    try {
      const answer = await check();
      this.#latest = { answer, at: this.#now() };
      return answer;
    } finally {
      // Whoever took over from a check that was too long goes on.
      if (this.#since === since) this.#since = undefined;
    }
  }

  #within(at: number, ms: number): boolean {
    return this.#now() - at < ms;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
