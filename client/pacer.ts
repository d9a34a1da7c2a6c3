import { NEVER } from './clock.ts';

/**
 * A bucket of tokens that fills up evenly: keeps this device under the rate the service announced, so that a burst is
 * slowed down here and not refused there.
 */
export class Pacer {
  #rate = NEVER;
  #burst = NEVER;
  #tokens = NEVER;
  #at = 0;

  /** `rate` a second, `burst` at once. */
  set(rate: number, burst: number, now: number): void {
    if (rate === this.#rate && burst === this.#burst) return;
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes one, if there is one. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next one is there. */
  next(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? now : now + Math.ceil(((1 - this.#tokens) / this.#rate) * 1000);
  }

  #fill(now: number): void {
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
  }
}
