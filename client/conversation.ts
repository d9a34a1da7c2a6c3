import type { Clock } from './clock.ts';
import type { Engine, Sent } from './engine-types.ts';
import { ParleyError } from './errors.ts';
import { itemsOf } from './items.ts';
import { Live } from './observable.ts';
import { deliveryOf } from './reached.ts';
import type {
  Acked,
  ConversationHandle,
  ConversationItem,
  Mark,
  Member,
  Send,
  SendState,
  TimelineState,
} from './types.ts';
import type { Watching } from './watching.ts';

/** With less than this on the screen the page before it is fetched at once. */
const SCREENFUL = 30;
/** Sends whose later states somebody may still look at. */
const SENDS = 200;

interface Tracked {
  send: Send;
  readonly live: Live<SendState>;
  acked: Acked | undefined;
  over: SendState | undefined;
}

export interface HandleParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly page: number;
  readonly watching: Watching;
  readonly item: (id: string) => ConversationItem | undefined;
  readonly reached: (id: string) => Mark;
}

/** One conversation: what the app sees of the engine's part in it. */
export class Handle implements ConversationHandle {
  readonly id: string;
  readonly #parts: HandleParts;
  readonly #sends = new Map<string, Tracked>();
  #loading = 0;
  #ready = false;
  #members: readonly Member[] | undefined;
  #membersAsked = false;

  readonly info: Live<ConversationItem | undefined>;
  readonly timeline: Live<TimelineState>;
  readonly draft: ConversationHandle['draft'] & Live<unknown>;
  readonly members: Live<readonly Member[] | undefined>;

  constructor(id: string, parts: HandleParts) {
    this.id = id;
    this.#parts = parts;
    const { engine } = parts;
    this.info = new Live(() => parts.item(id));
    this.draft = new Live(() => engine.draft(id));
    this.timeline = new Live(
      () => this.#state(),
      (used) => (used ? void this.#open() : engine.release(id)),
    );
    this.members = new Live(
      () => this.#members,
      (used) => {
        if (used && !this.#membersAsked) this.#again();
      },
    );
  }

  get typing(): ConversationHandle['typing'] {
    return this.#parts.watching.typing(this.id);
  }

  // ---- what changed, as the client tells it ----

  timelineChanged(): void {
    this.timeline.changed();
    for (const { live } of this.#sends.values()) live.changed();
  }

  infoChanged(): void {
    this.info.changed();
    this.timelineChanged();
  }

  membersChanged(): void {
    this.#membersAsked = false;
    if (this.members.watched) this.#again();
  }

  /** A connection: what could not be had before is asked for now. */
  online(): void {
    if (this.timeline.watched) void this.#fillScreen();
    if (this.members.watched && !this.#membersAsked) this.#again();
  }

  acked(clientId: string, acked: Acked): void {
    const tracked = this.#sends.get(clientId);
    if (!tracked) return;
    tracked.acked = acked;
    tracked.live.changed();
  }

  // ---- the timeline ----

  #state(): TimelineState {
    const { engine, clock, item, reached } = this.#parts;
    const view = engine.timeline(this.id);
    return {
      items: itemsOf(view, engine.waiting(this.id), engine.user, clock.now()),
      start: view.floor === 0 && view.anchored,
      ready: this.#ready || view.entries.length > 0 || (view.anchored && view.floor === 0),
      loading: this.#loading > 0,
      read: item(this.id)?.read ?? 0,
      reached: reached(this.id),
    };
  }

  async #open(): Promise<void> {
    await this.#parts.engine.hold(this.id).catch(() => {});
    this.timelineChanged();
    await this.#fillScreen();
  }

  async #fillScreen(): Promise<void> {
    const { engine } = this.#parts;
    const view = engine.timeline(this.id);
    if (view.anchored && (view.floor === 0 || view.messages.length >= SCREENFUL)) this.#ready = true;
    else if (engine.state.name === 'online') await this.loadOlder().catch(() => {});
  }

  async loadOlder(): Promise<void> {
    const { engine, page } = this.#parts;
    if (this.#loading > 0) return;
    await this.#load(async () => {
      if (!engine.timeline(this.id).anchored) await engine.loadConversation(this.id);
      const { floor } = engine.timeline(this.id);
      if (floor > 0) await engine.page(this.id, { before: floor + 1 }, page);
      this.#ready = true;
    });
  }

  async loadAround(seq: number): Promise<void> {
    const { engine, page } = this.#parts;
    if (engine.timeline(this.id).message(seq)) return;
    await this.#load(() => engine.page(this.id, { after: Math.max(0, seq - Math.ceil(page / 2)) }, page));
  }

  async fill(gap: { readonly from: number; readonly to: number }, side: 'start' | 'end'): Promise<void> {
    const { engine, page } = this.#parts;
    const limit = Math.min(page, gap.to - gap.from + 1);
    const range = side === 'start' ? { after: gap.from - 1 } : { before: gap.to + 1 };
    await this.#load(() => engine.page(this.id, range, limit));
  }

  async #load(run: () => Promise<unknown>): Promise<void> {
    this.#loading++;
    this.timeline.changed();
    try {
      await run();
    } finally {
      this.#loading--;
      this.timeline.changed();
    }
  }

  jumpToLatest(): void {
    this.#parts.engine.keepLatest(this.id);
  }

  // ---- what a person says ----

  send(...args: Parameters<ConversationHandle['send']>): Send {
    return this.#track(this.#parts.engine.send(this.id, ...args));
  }

  edit(...args: Parameters<ConversationHandle['edit']>): Send {
    return this.#track(this.#parts.engine.edit(this.id, ...args));
  }

  remove(seq: number): Send {
    return this.#track(this.#parts.engine.remove(this.id, seq));
  }

  react(seq: number, emoji: string, on: boolean): Send {
    return this.#track(this.#parts.engine.react(this.id, seq, emoji, on));
  }

  sent(clientId: string): Send | undefined {
    const known = this.#sends.get(clientId)?.send;
    const { engine } = this.#parts;
    return known ?? (engine.standing(clientId) ? this.#track(engine.waitFor(clientId)) : undefined);
  }

  #track({ clientId, acked }: Sent): Send {
    const tracked = this.#sends.get(clientId) ?? this.#newlyTracked(clientId, acked);
    // The promise of before may have ended with the connection.
    if (tracked.send.acked !== acked) tracked.send = { ...tracked.send, acked };
    acked.then(
      (answer) => {
        tracked.acked ??= answer;
        tracked.live.changed();
      },
      () => tracked.live.changed(),
    );
    return tracked.send;
  }

  #newlyTracked(clientId: string, acked: Send['acked']): Tracked {
    const { engine } = this.#parts;
    const live = new Live<SendState>(() => this.#sendState(tracked));
    const tracked: Tracked = {
      live,
      acked: undefined,
      over: undefined,
      send: {
        clientId,
        state: live,
        acked,
        retry: () => engine.retry(clientId),
        cancel: () => {
          if (!engine.cancel(clientId)) return false;
          tracked.over = { name: 'cancelled' };
          live.changed();
          return true;
        },
      },
    };
    this.#sends.set(clientId, tracked);
    for (const [id, { acked: done }] of this.#sends) {
      if (this.#sends.size <= SENDS) break;
      if (done) this.#sends.delete(id);
    }
    return tracked;
  }

  #sendState({ acked, over, send }: Tracked): SendState {
    if (over) return over;
    if (acked) return { name: deliveryOf(acked, this.#parts.reached(this.id)), seq: acked.seq, at: acked.at };
    const state = this.#parts.engine.standing(send.clientId)?.state ?? 'sending';
    return typeof state === 'string' ? { name: state } : { name: 'failed', error: state };
  }

  read(seq?: number): void {
    const { engine } = this.#parts;
    engine.read(this.id, seq ?? engine.timeline(this.id).last);
  }

  setDraft(...[draft]: Parameters<ConversationHandle['setDraft']>): void {
    this.#parts.engine.setDraft(
      this.id,
      draft && draft.text === '' && draft.replyTo === undefined ? undefined : draft,
    );
  }

  setTyping(on: boolean): void {
    this.#parts.engine.typing(this.id, on);
  }

  focus(on: boolean): void {
    this.#parts.engine.focus(on ? this.id : null);
  }

  // ---- what is asked of the service ----

  setPrefs(...[change]: Parameters<ConversationHandle['setPrefs']>): Promise<void> {
    return this.#parts.engine.setPrefs(this.id, change);
  }

  #again(): void {
    if (this.#parts.engine.state.name === 'online') void this.loadMembers().catch(() => {});
  }

  async loadMembers(): Promise<readonly Member[]> {
    this.#membersAsked = true;
    try {
      this.#members = await this.#parts.engine.loadMembers(this.id);
    } catch (error) {
      this.#membersAsked = false;
      throw error;
    }
    this.members.changed();
    return this.#members;
  }

  async addMember(user: string): Promise<void> {
    await this.#api('PUT', `/members/${encodeURIComponent(user)}`, {});
  }

  async removeMember(user: string): Promise<void> {
    await this.#api('DELETE', `/members/${encodeURIComponent(user)}`);
  }

  async setRole(...[user, role]: Parameters<ConversationHandle['setRole']>): Promise<void> {
    await this.#api('PUT', `/members/${encodeURIComponent(user)}`, { role });
  }

  leave(): Promise<void> {
    const me = this.#parts.engine.user;
    if (me === undefined)
      return Promise.reject(new ParleyError('network', 'It is not known yet who this is'));
    return this.removeMember(me);
  }

  async rename(title: string): Promise<void> {
    await this.#api('PATCH', '', { title });
  }

  #api(method: 'PUT' | 'DELETE' | 'PATCH', path: string, body?: unknown): Promise<unknown> {
    return this.#parts.engine.api(method, `/conversations/${encodeURIComponent(this.id)}${path}`, body);
  }
}
