import type { Entry } from '../schema/protocol/frames-log.ts';
import { held } from './held.ts';
import type { Api } from './http.ts';
import { NO_MARKS, userMark } from './marks.ts';
import { isChange } from './message-state.ts';
import type { Parts } from './parts.ts';
import type { PrefsTold } from './prefs.ts';
import type { Range } from './ranges.ts';
import { added, arrived } from './receive.ts';
import type { TimelineView } from './timeline.ts';
import type { Client, Conversation, Member } from './types.ts';

export interface OlderPage {
  readonly loaded: number;
  /** There is something older still. */
  readonly more: boolean;
}

export interface ListPage {
  readonly conversations: readonly Conversation[];
  readonly next?: string;
  /** Some could not be reached at the moment: ask again. */
  readonly incomplete?: boolean;
}

/** What comes over HTTP: lists, members and history. It never stands in the way of what comes over the socket. */
export class History {
  readonly #parts: Parts;
  readonly #api: Api;
  readonly #prefs: PrefsTold;
  readonly #page: number;
  /** One page at a time per conversation: two would bring the same. */
  readonly #loading = new Map<string, Promise<OlderPage>>();
  /** By timeline and message, the last entry whose change is in what is held of it already. */
  readonly #states = new WeakMap<TimelineView, Map<number, number>>();

  /** `page`: how many entries to ask for at once. */
  constructor(parts: Parts, api: Api, prefs: PrefsTold, page = 50) {
    this.#parts = parts;
    this.#api = api;
    this.#prefs = prefs;
    this.#page = page;
  }

  #atMost(wanted: number): number {
    return Math.min(wanted, this.#parts.limits.page ?? wanted);
  }

  async list({
    limit = 50,
    before,
  }: {
    readonly limit?: number;
    readonly before?: string;
  } = {}): Promise<ListPage> {
    const query = new URLSearchParams({
      limit: String(this.#atMost(limit)),
      ...(before === undefined ? {} : { before }),
    });
    const asked = this.#prefs.now;
    const page = await this.#api<ListPage>('GET', `/conversations?${query}`);
    const conversations = page.conversations.map((conversation) => this.#put(conversation, asked));
    this.#changed();
    return { ...page, conversations };
  }

  async one(id: string): Promise<Conversation> {
    const asked = this.#prefs.now;
    return this.#known(await this.#api<Conversation>('GET', path(id)), asked);
  }

  async create(what: Parameters<Client['createConversation']>[0]): Promise<Conversation> {
    const asked = this.#prefs.now;
    return this.#known(await this.#api<Conversation>('POST', '/conversations', what), asked);
  }

  async members(id: string): Promise<readonly Member[]> {
    const members: Member[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
      const page: { members: Member[]; next?: string } = await this.#api(
        'GET',
        `${path(id)}/members${query}`,
      );
      members.push(...page.members);
      after = page.next;
    }
    this.#mark(id, members);
    return members;
  }

  older(id: string, limit: number): Promise<OlderPage> {
    let loading = this.#loading.get(id);
    if (!loading) {
      loading = this.#older(id, limit).finally(() => this.#loading.delete(id));
      this.#loading.set(id, loading);
    }
    return loading;
  }

  async #older(id: string, limit: number): Promise<OlderPage> {
    const { logs } = this.#parts;
    const timeline = logs.of(id);
    if (!timeline.anchored) await this.one(id);
    const gap = timeline.gaps.at(-1);
    const before = gap ? gap.to + 1 : timeline.floor + 1;
    if (before <= 1) return { loaded: 0, more: false };
    const loaded = await this.#load(id, { before }, limit);
    return { loaded, more: loaded > 0 && (timeline.floor > 0 || timeline.gaps.length > 0) };
  }

  /** The page right below what is here. */
  async below(id: string): Promise<void> {
    const timeline = this.#parts.logs.of(id);
    if (!timeline.anchored) await this.one(id);
    if (timeline.floor > 0) await this.#load(id, { before: timeline.floor + 1 }, this.#page);
  }

  async around(id: string, seq: number): Promise<void> {
    if (this.#parts.logs.of(id).message(seq)) return;
    const half = Math.ceil(this.#atMost(this.#page) / 2);
    await this.#load(id, { after: Math.max(0, seq - half) }, this.#page);
  }

  async fill(id: string, { from, to }: Range, side: 'start' | 'end'): Promise<void> {
    const range = side === 'start' ? { after: from - 1 } : { before: to + 1 };
    await this.#load(id, range, Math.min(this.#page, to - from + 1));
  }

  /** Of what is in memory: the newest entry stays, and no gap is cut in two. */
  async letGo(id: string, range: Range): Promise<void> {
    const timeline = this.#parts.logs.of(id);
    const { last, floor, gaps } = timeline;
    const met = gaps.filter((gap) => gap.from <= range.to + 1 && gap.to >= range.from - 1);
    const from = Math.min(range.from, ...met.map((gap) => gap.from));
    const to = Math.max(Math.min(range.to, last - 1), ...met.map((gap) => gap.to));
    if (from > to || to <= floor) return;
    const states = this.#statesOf(timeline);
    for (const entry of timeline.entries) {
      if (entry.seq < from || entry.seq > to) continue;
      // What it did stays done, though it comes again.
      if (isChange(entry)) states.set(entry.target, Math.max(entry.seq, states.get(entry.target) ?? 0));
      else states.delete(entry.seq);
    }
    timeline.drop(from, to);
    this.#parts.events.emit('timeline', { conversation: id });
  }

  /** Answers how many entries came; where they don't join what is there, a gap stays between. */
  async #load(
    id: string,
    range: { readonly after: number } | { readonly before: number },
    limit: number,
  ): Promise<number> {
    const timeline = this.#parts.logs.of(id);
    const { floor, head } = timeline;
    if ('before' in range && range.before === floor + 1) {
      const kept = await this.stored(id, limit);
      if (kept > 0) return kept;
    }
    const query = 'before' in range ? `before=${range.before}` : `after=${range.after}`;
    const { entries } = await this.#api<{ entries: Entry[] }>(
      'GET',
      `${path(id)}/log?${query}&limit=${this.#atMost(limit)}`,
    );
    // Messages come in their present state, whatever changes of it come later.
    const states = this.#statesOf(timeline);
    for (const { type, seq } of entries)
      if (type === 'message' && !timeline.message(seq)) states.set(seq, head);
    this.#add(id, entries);
    return entries.length;
  }

  /** What the store has right below what is in memory. */
  async stored(id: string, limit: number): Promise<number> {
    const { floor } = this.#parts.logs.of(id);
    const entries = (await this.#parts.kept?.page(id, Math.max(1, floor - limit + 1), floor + 1)) ?? [];
    if (entries.length > 0) this.#add(id, entries);
    return entries.length;
  }

  #statesOf(timeline: TimelineView): Map<number, number> {
    return held(this.#states, timeline, () => new Map<number, number>());
  }

  #add(id: string, entries: readonly Entry[]): void {
    const { logs, now } = this.#parts;
    const page = this.#statesOf(logs.of(id));
    added(this.#parts, id, logs.add(id, entries, { page }, now()));
    this.#confirmLoaded(id);
    this.#parts.settle();
  }

  /** A new device has everything once its history joins what the user had before. */
  #confirmLoaded(id: string): void {
    const { conversations, logs } = this.#parts;
    const delivered = conversations.get(id)?.delivered;
    const timeline = logs.of(id);
    if (delivered !== undefined && timeline.floor <= delivered && timeline.gaps.length === 0) {
      arrived(this.#parts, id, timeline.last, false);
    }
  }

  /** Another program of this device heard it. */
  told(told: Conversation): void {
    this.#join(told);
    this.#changed();
  }

  #known(told: Conversation, asked: number): Conversation {
    const conversation = this.#put(told, asked);
    this.#changed();
    return conversation;
  }

  #changed(): void {
    this.#parts.events.emit('conversations');
    this.#parts.settle();
  }

  #put(answer: Conversation, asked: number): Conversation {
    const told = this.#prefs.since(answer.id, asked) ? this.#withPrefs(answer) : answer;
    this.#parts.post({ type: 'known', told });
    return this.#join(told);
  }

  /** With the preferences that are known here: they were told after this was asked. */
  #withPrefs({ prefs: _, ...answer }: Conversation): Conversation {
    const prefs = this.#parts.conversations.get(answer.id)?.prefs;
    return prefs ? { ...answer, prefs } : answer;
  }

  #join(told: Conversation): Conversation {
    const { confirmations, conversations, logs } = this.#parts;
    const conversation = conversations.put(told, logs.of(told.id), this.#parts.me);
    if (conversations.guesses.has(told.id)) this.#parts.events.emit('uncounted', { conversation: told.id });
    logs.listed(told.id, told.head, this.#parts.now());
    confirmations.known(told.id, told.delivered, told.read);
    return conversation;
  }

  #mark(conversation: string, members: readonly Member[]): void {
    const { events, marks, me } = this.#parts;
    const before = marks.get(conversation) ?? NO_MARKS;
    let after = before;
    for (const member of members) if (member.user !== me) after = userMark(after, member.user, member);
    if (after === before) return;
    marks.set(conversation, after);
    this.#parts.kept?.conversation(conversation);
    events.emit('receipt', { conversation, marks: after });
  }
}

const path = (conversation: string): string => `/conversations/${encodeURIComponent(conversation)}`;
