import type { Lane } from './fanout.ts';

/**
 * What the storage knows of each member's progress: who is away, up to where the others are settled, and how long the
 * alarm waits for who can't be reached. It stands in the row of the marks, as `{"at", "away": [n], "behind": [[n,
 * settled, tries, tryAt]]}`: who is not named is here and settled up to `at`.
 */
export interface MemberProgress {
  readonly away: boolean;
  readonly settled: number;
  /** Alarms that found this member unsettled, one after the other. */
  readonly tries: number;
  /** By the wall clock, in ms: no alarm tries before. */
  readonly tryAt: number;
}

interface Stored {
  /** Who is not named below is here and settled up to it. */
  readonly at: number;
  readonly away: readonly number[];
  readonly behind: readonly (readonly [n: number, settled: number, tries: number, tryAt: number])[];
}

/** Up to so many members each one's place is stored. In larger groups only those are named who held up an alarm or failed. */
const NAME_ALL = 32;

export class Progress {
  /** As it is stored. */
  readonly text: string;
  readonly #at: number;
  readonly #away: ReadonlySet<number>;
  readonly #behind: ReadonlyMap<number, Stored['behind'][number]>;

  private constructor(stored: Stored) {
    this.text = JSON.stringify(stored);
    this.#at = stored.at;
    this.#away = new Set(stored.away);
    this.#behind = new Map(stored.behind.map((entry) => [entry[0], entry]));
  }

  of(n: number): MemberProgress {
    const behind = this.#behind.get(n);
    return {
      away: this.#away.has(n),
      settled: behind?.[1] ?? this.#at,
      tries: behind?.[2] ?? 0,
      tryAt: behind?.[3] ?? 0,
    };
  }

  isAway(n: number): boolean {
    return this.#away.has(n);
  }

  /** @param text as stored; null where it was written without: then everybody counts as here, and settled up to `settled`. */
  static read(text: string | null, settled: number): Progress {
    return new Progress(text === null ? { at: settled, away: [], behind: [] } : (JSON.parse(text) as Stored));
  }

  /** Of the lanes, in a log that ends with `head`. Nobody is written down as further than they are. */
  static of(lanes: readonly Lane[], head: number): Progress {
    const here = lanes.filter((lane) => lane.attached);
    const holdsUp = (lane: Lane): boolean => lane.tries > 0 || lane.failures > 0 || lane.ended !== undefined;
    const at =
      lanes.length <= NAME_ALL
        ? head
        : here.reduce((low, lane) => (holdsUp(lane) ? low : Math.min(low, lane.settled)), head);
    return new Progress({
      at,
      away: lanes.filter((lane) => !lane.attached).map((lane) => lane.n),
      behind: here
        .filter((lane) => lane.settled < Math.min(at, lane.ended ?? at) || lane.tries > 0)
        .map((lane) => [lane.n, lane.settled, lane.tries, lane.tryAt] as const),
    });
  }
}
