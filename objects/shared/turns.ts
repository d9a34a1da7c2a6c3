/** One life of a core in memory. What a core started may act only while its life lasts. */
export interface Life {
  /** Runs `body` as a turn of this life; does nothing when it is over. Never throws: a turn that does ends the life. */
  turn(body: () => void): void;
  /** Does `run` at the end of the turn; never when the turn throws. */
  effect(run: () => void): void;
}

export interface TurnsOptions<Core> {
  /** Makes the core anew from storage. */
  start(life: Life): Core;
  /** Puts a turn into a transaction. Left out where the core puts around each change what it needs. */
  atomic?<T>(body: () => T): T;
  /** A turn threw `error`: `core` is dropped and acts no more. Undefined when it could not even start. */
  crashed(error: unknown, core: Core | undefined): void;
}

/**
 * The turns of an object's core: each whole or not at all. What a turn sends leaves at its end. When one throws, nothing
 * it sent leaves, whoever waits for an answer is told that none comes, and the memory it may have spoilt is dropped: its
 * timers and the answers to its calls find their life over. The next turn starts a new core from storage.
 */
export class Turns<Core> {
  readonly #options: TurnsOptions<Core>;
  #core: Core | undefined;
  #life: { over: boolean } & Life;
  #effects: (() => void)[] = [];
  #depth = 0;
  readonly #waiting = new Set<() => void>();

  constructor(options: TurnsOptions<Core>) {
    this.#options = options;
    this.#life = this.#newLife();
  }

  /** The life that is on. */
  get life(): Life {
    return this.#life;
  }

  /** Whether a core is in memory. */
  get awake(): boolean {
    return this.#core !== undefined;
  }

  /** Runs one turn. @throws what `body` throws, after everything of that life has ended. */
  run<T>(body: (core: Core) => T): T {
    if (this.#depth > 0) return body(this.#awake());
    this.#depth++;
    let result: T;
    try {
      const turn = (): T => body(this.#awake());
      result = this.#options.atomic ? this.#options.atomic(turn) : turn();
    } catch (error) {
      this.#depth--;
      this.#crash(error);
      throw error;
    }
    this.#depth--;
    this.#flush();
    return result;
  }

  /** A call whose answer a later turn may give: `done` gets it at the end of that turn, or undefined when the life ends first. */
  ask<A>(body: (core: Core, answer: (value: A) => void) => void, done: (value: A | undefined) => void): void {
    let open = true;
    const finish = (value: A | undefined): void => {
      if (!open) return;
      open = false;
      this.#waiting.delete(lost);
      done(value);
    };
    const lost = (): void => finish(undefined);
    this.#waiting.add(lost);
    const life = this.#life;
    life.turn(() => body(this.#awake(), (value) => life.effect(() => finish(value))));
  }

  /** The object leaves memory: nothing of this life acts any more, and nobody is told. */
  end(): void {
    this.#life.over = true;
    this.#life = this.#newLife();
    this.#core = undefined;
    this.#effects = [];
    this.#waiting.clear();
  }

  #awake(): Core {
    this.#core ??= this.#options.start(this.#life);
    return this.#core;
  }

  #newLife(): { over: boolean } & Life {
    const life = {
      over: false,
      turn: (body: () => void): void => {
        if (life.over) return;
        try {
          this.run(body);
        } catch {
          // The life has ended and `crashed` was told.
        }
      },
      effect: (run: () => void): void => {
        if (life.over) return;
        if (this.#depth > 0) this.#effects.push(run);
        else run();
      },
    };
    return life;
  }

  #flush(): void {
    if (this.#effects.length === 0) return;
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) effect();
  }

  #crash(error: unknown): void {
    const core = this.#core;
    const waiting = [...this.#waiting];
    this.end();
    this.#options.crashed(error, core);
    for (const lost of waiting) lost();
  }
}
