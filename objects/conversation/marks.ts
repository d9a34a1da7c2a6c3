/** High-water marks of receipts, per member number. They only move forward, and read never passes delivered (P6). */
export interface Mark {
  readonly delivered: number;
  readonly read: number;
}

export const NO_MARK: Mark = { delivered: 0, read: 0 };

/** The later of both, per mark, clamped to what exists. */
export function advance(mark: Mark, delivered: number, read: number, head: number): Mark {
  const nextRead = Math.max(mark.read, Math.min(read, head));
  const nextDelivered = Math.max(mark.delivered, Math.min(delivered, head), nextRead);
  return nextRead === mark.read && nextDelivered === mark.delivered
    ? mark
    : { delivered: nextDelivered, read: nextRead };
}

/** Marks of everybody fit in one row: a flat array, two numbers a member. */
export function encodeMarks(marks: ReadonlyMap<number, Mark>, members: number): string {
  const flat: number[] = [];
  for (let n = 0; n < members; n++) {
    const { delivered, read } = marks.get(n) ?? NO_MARK;
    flat.push(delivered, read);
  }
  return JSON.stringify(flat);
}

export function decodeMarks(json: string): Map<number, Mark> {
  const flat = JSON.parse(json) as number[];
  const marks = new Map<number, Mark>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const delivered = flat[i] as number;
    if (delivered > 0) marks.set(i / 2, { delivered, read: flat[i + 1] as number });
  }
  return marks;
}
