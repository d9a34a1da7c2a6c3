import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Role } from '../../schema/protocol/frames-log.ts';
import type { ConversationKind } from '../shared/rpc.ts';
import type { ConversationStore, MemberRow } from './store.ts';

/** What somebody outside is told, whether the conversation exists or not (P7). */
export const notFound = (): Failure => fail('not_found', 'no such conversation');

/** The members in memory; the table is the truth. */
export class Members {
  readonly #byUser = new Map<string, MemberRow>();
  readonly #byNumber: MemberRow[] = [];
  readonly #store: ConversationStore;

  constructor(store: ConversationStore) {
    this.#store = store;
    for (const row of store.members()) this.#keep(row);
  }

  #keep(row: MemberRow): void {
    this.#byUser.set(row.user, row);
    this.#byNumber[row.n] = row;
  }

  /** Everybody who ever was a member. */
  get all(): readonly MemberRow[] {
    return this.#byNumber;
  }

  /** Members now, those included who don't know it because they block who invited them. */
  get listed(): MemberRow[] {
    return this.#byNumber.filter((m) => m.ended === undefined);
  }

  /** The member who may act and see; undefined for everybody else. */
  active(user: string): MemberRow | undefined {
    const row = this.#byUser.get(user);
    return row && row.ended === undefined && !row.shunned ? row : undefined;
  }

  byUser(user: string): MemberRow | undefined {
    return this.#byUser.get(user);
  }

  byNumber(n: number): MemberRow {
    const row = this.#byNumber[n];
    if (!row) throw new Error(`no member ${n}`);
    return row;
  }

  readonly userOf = (n: number): string => this.byNumber(n).user;

  /** Stores a new or changed member. */
  put(row: MemberRow): void {
    this.#store.putMember(row);
    this.#keep(row);
  }

  /** A row for somebody who joins now, with the number they had before where they had one. */
  joining(user: string, role: Role, head: number, shunned: boolean): MemberRow {
    const n = this.#byUser.get(user)?.n ?? this.#byNumber.length;
    return { n, user, role, joined: head, ended: undefined, shunned, blocks: false, shown: undefined };
  }

  /** The other member of a direct conversation. */
  other(n: number): MemberRow | undefined {
    return this.#byNumber.find((m) => m.n !== n);
  }

  isLastOwner(row: MemberRow): boolean {
    return row.role === 'owner' && !this.listed.some((m) => m.role === 'owner' && m.n !== row.n);
  }

  /** Who owns the group when `leaving` goes: the longest-serving admin, else the longest-serving member. */
  heir(leaving: MemberRow): MemberRow | undefined {
    if (leaving.role !== 'owner') return undefined;
    const rest = this.#byNumber
      .filter((m) => m.n !== leaving.n && m.ended === undefined && !m.shunned)
      // Who left and came back has an old number and has served since.
      .sort((a, b) => a.joined - b.joined || a.n - b.n);
    if (rest.some((m) => m.role === 'owner')) return undefined;
    return rest.find((m) => m.role === 'admin') ?? rest[0];
  }
}

const RANK: Readonly<Record<Role, number>> = { owner: 2, admin: 1, member: 0 };

/** Whether `by` may do this to `target` in a conversation of this kind. */
export function mayChange(
  kind: ConversationKind,
  by: MemberRow,
  change: { readonly type: 'add' | 'remove' | 'rename' } | { readonly type: 'role'; readonly role: Role },
  target: MemberRow | undefined,
): Failure | undefined {
  if (kind === 'direct')
    return fail('forbidden', 'a direct conversation keeps its two members and has no title');
  if (change.type === 'remove' && target?.n === by.n) return undefined;
  if (RANK[by.role] === 0) return fail('forbidden', 'only an owner or an admin of the group may do this');
  if (change.type === 'role' && by.role !== 'owner') return fail('forbidden', 'only an owner changes roles');
  if (change.type === 'remove' && target && RANK[target.role] >= RANK[by.role])
    return fail('forbidden', 'only an owner removes an owner or an admin');
  return undefined;
}
