import type { DownOf } from '../schema/protocol/down.ts';

export interface Mark {
  readonly delivered: number;
  readonly read: number;
}

/** How far the others have come. Only ever grows (P6). */
export interface Marks {
  /** By user, where the service named them. */
  readonly users: Readonly<Record<string, Mark>>;
  /** What every other member has reached, where the service said so for a group. */
  readonly everyone: Mark;
}

export const NOTHING: Mark = { delivered: 0, read: 0 };
export const NO_MARKS: Marks = { users: {}, everyone: NOTHING };

/** `delivered` follows `read`: what was read has arrived. */
function higher(a: Mark, b: Mark): Mark {
  const read = Math.max(a.read, b.read);
  const delivered = Math.max(a.delivered, b.delivered, read);
  return read === a.read && delivered === a.delivered ? a : { delivered, read };
}

export function userMark(marks: Marks, user: string, mark: Mark): Marks {
  const before = marks.users[user] ?? NOTHING;
  const after = higher(before, mark);
  return after === before ? marks : { ...marks, users: { ...marks.users, [user]: after } };
}

/** Marks after a receipt; the same object when it told nothing new. */
export function withReceipt(marks: Marks, receipt: DownOf<'receipt'>): Marks {
  if (receipt.user !== undefined) return userMark(marks, receipt.user, receipt);
  const everyone = higher(marks.everyone, receipt);
  return everyone === marks.everyone ? marks : { ...marks, everyone };
}
