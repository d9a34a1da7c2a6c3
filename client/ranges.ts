/** Numbers from `from` to `to`, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Ascending ranges without these numbers. */
export function without(ranges: readonly Range[], numbers: readonly number[]): readonly Range[] {
  let left = ranges;
  for (const n of numbers) {
    left = left.flatMap((range) => {
      if (n < range.from || n > range.to) return [range];
      return [
        { from: range.from, to: n - 1 },
        { from: n + 1, to: range.to },
      ].filter(({ from, to }) => from <= to);
    });
  }
  return left;
}
