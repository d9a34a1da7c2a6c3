import type { Entry } from '../schema/protocol/frames-log.ts';
import { ParleyError } from './errors.ts';
import { Keeper, type KeeperEvents } from './keeper.ts';
import type { Keeping } from './keeping.ts';
import type { Marks } from './marks.ts';
import { type Change, changed, isChange } from './message-state.ts';
import type { Op, Waiting } from './outbox.ts';
import type { Parts } from './parts.ts';
import { added } from './receive.ts';
import type { Key, Row, Store } from './store.ts';
import type { TimelineEntry } from './timeline.ts';
import type { Conversation, Draft, User } from './types.ts';

/** Entries of a conversation that stay in the store; older ones are asked for again. */
const KEEP = 2000;

interface StoredState {
  readonly user: string | undefined;
  readonly device: string | undefined;
  readonly cursor: number | undefined;
  readonly unconfirmed: readonly string[];
  readonly listed: boolean;
}

interface StoredConversation {
  readonly told: Conversation | undefined;
  readonly last: number;
  /** The log is known to go up to here. */
  readonly head: number;
  readonly marks: Marks | undefined;
  /** How much is unread has to be asked. */
  readonly guess?: true;
}

interface StoredOp {
  readonly op: Op;
  readonly at: number;
  /** It may have been sent. */
  readonly tried: boolean;
  readonly failed?: { readonly code: string; readonly detail: string };
}

/**
 * What the store holds of a client, as rows: `state`, `conversation ID`, `entry ID SEQ`, `outbox ORDER`, `draft ID`,
 * `user ID`. Only the connected tab writes what comes from the service; what a person writes is kept by the tab it is
 * written in, before anybody hears of it.
 */
export class Kept implements Keeping {
  readonly #parts: Parts;
  readonly #keeper: Keeper;
  readonly #rows = new Map<string, Key>();
  /** Stored, as far as this tab has heard, and perhaps still among the rows. */
  readonly #stored = new Set<string>();
  /** This tab writes what comes from the service: once it has read what is there, and while it is connected. */
  owner = false;
  /** Conversations that changed while it did not. */
  readonly #missed = new Set<string>();

  constructor(parts: Parts, store: Store | undefined, events: KeeperEvents) {
    this.#parts = parts;
    this.#keeper = new Keeper(store, events);
  }

  get store(): Store | undefined {
    return this.#keeper.store;
  }

  flush(): Promise<void> {
    return this.#keeper.flush();
  }

  // ---- from the service ----

  state(): void {
    if (!this.owner) return;
    this.#keeper.put(['state', 0], (): StoredState => {
      const { me, device, logs, confirmations, now } = this.#parts;
      const unconfirmed = confirmations.doubtful(now());
      return { user: me, device, cursor: logs.resume.cursor, unconfirmed, listed: this.#parts.listed };
    });
  }

  conversation(id: string): void {
    if (!this.owner) return void this.#missed.add(id);
    this.#keeper.put(['conversation', id], (): StoredConversation | undefined => {
      const { conversations, logs, marks } = this.#parts;
      const told = conversations.get(id);
      const { anchored, head, last } = logs.of(id);
      if (!told && !anchored) return undefined;
      const guess = conversations.guesses.has(id) ? { guess: true as const } : {};
      return { told, last, head, marks: marks.get(id), ...guess };
    });
  }

  entries(id: string, touched: readonly TimelineEntry[]): void {
    if (!this.owner) return;
    const { last } = this.#parts.logs.of(id);
    for (const entry of touched) {
      if (entry.seq <= last - KEEP) continue;
      this.#keeper.put(['entry', id, entry.seq], () => entry);
      // One goes for each that comes.
      if (entry.seq > KEEP) this.#keeper.put(['entry', id, entry.seq - KEEP], () => undefined);
      if (isChange(entry) && !this.#parts.logs.of(id).message(entry.target)) this.#changeStored(id, entry);
    }
  }

  /** A message that isn't in memory: what was deleted or edited must not stay in the store as it was. */
  #changeStored(id: string, change: Change): void {
    this.store?.read(['entry', id], change.target, change.target + 1).then(
      ([row]) => {
        const stored = row?.value as TimelineEntry | undefined;
        if (stored?.type !== 'message') return;
        this.#keeper.put(['entry', id, stored.seq], () => changed(stored, change));
        void this.flush();
      },
      () => {},
    );
  }

  mark(conversation: string, last: number, quiet: boolean): void {
    this.#keeper.mark(conversation, last, quiet);
  }

  async page(id: string, from: number, below: number): Promise<readonly Entry[]> {
    const rows = (await this.store?.read(['entry', id], from, below)) ?? [];
    const entries: Entry[] = [];
    for (let i = rows.length - 1; i >= 0; i--) {
      const entry = rows[i]?.value as Entry;
      // Older than a gap: whatever lies there may be long out of date.
      if (entry.seq !== below - entries.length - 1) break;
      entries.unshift(entry);
    }
    return entries;
  }

  // ---- from the person ----

  queued({ op, order, at, state, tried: before }: Waiting, tried = before): void {
    const key: Key = ['outbox', order];
    const known = this.#rows.get(op.clientId);
    if (known && known[1] !== order) this.settled(op.clientId);
    this.#rows.set(op.clientId, key);
    const row: StoredOp = {
      op,
      at,
      tried,
      ...(typeof state === 'string' ? {} : { failed: { code: state.code, detail: state.message } }),
    };
    this.#keeper.put(key, () => row);
  }

  trying(): Promise<void> | undefined {
    const waiting = this.#parts.outbox.all();
    if (!this.store || waiting.length === 0) return undefined;
    for (const one of waiting) this.queued(one, true);
    return this.flush();
  }

  /** Another tab keeps this in its row; the connected one sees to it too, since that tab may be gone by now. */
  knows(waiting: Waiting): void {
    const { op, order } = waiting;
    if (this.owner) return this.queued(waiting, true);
    // A row of this tab, from where it was put first.
    if (this.#rows.get(op.clientId)?.[1] !== order) this.settled(op.clientId);
    this.#rows.set(op.clientId, ['outbox', order]);
  }

  settled(clientId: string): void {
    const key = this.#rows.get(clientId);
    if (!key) return;
    this.#rows.delete(clientId);
    this.#keeper.put(key, () => undefined);
  }

  /** With the entry it became, so not before the connected tab has that: a run in between would take it for news. */
  stored(clientId: string): void {
    if (this.owner) this.settled(clientId);
    else this.#stored.add(clientId);
  }

  draft(id: string): void {
    this.#keeper.put(['draft', id], () => this.#parts.drafts.get(id));
  }

  user(user: User): void {
    this.#keeper.put(['user', user.id], () => user);
  }

  // ---- at the start ----

  /** Puts into memory what the store holds, and keeps what was said before. */
  async load(): Promise<void> {
    if (!this.store) return;
    for (const id of this.#parts.drafts.keys()) this.draft(id);
    for (const waiting of this.#parts.outbox.all()) this.queued(waiting);
    const [conversations, drafts, users] = await this.#read('conversation', 'draft', 'user');
    const parts = this.#parts;
    this.#loadConversations(conversations ?? []);
    for (const { key, value } of drafts ?? [])
      if (!parts.drafts.has(String(key[1]))) parts.drafts.set(String(key[1]), value as Draft);
    for (const { value } of users ?? []) parts.users.set((value as User).id, value as User);
    await this.loadOwn();
    for (const { key, value } of conversations ?? []) {
      const { told, last, head } = value as StoredConversation;
      const highest = Math.max(head, told?.head ?? 0);
      if (highest > last) parts.logs.listed(String(key[1]), highest, parts.now());
    }
  }

  #loadConversations(rows: readonly Row[]): void {
    const parts = this.#parts;
    const heads: [string, number, number][] = [];
    for (const { key, value } of rows) {
      const { told, last, marks, guess } = value as StoredConversation;
      const id = String(key[1]);
      if (told) {
        parts.conversations.put(told);
        parts.confirmations.known(id, told.delivered, told.read);
      }
      // Heard of, and the program ended before it asked.
      else parts.unlisted.add(id);
      if (marks) parts.marks.set(id, marks);
      if (guess) parts.conversations.guesses.add(id);
      heads.push([id, last, told?.last?.at ?? 0]);
    }
    heads.sort((a, b) => a[2] - b[2]);
    parts.logs.restore(
      undefined,
      heads.map(([id, last]) => [id, last]),
    );
  }

  /** What the connected tab goes by: the cursor, and everything that waits. */
  async loadOwn(): Promise<void> {
    if (!this.store) return;
    const [states, outbox] = await this.#read('state', 'outbox');
    const parts = this.#parts;
    const state = states?.[0]?.value as StoredState | undefined;
    if (state) {
      parts.me ??= state.user;
      parts.device ??= state.device;
      parts.listed = state.listed;
      parts.logs.restore(state.cursor, []);
      for (const id of state.unconfirmed)
        parts.confirmations.unsure(
          id,
          parts.logs.of(id).last,
          parts.conversations.get(id)?.read ?? 0,
          parts.now(),
        );
    }
    for (const row of outbox ?? []) this.#loadOp(row);
    parts.outbox.sort();
  }

  #loadOp({ key, value }: Row): void {
    const { outbox } = this.#parts;
    const { op, at, tried, failed } = value as StoredOp;
    const order = String(key[1]);
    const other = this.#rows.get(op.clientId)?.[1] ?? order;
    // Two rows of one: the connected tab had put it further back, and a tab that is gone had not heard of it.
    if (this.#stored.has(op.clientId) || other > order) return this.#keeper.put(key, () => undefined);
    if (other !== order) this.settled(op.clientId);
    this.#rows.set(op.clientId, key);
    if (failed) return outbox.fail(op, new ParleyError(failed.code, failed.detail), at, order);
    const known = outbox.standing(op.clientId);
    if (known && known.order < order) outbox.done(op.clientId);
    outbox.add(op, at, tried || known?.tried, order);
  }

  /** The tab that wrote before may have had more than it came to tell. */
  async catchUp(): Promise<void> {
    const { logs, now } = this.#parts;
    const [rows] = await this.#read('conversation');
    for (const { key, value } of rows ?? []) {
      const id = String(key[1]);
      const { last } = value as StoredConversation;
      const from = logs.of(id).last + 1;
      if (!logs.of(id).anchored || last < from) continue;
      const entries = ((await this.store?.read(['entry', id], from, last + 1)) ?? []).map(
        (row) => row.value as Entry,
      );
      added(this.#parts, id, logs.add(id, entries, {}, now()));
    }
  }

  /** Writes what changed while another tab did the writing. Answers the conversations. */
  own(): readonly string[] {
    const changed = [...this.#missed];
    this.owner = true;
    this.#missed.clear();
    this.#stored.clear();
    for (const id of changed) {
      this.entries(id, this.#parts.logs.of(id).entries);
      this.conversation(id);
    }
    this.state();
    return changed;
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    await this.flush();
    await this.store?.clear();
    this.#rows.clear();
    this.#missed.clear();
    this.#stored.clear();
    this.#parts.conversations.guesses.clear();
  }

  #read(...kinds: string[]) {
    return Promise.all(kinds.map((kind) => this.store?.read([kind])));
  }
}
