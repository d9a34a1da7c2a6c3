import type { Sql } from '../../objects/shared/sql.ts';
import type { Bill } from './bill.ts';
import { countingSql } from './counting-sql.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A commit on the platform, in ms. */
const COMMIT_MS = 1;
/** An object with nothing to wait for leaves memory after this long. */
export const HIBERNATES_MS = 10_000;

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
  /** The last turn, or the end of what was waited for. */
  #idleSince = 0;
  #isRestPlanned = false;
  #alarmAt: number | undefined;
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

  /** When the alarm rings; undefined: none is set. */
  get alarmAt(): number | undefined {
    return this.#alarmAt;
  }

  get isInMemory(): boolean {
    return this.#core !== undefined;
  }

  /** Something happens to the object. @param cause what the bill calls it when it wakes the object. */
  turn(cause: string, run: (core: Core) => void): void {
    if (this.#core === undefined) {
      this.#bill.add('wakes', `${this.kind}: ${cause}`, 1);
      this.#core = this.#build();
    }
    run(this.#core);
    const now = this.#clock.now();
    if (this.#wrote) this.#gate = now + COMMIT_MS;
    this.#wrote = false;
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) this.#clock.after(this.#gate - now, effect);
    this.#idle();
  }

  /** Something the object does; happens when everything written so far is durable. */
  effect(run: () => void): void {
    this.#effects.push(run);
  }

  /** Until the answer is called, once, the object is active and stays in memory. */
  hold(): () => void {
    if (this.#holds++ === 0) this.#activeSince = this.#clock.now();
    let isHeld = true;
    return () => {
      if (!isHeld) throw new Error(`a hold on a ${this.kind} was released twice`);
      isHeld = false;
      if (--this.#holds > 0) return;
      this.#bill.add('active', this.kind, this.#clock.now() - this.#activeSince);
      this.#idle();
    };
  }

  /** @returns what cancels it. */
  timer(ms: number, run: () => void): () => void {
    const release = this.hold();
    let isOver = false;
    const cancel = this.#clock.after(ms, () => {
      isOver = true;
      this.turn('timer', run);
      release();
    });
    return () => {
      if (isOver) return;
      isOver = true;
      cancel();
      release();
    };
  }

  /** One alarm an object; a new one replaces it. It outlives memory, and the object is active until `ring` calls `done`. */
  alarm(at: number, ring: (core: Core, done: () => void) => void): void {
    this.#wrote = true;
    this.#bill.add('rows', `${this.kind}: setAlarm`, 1);
    this.#cancelAlarm?.();
    this.#alarmAt = at;
    this.#cancelAlarm = this.#clock.after(at - this.#clock.now(), () => {
      this.#alarmAt = undefined;
      this.#bill.add('calls', `${this.kind}: alarm`, 1);
      const done = this.hold();
      this.turn('alarm', (core) => ring(core, done));
    });
  }

  #idle(): void {
    this.#idleSince = this.#clock.now();
    if (this.#holds === 0) this.#planRest(HIBERNATES_MS);
  }

  /** One look at a time; what happens meanwhile only puts it off. */
  #planRest(ms: number): void {
    if (this.#isRestPlanned) return;
    this.#isRestPlanned = true;
    this.#clock.after(ms, () => {
      this.#isRestPlanned = false;
      // Whatever is waited for plans the next look when it ends.
      if (this.#holds > 0) return;
      const left = this.#idleSince + HIBERNATES_MS - this.#clock.now();
      if (left > 0) this.#planRest(left);
      else this.#core = undefined;
    });
  }
}
