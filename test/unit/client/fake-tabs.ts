import type { Clock } from '../../../client/clock.ts';
import type { TabMessage, Tabs } from '../../../client/tabs.ts';

/** Tabs of one browser: one lock, and a channel that takes a moment. */
export class FakeBrowser {
  readonly #clock: Clock;
  readonly #listeners = new Set<(message: TabMessage) => void>();
  #queue: { readonly run: () => void; on: boolean }[] = [];
  /** ms a message between tabs takes. */
  lag = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new tab; `kill` is how it ends when the browser takes it away: nothing more comes from it or to it. */
  tab(): Tabs & { kill(): void } {
    let alive = true;
    let mine: ((message: TabMessage) => void) | undefined;
    const places: { readonly run: () => void; on: boolean }[] = [];
    const leave = (place: { on: boolean }): void => {
      const led = this.#queue[0] === place;
      this.#queue = this.#queue.filter((other) => other !== place);
      place.on = false;
      if (led) this.#next();
    };
    return {
      lead: (run) => {
        if (!alive) return () => {};
        const place = { run: () => alive && run(), on: false };
        places.push(place);
        this.#queue.push(place);
        if (this.#queue.length === 1) this.#next();
        return () => leave(place);
      },
      post: (message) => {
        if (!alive) return;
        const from = mine;
        // What goes through a channel is a copy.
        const copy = structuredClone(message);
        for (const listener of this.#listeners)
          if (listener !== from)
            this.#clock.after(this.lag, () => this.#listeners.has(listener) && listener(copy));
      },
      listen: (handler) => {
        if (!alive) return () => {};
        mine = (message) => alive && handler(message);
        const listener = mine;
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      kill: () => {
        alive = false;
        if (mine) this.#listeners.delete(mine);
        for (const place of places) leave(place);
      },
    };
  }

  #next(): void {
    const first = this.#queue[0];
    if (!first) return;
    this.#clock.after(1, () => {
      if (this.#queue[0] !== first || first.on) return;
      first.on = true;
      first.run();
    });
  }
}
