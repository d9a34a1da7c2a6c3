import type { NodeSql } from '../support/node-sql.ts';
import type { Clock } from './clock.ts';

/**
 * An object's storage and output gate. Turns write at once into one open transaction; what they send waits until it is
 * committed. A crash takes back what was not committed, and everything that waited.
 */
export class Gate {
  readonly sql: NodeSql;
  readonly #clock: Clock;
  /** How long until the commit of a turn; 0 for at once. Turns in between share it. */
  readonly #delay: () => number;
  readonly #committed: () => void;
  #effects: (() => void)[] = [];
  #open = false;
  #planned = false;
  #epoch = 0;

  constructor(sql: NodeSql, clock: Clock, delay: () => number, committed: () => void) {
    this.sql = sql;
    this.#clock = clock;
    this.#delay = delay;
    this.#committed = committed;
  }

  /** Whether nothing waits for a commit. */
  get idle(): boolean {
    return !this.#open;
  }

  turn(body: () => void): void {
    if (!this.#open) {
      this.sql.begin();
      this.#open = true;
    }
    body();
    if (this.#planned || !this.#open) return;
    const delay = this.#delay();
    if (delay === 0) return this.#flush();
    this.#planned = true;
    const epoch = this.#epoch;
    this.#clock.after(delay, () => {
      if (epoch === this.#epoch) this.#flush();
    });
  }

  /** Goes out with the commit of this turn. */
  effect(run: () => void): void {
    this.#effects.push(run);
  }

  #flush(): void {
    this.#planned = false;
    this.#open = false;
    this.sql.commit();
    this.#epoch++;
    this.#committed();
    const effects = this.#effects;
    this.#effects = [];
    for (const run of effects) run();
  }

  /** @param committed the crash comes after the commit, before anything went out. */
  crash(committed: boolean): void {
    if (this.#open && committed) {
      this.sql.commit();
      this.#committed();
    } else if (this.#open) this.sql.rollback();
    this.#open = false;
    this.#planned = false;
    this.#effects = [];
    this.#epoch++;
  }
}
