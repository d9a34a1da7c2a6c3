import type { Sql } from '../../objects/shared/sql.ts';
import type { Bill } from './bill.ts';
import { countingSql } from './counting-sql.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A commit on the platform, in ms. */
const COMMIT_MS = 1;
/** An object with nothing to wait for leaves memory after this long. */
const HIBERNATES_MS = 10_000;

/**
 * One object as the platform runs it: turns, each of whose effects leave when what was written is durable; memory that
 * is lost when nothing happens for a while; time that is billed while something is waited for.
 */
export class SimulatedObject<Core> {
  readonly kind: string;
  readonly sql: Sql;
  readonly #clock: VirtualClock;
  readonly #bill: Bill;
  readonly #build: () => Core;
  #core: Core | undefined;
  #gate = 0;
  #effects: (() => void)[] = [];
  #wrote = false;
  #holds = 0;
  #activeSince = 0;
  #lastTurn = 0;
  #cancelAlarm: (() => void) | undefined;

  /** `build` makes the core anew from storage, at the first turn after each absence. */
  constructor(kind: string, clock: VirtualClock, bill: Bill, build: () => Core) {
    this.kind = kind;
    this.#clock = clock;
    this.#bill = bill;
    this.#build = build;
    this.sql = countingSql((table, rows) => {
      this.#wrote = true;
      bill.add('rows', `${kind}: ${table}`, rows);
    });
  }

  /** When it rings; undefined: not set. */
  alarmAt: number | undefined;

  get hasAlarm(): boolean {
    return this.#cancelAlarm !== undefined;
  }

  /** Something happens to the object. */
  turn(run: (core: Core) => void): void {
    this.#core ??= this.#build();
    run(this.#core);
    const now = this.#clock.now();
    if (this.#wrote) this.#gate = now + COMMIT_MS;
    this.#wrote = false;
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) this.#clock.after(this.#gate - now, effect);
    this.#lastTurn = now;
    if (this.#holds === 0) this.#clock.after(HIBERNATES_MS, () => this.#rest());
  }

  /** Something the object does; happens when everything written so far is durable. */
  effect(run: () => void): void {
    this.#effects.push(run);
  }

  /** Until the answer is called the object is active and stays in memory. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#activeSince = this.#clock.now();
    return () => {
      if (--this.#holds > 0) return;
      this.#bill.add('active', this.kind, this.#clock.now() - this.#activeSince);
    };
  }

  /** @returns what cancels it. */
  timer(ms: number, run: () => void): () => void {
    const release = this.hold();
    let over = false;
    const end = (): boolean => {
      if (over) return false;
      over = true;
      release();
      this.#clock.after(HIBERNATES_MS, () => this.#rest());
      return true;
    };
    const cancel = this.#clock.after(ms, () => {
      this.turn(run);
      end();
    });
    return () => {
      if (end()) cancel();
    };
  }

  /** One alarm an object; a new one replaces it. */
  alarm(at: number, ring: (core: Core) => void): void {
    this.#wrote = true;
    this.#bill.add('rows', `${this.kind}: setAlarm`, 1);
    this.#cancelAlarm?.();
    this.alarmAt = at;
    this.#cancelAlarm = this.#clock.after(at - this.#clock.now(), () => {
      this.#cancelAlarm = undefined;
      this.alarmAt = undefined;
      this.#bill.add('calls', `${this.kind}: alarm`, 1);
      this.turn(ring);
    });
  }

  #rest(): void {
    if (this.#holds === 0 && this.#clock.now() - this.#lastTurn >= HIBERNATES_MS) this.#core = undefined;
  }
}
