import { PRICES } from '../prices.ts';

/** What is counted while a scenario runs, by kind. */
export class Bill {
  readonly rows = new Map<string, number>();
  readonly calls = new Map<string, number>();
  readonly frames = new Map<string, number>();
  /** Milliseconds in which objects could not hibernate, by class. */
  readonly active = new Map<string, number>();

  clear(): void {
    for (const map of [this.rows, this.calls, this.frames, this.active]) map.clear();
  }

  add(what: 'rows' | 'calls' | 'frames' | 'active', kind: string, n: number): void {
    this[what].set(kind, (this[what].get(kind) ?? 0) + n);
  }
}

/** A bill per message. Dollars are per million messages. */
export interface PerMessage {
  readonly messages: number;
  readonly rows: number;
  readonly calls: number;
  readonly frames: number;
  readonly activeSeconds: number;
  readonly dollars: {
    readonly rows: number;
    readonly calls: number;
    readonly frames: number;
    readonly active: number;
    readonly total: number;
  };
  readonly by: Readonly<
    Record<'rows' | 'calls' | 'frames' | 'activeSeconds', Readonly<Record<string, number>>>
  >;
}

export function perMessage(bill: Bill, messages: number): PerMessage {
  const sum = (map: ReadonlyMap<string, number>): number => [...map.values()].reduce((a, b) => a + b, 0);
  const each = (map: ReadonlyMap<string, number>, scale = 1): Record<string, number> =>
    Object.fromEntries(
      [...map].sort((a, b) => b[1] - a[1]).map(([kind, n]) => [kind, (n * scale) / messages]),
    );
  const rows = sum(bill.rows) / messages;
  const calls = sum(bill.calls) / messages;
  const frames = sum(bill.frames) / messages;
  const activeSeconds = sum(bill.active) / 1000 / messages;
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
    dollars: { ...dollars, total: dollars.rows + dollars.calls + dollars.frames + dollars.active },
    by: {
      rows: each(bill.rows),
      calls: each(bill.calls),
      frames: each(bill.frames),
      activeSeconds: each(bill.active, 1 / 1000),
    },
  };
}
