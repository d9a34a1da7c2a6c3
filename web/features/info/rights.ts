import type { Role } from '../../../client/index.ts';

const RANK: { readonly [R in Role]: number } = { owner: 2, admin: 1, member: 0 };

/** What the service lets a member of a group do to another; the same rule as its own. */
export interface Rights {
  readonly remove: boolean;
  /** Roles they can be given. */
  readonly roles: readonly Role[];
}

export const mayManage = (role: Role | undefined): boolean => role !== undefined && RANK[role] > 0;

export function rightsOver(by: Role | undefined, target: Role): Rights {
  const rank = by === undefined ? -1 : RANK[by];
  return {
    remove: rank > 0 && rank > RANK[target],
    roles: by === 'owner' ? ROLES.filter((role) => role !== target) : [],
  };
}

const ROLES: readonly Role[] = ['owner', 'admin', 'member'];

/** Of two members the one with more to say comes first. */
export const byRank = (a: { readonly role: Role }, b: { readonly role: Role }): number =>
  RANK[b.role] - RANK[a.role];

export const roleIn = (
  members: readonly { readonly user: string; readonly role: Role }[] | undefined,
  user: string,
): Role | undefined => members?.find((member) => member.user === user)?.role;
