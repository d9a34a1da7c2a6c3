import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Role } from '../../schema/protocol/frames-log.ts';

/** High-water marks of receipts. They only move forward, and read never passes delivered (P6). */
export interface Mark {
  readonly delivered: number;
  readonly read: number;
}

export const NO_MARK: Mark = { delivered: 0, read: 0 };

/** The later of both, clamped to what exists; the same object when nothing moved. */
export function advance(mark: Mark, to: Mark, head: number): Mark {
  const read = Math.max(mark.read, Math.min(to.read, head));
  const delivered = Math.max(mark.delivered, Math.min(to.delivered, head), read);
  return read === mark.read && delivered === mark.delivered ? mark : { delivered, read };
}

export interface Member {
  readonly user: string;
  role: Role;
  /** The head when they joined: what was said before is not theirs to confirm. */
  joined: number;
  /** The entry that ended the membership. */
  ended: number | undefined;
  /** They don't know of it: they block who invited them. */
  shunned: boolean;
  /** Of a direct conversation: they block the other one. */
  blocks: boolean;
  mark: Mark;
  /** What others see while they block: frozen, so that blocking can't be told by the ticks. */
  frozen: Mark | undefined;
}

export const shownMark = (member: Member): Mark => member.frozen ?? member.mark;

export function newMember(user: string, role: Role, joined: number): Member {
  return {
    user,
    role,
    joined,
    ended: undefined,
    shunned: false,
    blocks: false,
    mark: NO_MARK,
    frozen: undefined,
  };
}

const RANK: Readonly<Record<Role, number>> = { owner: 2, admin: 1, member: 0 };

export type MemberChange =
  | { readonly type: 'add' | 'remove' | 'rename' }
  | { readonly type: 'role'; readonly role: Role };

/** Whether `by` may do this to `target`. */
export function mayChange(
  direct: boolean,
  by: Member,
  change: MemberChange,
  target: Member | undefined,
): Failure | undefined {
  if (direct) return fail('forbidden', 'a direct conversation keeps its two members and has no title');
  if (change.type === 'remove' && target === by) return undefined;
  if (RANK[by.role] === 0) return fail('forbidden', 'only an owner or an admin of the group may do this');
  if (change.type === 'role' && by.role !== 'owner') return fail('forbidden', 'only an owner changes roles');
  if (change.type === 'remove' && target && RANK[target.role] >= RANK[by.role])
    return fail('forbidden', 'only an owner removes an owner or an admin');
  return undefined;
}

/** Who owns the group when its last owner goes: the longest-serving admin, else member. */
export function heirOf(leaving: Member, present: readonly Member[]): Member | undefined {
  if (leaving.role !== 'owner') return undefined;
  const rest = present
    .filter((member) => member !== leaving && !member.shunned)
    .sort((a, b) => a.joined - b.joined);
  if (rest.some(({ role }) => role === 'owner')) return undefined;
  return rest.find(({ role }) => role === 'admin') ?? rest[0];
}
