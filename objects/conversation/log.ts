import { type Failure, fail, laterRelease } from '../../schema/protocol/errors.ts';
import type { Op } from '../shared/rpc.ts';
import { canonical, changed, checksum, messageBody, saidFirst, seenBy } from './message-state.ts';
import type { ConversationStore, EntryRow, EntryType } from './store.ts';

/** The one order (P2): gives numbers, finds repeats (P3), keeps messages' present state. Call inside a transaction. */

export type Appended =
  | { readonly ok: true; readonly row: EntryRow; readonly duplicate: boolean }
  | { readonly ok: true; readonly held: true }
  | Failure;

export interface Author {
  readonly n: number;
  readonly user: string;
  /** May delete what others wrote. */
  readonly moderates: boolean;
  /** Number of the member from whom what is appended now is withheld. */
  readonly hiddenFrom: number | undefined;
  /** Why nothing new is taken from them. What was stored before is still acknowledged: a retry has its first result (P3). */
  readonly refused?: Failure | undefined;
}

/** What reactions may make of a message, in characters of JSON: far from where the platform refuses the row. */
const MAX_STATE = 262_144;

const TYPE_OF: Readonly<Record<Op['type'], EntryType>> = {
  message: 'message',
  edit: 'edit',
  delete: 'delete',
  react: 'react',
};

export class Log {
  readonly #store: ConversationStore;
  #head: { seq: number; ordinal: number };
  /** Each member's newest `clientId` since this object started: what an `after` usually names. */
  readonly #latest = new Map<number, string>();

  constructor(store: ConversationStore) {
    this.#store = store;
    this.#head = store.head();
  }

  get head(): number {
    return this.#head.seq;
  }

  get ordinal(): number {
    return this.#head.ordinal;
  }

  append(op: Op, author: Author, now: number): Appended {
    if (op.type === 'message') return this.#message(op, author, now);
    // From a user's object of a later release.
    if (!Object.hasOwn(TYPE_OF, op.type)) return laterRelease();
    const before = this.#store.byClientId(author.n, op.clientId);
    if (before) return this.#repeat(op, before);
    if (author.refused) return author.refused;
    const made = this.#change(op, author, now);
    if (!made.ok) return made;
    const row = this.#insert(author.n, op.clientId, TYPE_OF[op.type], now, made.body, made.hidden);
    return { ok: true, row, duplicate: false };
  }

  /** The unique index finds the repeat: a new message costs one statement. */
  #message(op: Extract<Op, { type: 'message' }>, author: Author, now: number): Appended {
    const refused = this.#refusal(op, author);
    if (refused) {
      const before = this.#store.byClientId(author.n, op.clientId);
      return before ? this.#repeat(op, before) : refused;
    }
    const body = messageBody(JSON.stringify(op.content), op.replyTo);
    const row = this.#row(author.n, op.clientId, 'message', now, body, author.hiddenFrom);
    if (!this.#store.insert(row)) {
      const before = this.#store.byClientId(author.n, op.clientId);
      if (!before) throw new Error(`entry ${row.seq} exists already`);
      return this.#repeat(op, before);
    }
    this.#head = { seq: row.seq, ordinal: row.ordinal };
    this.#latest.set(author.n, op.clientId);
    return { ok: true, row, duplicate: false };
  }

  #refusal(
    op: Extract<Op, { type: 'message' }>,
    author: Author,
  ): { ok: true; held: true } | Failure | undefined {
    if (author.refused) return author.refused;
    const { after, replyTo } = op;
    const waits = after !== undefined && after !== this.#latest.get(author.n);
    if (waits && !this.#store.byClientId(author.n, after)) return { ok: true, held: true };
    if (replyTo !== undefined && !this.#visible(replyTo, author.n))
      return fail('bad_request', 'replyTo: no such message here');
    return undefined;
  }

  /** An entry the service writes itself: membership, title. `body`: the frame's own fields as JSON text without braces. */
  record(sender: number, type: 'member' | 'conversation', body: string, now: number): EntryRow {
    return this.#insert(sender, undefined, type, now, body, undefined);
  }

  #insert(
    sender: number,
    clientId: string | undefined,
    type: EntryType,
    at: number,
    body: string,
    hidden: number | undefined,
  ): EntryRow {
    const row = this.#row(sender, clientId, type, at, body, hidden);
    if (!this.#store.insert(row)) throw new Error(`entry ${row.seq} exists already`);
    this.#head = { seq: row.seq, ordinal: row.ordinal };
    return row;
  }

  #row(
    sender: number,
    clientId: string | undefined,
    type: EntryType,
    at: number,
    body: string,
    hidden: number | undefined,
  ): EntryRow {
    const ordinal = this.#head.ordinal + (type === 'message' ? 1 : 0);
    return { seq: this.#head.seq + 1, sender, clientId, type, at, ordinal, hidden, body, state: undefined };
  }

  #repeat(op: Op, row: EntryRow): Appended {
    const same = row.type === TYPE_OF[op.type] && this.#saysTheSame(this.#requested(op), row);
    return same
      ? { ok: true, row, duplicate: true }
      : fail('client_id_reused', 'this clientId already stands for something else; use a new one');
  }

  #saysTheSame(body: string, row: EntryRow): boolean {
    return row.type === 'message' && row.state !== undefined
      ? saidFirst(row, body)
      : canonical(`{${body}}`) === canonical(`{${row.body}}`);
  }

  /** What the op asks for, in the form in which it is stored. */
  #requested(op: Op): string {
    switch (op.type) {
      case 'message':
        return messageBody(JSON.stringify(op.content), op.replyTo);
      case 'edit':
        return editBody(op);
      case 'delete':
        return `"target":${op.target}`;
      case 'react':
        return reactBody(op);
    }
  }

  /** What an edit, a deletion or a reaction makes of its message. */
  #change(
    op: Exclude<Op, { type: 'message' }>,
    author: Author,
    now: number,
  ): { ok: true; body: string; hidden: number | undefined } | Failure {
    const target = this.#visible(op.target, author.n);
    if (!target) return fail('not_found', 'no such message here');
    if (op.type !== 'delete' && seenBy(target, undefined).deletedAt !== undefined)
      return fail('conflict', 'this message was deleted');
    const own = target.sender === author.n;
    if (op.type === 'edit' && !own) return fail('forbidden', 'only its author edits a message');
    if (op.type === 'delete' && !own && !author.moderates)
      return fail('forbidden', 'only its author or an admin deletes a message');
    // What is about a withheld message is withheld too, also after the block was lifted: it would tell what that said.
    // A deletion is withheld from nobody else: it brings nothing, and its text must be gone everywhere (P7).
    const hidden = target.hidden ?? (op.type === 'delete' ? undefined : author.hiddenFrom);
    const { body, state } = changed(target, op, author.user, hidden, now);
    if (op.type === 'react' && op.on && state.length > MAX_STATE)
      return fail('too_large', 'this message can take no more reactions');
    this.#store.revise(target.seq, body, state);
    return { ok: true, body: this.#requested(op), hidden };
  }

  #visible(seq: number, n: number): EntryRow | undefined {
    const row = this.#store.entry(seq);
    return row?.type === 'message' && row.hidden !== n ? row : undefined;
  }
}

/** An edit keeps a checksum of its text, not the text: a deleted message must not live on in its edits. */
function editBody(op: Extract<Op, { type: 'edit' }>): string {
  return `"target":${op.target},"sum":${checksum(canonical(JSON.stringify(op.content)))}`;
}

function reactBody(op: Extract<Op, { type: 'react' }>): string {
  return `"target":${op.target},"emoji":${JSON.stringify(op.emoji)},"on":${op.on}`;
}
