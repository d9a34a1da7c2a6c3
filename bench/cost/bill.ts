import { PRICES } from '../prices.ts';

/**
 * `active`: milliseconds in which objects could not hibernate. Not billed: `wakes`, cores made anew, by what woke them,
 * and `repeats`, entries that were brought to a device that had them.
 */
export type Counted = 'rows' | 'calls' | 'frames' | 'active' | 'wakes' | 'repeats';

/** What is counted while a scenario runs, by kind: the object's class and a table, a method or a cause. */
export class Bill {
  readonly rows = new Map<string, number>();
  readonly calls = new Map<string, number>();
  readonly frames = new Map<string, number>();
  readonly active = new Map<string, number>();
  readonly wakes = new Map<string, number>();
  readonly repeats = new Map<string, number>();

  clear(): void {
    for (const map of [this.rows, this.calls, this.frames, this.active, this.wakes, this.repeats])
      map.clear();
  }

  add(what: Counted, kind: string, n: number): void {
    this[what].set(kind, (this[what].get(kind) ?? 0) + n);
  }

  /** Of all kinds, or of those that match. */
  sum(what: Counted, kinds = /./): number {
    let sum = 0;
    for (const [kind, n] of this[what]) if (kinds.test(kind)) sum += n;
    return sum;
  }
}

/** A bill per message. Dollars are per million messages. */
export interface PerMessage {
  readonly messages: number;
  readonly rows: number;
  readonly calls: number;
  readonly frames: number;
  readonly activeSeconds: number;
  readonly wakes: number;
  readonly repeats: number;
  readonly dollars: {
    readonly rows: number;
    readonly calls: number;
    readonly frames: number;
    readonly active: number;
    readonly total: number;
  };
  readonly by: Readonly<
    Record<
      'rows' | 'calls' | 'frames' | 'activeSeconds' | 'wakes' | 'repeats',
      Readonly<Record<string, number>>
    >
  >;
}

export function perMessage(bill: Bill, messages: number): PerMessage {
  const each = (map: ReadonlyMap<string, number>, scale = 1): Record<string, number> =>
    Object.fromEntries(
      [...map].sort((a, b) => b[1] - a[1]).map(([kind, n]) => [kind, (n * scale) / messages]),
    );
  const rows = bill.sum('rows') / messages;
  const calls = bill.sum('calls') / messages;
  const frames = bill.sum('frames') / messages;
  const activeSeconds = bill.sum('active') / 1000 / messages;
  const dollars = {
    rows: rows * PRICES.row * 1e6,
    calls: calls * PRICES.call * 1e6,
    frames: frames * PRICES.frame * 1e6,
    active: activeSeconds * PRICES.activeSecond * 1e6,
  };
  return {
    messages,
    rows,
    calls,
    frames,
    activeSeconds,
    wakes: bill.sum('wakes') / messages,
    repeats: bill.sum('repeats') / messages,
    dollars: { ...dollars, total: dollars.rows + dollars.calls + dollars.frames + dollars.active },
    by: {
      rows: each(bill.rows),
      calls: each(bill.calls),
      frames: each(bill.frames),
      activeSeconds: each(bill.active, 1 / 1000),
      wakes: each(bill.wakes),
      repeats: each(bill.repeats),
    },
  };
}
