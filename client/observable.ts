import { Bell } from './bell.ts';

/**
 * A value that changes. `get` and `subscribe` are bound, so that `useSyncExternalStore(o.subscribe, o.get)` works as it
 * is: `get` answers the same object until the value changes.
 */
export interface Observable<T> extends AsyncIterable<T> {
  readonly get: () => T;
  /** `changed` is called after every change, with nothing; the answer takes it off again. */
  readonly subscribe: (changed: () => void) => () => void;
  /** The present value, then every later one a reader is fast enough for: of several changes meanwhile the latest. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** Whether plain data says the same, so that whoever shows it need not do so again. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Array.isArray(value) || (value as object | undefined)?.constructor === Object;

/** A value worked out from others when somebody asks, and again after `changed()`. An equal one is the one before. */
export class Live<T> implements Observable<T> {
  readonly #compute: () => T;
  readonly #used: ((used: boolean) => unknown) | undefined;
  readonly #listeners = new Set<() => void>();
  #value: T | undefined;
  #fresh = false;

  /** `used` hears when the first subscriber comes and when the last one goes. */
  constructor(compute: () => T, used?: (used: boolean) => unknown) {
    this.#compute = compute;
    this.#used = used;
  }

  readonly get = (): T => {
    if (!this.#fresh) {
      const value = this.#compute();
      if (!same(value, this.#value)) this.#value = value;
      this.#fresh = true;
    }
    return this.#value as T;
  };

  readonly subscribe = (changed: () => void): (() => void) => {
    // The same function twice is two subscribers.
    const listener = (): void => changed();
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#used?.(true);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#used?.(false);
    };
  };

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  changed(): void {
    this.#fresh = false;
    for (const listener of [...this.#listeners]) listener();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    const bell = new Bell();
    const off = this.subscribe(() => bell.ring());
    try {
      for (;;) {
        // Before the value is read: what changes while it is looked at counts.
        const rung = bell.rung();
        yield this.get();
        await rung;
      }
    } finally {
      off();
    }
  }
}
