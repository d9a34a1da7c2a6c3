import { type Clock, NEVER } from './clock.ts';

/** One timer for all deadlines. Moving a deadline back costs nothing: the early ring finds nothing to do. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = NEVER;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `at` at the latest. */
  by(at: number): void {
    if (at >= this.#at) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      this.#at = NEVER;
      this.#cancel = undefined;
      this.#ring();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#at = NEVER;
  }
}
