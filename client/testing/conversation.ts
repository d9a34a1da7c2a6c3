import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Entry, Role } from '../../schema/protocol/frames-log.ts';
import { canonical, entryFor, messageFor, type Note, type Op, type Stored } from './entries.ts';
import {
  advance,
  heirOf,
  type Mark,
  type Member,
  mayChange,
  NO_MARK,
  newMember,
  shownMark,
} from './members.ts';

export interface Stretch {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  /** The last of them instead of the first. */
  readonly newest: boolean;
}

export type Appended =
  | { readonly ok: true; readonly seq: number; readonly at: number; readonly duplicate: boolean }
  /** What it comes `after` isn't stored yet. */
  | { readonly ok: true; readonly held: true }
  | Failure;

/** What goes out of a conversation. */
export interface Outlet {
  now(): number;
  /** To a member: this entry. `own`: it is their own. */
  entry(user: string, conversation: Conversation, seq: number, own: boolean): void;
  /** The conversation is new to this member; the entries from `first` on come with the news. */
  begin(user: string, conversation: Conversation, first: number): void;
  /** The membership ended with this entry. */
  end(user: string, conversation: Conversation, seq: number): void;
  /** This member's marks moved. */
  marked(conversation: Conversation, member: Member, from: Mark): void;
}

export const notFound = (): Failure => fail('not_found', 'no such conversation');

/** One conversation: the one order, its members and their marks. Every method is done when it returns. */
export class Conversation {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly createdAt: number;
  title: string | undefined;
  readonly #outlet: Outlet;
  readonly #entries: Stored[] = [];
  /** By user and `clientId`. */
  readonly #bySender = new Map<string, Stored>();
  /** Everybody who ever was a member, in the order they came. */
  readonly #members = new Map<string, Member>();
  #ordinal = 0;

  constructor(
    id: string,
    kind: 'direct' | 'group',
    title: string | undefined,
    createdAt: number,
    outlet: Outlet,
  ) {
    this.id = id;
    this.kind = kind;
    this.title = title;
    this.createdAt = createdAt;
    this.#outlet = outlet;
  }

  get head(): number {
    return this.#entries.length;
  }

  /** Messages so far. */
  get ordinal(): number {
    return this.#ordinal;
  }

  get direct(): boolean {
    return this.kind === 'direct';
  }

  /** Members now, those included who don't know it. */
  get listed(): Member[] {
    return [...this.#members.values()].filter(({ ended }) => ended === undefined);
  }

  member(user: string): Member | undefined {
    return this.#members.get(user);
  }

  /** The member who may act and see. */
  active(user: string): Member | undefined {
    const member = this.#members.get(user);
    return member && member.ended === undefined && !member.shunned ? member : undefined;
  }

  other(user: string): Member | undefined {
    return this.listed.find((member) => member.user !== user);
  }

  stored(seq: number): Stored | undefined {
    return this.#entries[seq - 1];
  }

  // ---- reading ----

  entry(seq: number, viewer?: string): Entry {
    const stored = this.stored(seq);
    if (!stored) throw new Error(`no entry ${seq}`);
    const { body } = stored;
    return entryFor(this.id, stored, body.type === 'edit' ? this.stored(body.target) : undefined, viewer);
  }

  range({ after = 0, before, limit, newest }: Stretch): Stored[] {
    const rows = this.#entries.slice(after, before === undefined ? undefined : Math.max(0, before - 1));
    if (!newest) return rows.slice(0, limit);
    return limit === 0 ? [] : rows.slice(-limit);
  }

  messages({ after = 0, before = Number.POSITIVE_INFINITY, limit, newest }: Stretch): Stored[] {
    const rows = this.#entries.filter(
      ({ seq, body }) => body.type === 'message' && seq > after && seq < before,
    );
    if (!newest) return rows.slice(0, limit);
    return limit === 0 ? [] : rows.slice(-limit);
  }

  /** What somebody stored under this `clientId`. */
  sent(user: string, clientId: string): Stored | undefined {
    return this.#bySender.get(`${user} ${clientId}`);
  }

  // ---- writing ----

  append(op: Op, user: string): Appended {
    const author = this.active(user);
    if (!author) return notFound();
    const before = this.sent(user, op.clientId);
    if (before) {
      return canonical(before.body) === canonical(op)
        ? { ok: true, seq: before.seq, at: before.at, duplicate: true }
        : fail('client_id_reused', 'this clientId already stands for something else; use a new one');
    }
    if (author.blocks) return fail('blocked', 'you blocked this person; unblock them to write');
    const other = this.direct ? this.other(user) : undefined;
    const hidden = other?.blocks ? other.user : undefined;
    const made =
      op.type === 'message' ? this.#mayWrite(op, user, hidden) : this.#mayAlter(op, author, hidden);
    if (!made.ok || 'held' in made) return made;
    const stored = this.#put(op, user, made.hiddenFrom);
    this.#bySender.set(`${user} ${op.clientId}`, stored);
    this.#publish(stored);
    return { ok: true, seq: stored.seq, at: stored.at, duplicate: false };
  }

  #mayWrite(
    op: Extract<Op, { type: 'message' }>,
    user: string,
    hiddenFrom: string | undefined,
  ): { ok: true; hiddenFrom: string | undefined } | { ok: true; held: true } | Failure {
    if (op.after !== undefined && !this.sent(user, op.after)) return { ok: true, held: true };
    if (op.replyTo !== undefined && !this.#visible(op.replyTo, user))
      return fail('bad_request', 'replyTo: no such message here');
    return { ok: true, hiddenFrom };
  }

  #mayAlter(
    op: Exclude<Op, { type: 'message' }>,
    author: Member,
    hidden: string | undefined,
  ): { ok: true; hiddenFrom: string | undefined } | Failure {
    const target = this.#visible(op.target, author.user);
    if (!target) return fail('not_found', 'no such message here');
    const deleted = target.changes.some(({ body }) => body.type === 'delete');
    if (op.type !== 'delete' && deleted) return fail('conflict', 'this message was deleted');
    const own = target.by === author.user;
    if (op.type === 'edit' && !own) return fail('forbidden', 'only its author edits a message');
    const moderates = !this.direct && author.role !== 'member';
    if (op.type === 'delete' && !own && !moderates)
      return fail('forbidden', 'only its author or an admin deletes a message');
    // What is about a withheld message is withheld too; a deletion is withheld from nobody else (P7).
    return { ok: true, hiddenFrom: target.hiddenFrom ?? (op.type === 'delete' ? undefined : hidden) };
  }

  #visible(seq: number, user: string): Stored | undefined {
    const stored = this.stored(seq);
    return stored?.body.type === 'message' && stored.hiddenFrom !== user ? stored : undefined;
  }

  #put(body: Op | Note, by: string, hiddenFrom?: string): Stored {
    if (body.type === 'message') this.#ordinal++;
    const at = this.#outlet.now();
    const stored = { seq: this.head + 1, ordinal: this.#ordinal, by, at, body, hiddenFrom, changes: [] };
    this.#entries.push(stored);
    if ('target' in body) this.stored(body.target)?.changes.push(stored);
    return stored;
  }

  #publish({ seq, by }: Stored): void {
    for (const { user, shunned } of this.listed)
      if (!shunned) this.#outlet.entry(user, this, seq, user === by);
  }

  // ---- marks ----

  /** @returns false when this user is no member. */
  mark(user: string, to: Mark): boolean {
    const member = this.active(user);
    if (!member) return false;
    const from = member.mark;
    member.mark = advance(from, to, this.head);
    if (member.mark !== from) this.#outlet.marked(this, member, from);
    return true;
  }

  /** The marks that every other member has reached, as this one may see them. */
  reached(user: string): Mark {
    const others = this.listed.filter((member) => member.user !== user);
    if (others.length === 0) return NO_MARK;
    const least = (kind: keyof Mark): number =>
      Math.min(...others.map((member) => Math.max(shownMark(member)[kind], this.direct ? 0 : member.joined)));
    return { delivered: least('delivered'), read: least('read') };
  }

  /** Messages after the read mark that are not this member's own and not withheld from them. */
  unread({ user, mark }: Member): number {
    let count = 0;
    for (const { body, by, hiddenFrom } of this.#entries.slice(mark.read))
      if (body.type === 'message' && by !== user && hiddenFrom !== user) count++;
    return count;
  }

  /** The newest message this member may see. */
  last(user: string): ReturnType<typeof messageFor> | undefined {
    const stored = this.#entries.findLast(
      ({ body, hiddenFrom }) => body.type === 'message' && hiddenFrom !== user,
    );
    return stored && messageFor(this.id, stored, user);
  }

  // ---- membership ----

  /** At creation. */
  enter(member: Member): void {
    this.#members.set(member.user, member);
  }

  /** When all have entered: each learns of it. */
  announce(): void {
    for (const { user, shunned } of this.listed) if (!shunned) this.#outlet.begin(user, this, 1);
  }

  /** Somebody who shunned it before learns of it now. */
  open(member: Member): void {
    if (!member.shunned) return;
    member.shunned = false;
    this.#outlet.begin(member.user, this, Math.max(1, member.joined));
  }

  /** Adds somebody, or changes a role. `shunned`: they block who asks. */
  setMember(
    by: string,
    user: string,
    role: Role | undefined,
    shunned: boolean,
    most: number,
  ): { ok: true; member: Member } | Failure {
    const me = this.active(by);
    if (!me) return notFound();
    const known = this.#members.get(user);
    const present = known?.ended === undefined ? known : undefined;
    const asked = present !== undefined && role !== undefined && role !== present.role;
    const refused = mayChange(this.direct, me, asked ? { type: 'role', role } : { type: 'add' }, present);
    if (refused) return refused;
    const owners = this.listed.filter((member) => member.role === 'owner');
    if (asked && present.role === 'owner' && owners.length === 1)
      return fail('conflict', 'a group keeps an owner; make somebody else owner first');
    if (present?.shunned && !shunned) {
      present.joined = this.head;
      this.open(present);
    }
    if (present && !asked) return { ok: true, member: present };
    if (!present && this.listed.length >= most)
      return fail('too_large', `a group has at most ${most} members`);
    if (!present && role !== undefined && role !== 'member' && me.role !== 'owner')
      return fail('forbidden', 'only an owner gives roles');
    if (present) {
      present.role = role ?? present.role;
      this.#record(by, { type: 'member', user, change: 'role', role: present.role });
      return { ok: true, member: present };
    }
    return { ok: true, member: this.#add(by, user, role ?? 'member', shunned, known) };
  }

  #add(by: string, user: string, role: Role, shunned: boolean, known: Member | undefined): Member {
    const member = { ...newMember(user, role, this.head), shunned, mark: known?.mark ?? NO_MARK };
    const stored = this.#put({ type: 'member', user, change: 'added', role }, by);
    this.#publish(stored);
    this.#members.set(user, member);
    if (!shunned) this.#outlet.begin(user, this, Math.max(1, member.joined));
    return member;
  }

  removeMember(by: string, user: string): Failure | undefined {
    const me = this.active(by);
    if (!me) return notFound();
    const known = this.#members.get(user);
    const target = known?.ended === undefined ? known : undefined;
    const refused = mayChange(this.direct, me, { type: 'remove' }, target);
    if (refused) return refused;
    if (!target) return fail('not_member', 'this person is not a member');
    const heir = heirOf(target, this.listed);
    if (heir) {
      heir.role = 'owner';
      this.#record(by, { type: 'member', user: heir.user, change: 'role', role: 'owner' });
    }
    const stored = this.#put({ type: 'member', user, change: target === me ? 'left' : 'removed' }, by);
    target.ended = stored.seq;
    if (!target.shunned) this.#outlet.end(user, this, stored.seq);
    this.#publish(stored);
    return undefined;
  }

  rename(by: string, title: string): Failure | undefined {
    const me = this.active(by);
    if (!me) return notFound();
    const refused = mayChange(this.direct, me, { type: 'rename' }, undefined);
    if (refused) return refused;
    this.title = title;
    this.#record(by, { type: 'conversation', title });
    return undefined;
  }

  #record(by: string, note: Note): void {
    this.#publish(this.#put(note, by));
  }

  /** In a direct conversation: what the other writes from now on is withheld, for good. */
  setBlocked(user: string, on: boolean): void {
    const member = this.#members.get(user);
    if (!member || !this.direct || member.blocks === on) return;
    member.blocks = on;
    member.frozen = on ? member.mark : undefined;
    if (!on) this.open(member);
  }
}
