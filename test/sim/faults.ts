import type { Rng } from '../support/rng.ts';

/** What goes wrong in a run, and how often. Each seed draws its own mix, so that some runs are harsh in one way only. */
export const CALL_FAULTS = ['lost', 'answerLost', 'hanging', 'late', 'twice', 'slow', 'slowAnswer'] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

export const EVENTS = [
  'userCrash',
  'userHibernation',
  'conversationCrash',
  'conversationEviction',
  'crashBeforeCommit',
  'crashAfterCommit',
  'restart',
  'dropSeen',
  'dropUnseen',
  'slowReader',
  'exception',
  'clockBack',
  'clockAhead',
] as const;
export type FaultEvent = (typeof EVENTS)[number];

export type FaultKind = CallFault | FaultEvent;

/** An exception that the simulation threw: storage that is full, a bug nobody knows of. */
export class Injected extends Error {}

export class Faults {
  /** How often each really happened. */
  readonly counts = new Map<FaultKind, number>();
  readonly #rng: Rng;
  readonly #calls: readonly { readonly kind: CallFault; readonly probability: number }[];
  /** Calls to one object overtake each other, as they may on stubs of their own. */
  readonly unordered: boolean;
  /** Probability that a commit takes a while. */
  readonly slowCommits: number;
  /** Probability that anything a turn does of its platform throws. */
  readonly exceptions: number;
  /** Nothing goes wrong in this run: objects leave memory, people come and go, and that is all. */
  readonly none: boolean;
  /** Lines to devices break in this run, and nothing else goes wrong. */
  readonly linesOnly: boolean;
  /** A member who never answers, while faults are on: by their number among the users. */
  readonly deaf: number | undefined;
  #on = true;

  constructor(rng: Rng) {
    this.#rng = rng;
    this.none = rng.chance(0.12);
    this.linesOnly = !this.none && rng.chance(0.12);
    const harshness = this.none || this.linesOnly ? 0 : rng.pick([0, 0.02, 0.06, 0.15]);
    this.#calls = CALL_FAULTS.map((kind) => ({
      kind,
      probability: rng.chance(0.6) ? harshness * rng.next() : 0,
    }));
    this.unordered = rng.chance(0.3);
    this.slowCommits = rng.pick([0, 0.3, 0.8]);
    this.exceptions = harshness === 0 ? 0 : rng.pick([0, 0, 0.001, 0.01]);
    this.deaf = harshness > 0 && rng.chance(0.1) ? rng.int(0, 3) : undefined;
  }

  get on(): boolean {
    return this.#on;
  }

  /** The quiet end: nothing goes wrong any more. */
  stop(): void {
    this.#on = false;
  }

  count(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  forCall(to: string): CallFault | undefined {
    if (!this.#on) return undefined;
    if (this.deaf !== undefined && to === `u${this.deaf}`) return 'hanging';
    let at = this.#rng.next();
    for (const { kind, probability } of this.#calls) {
      if (at < probability) return kind;
      at -= probability;
    }
    return undefined;
  }

  /** @throws Injected now and then. */
  maybeThrow(where: string): void {
    if (!this.#on || this.exceptions === 0 || !this.#rng.chance(this.exceptions)) return;
    this.count('exception');
    throw new Injected(where);
  }

  commitDelay(): number {
    return this.#on && this.#rng.chance(this.slowCommits) ? this.#rng.int(1, 25) : 0;
  }
}
