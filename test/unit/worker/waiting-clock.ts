/** A clock that jumps to the next waiter when nothing else can go on. */
export class WaitingClock {
  now = 1_000;
  /** What the wall clock was set forward by; waits don't notice. */
  stepped = 0;
  #waiting: { at: number; wake: () => void }[] = [];

  wall = (): number => this.now + this.stepped;
  wait = (ms: number) => new Promise<void>((wake) => void this.#waiting.push({ at: this.now + ms, wake }));

  /** Lets time pass until nobody waits, or until `end`. */
  async run(end = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      this.#waiting.sort((a, b) => a.at - b.at);
      const next = this.#waiting[0];
      if (!next || next.at > end) return;
      this.#waiting.shift();
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
  }
}
