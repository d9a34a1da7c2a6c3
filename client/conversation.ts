import type { Content } from '../schema/protocol/content.ts';
import type { Asking } from './asking.ts';
import { asContent } from './content.ts';
import type { Engine, Said } from './engine-types.ts';
import { held } from './held.ts';
import { itemsOf } from './items.ts';
import { NOTHING } from './marks.ts';
import { Live } from './observable.ts';
import type { Parts } from './parts.ts';
import type { Range } from './ranges.ts';
import { deliveryOf } from './reached.ts';
import type {
  Acked,
  ConversationHandle,
  ConversationItem,
  Draft,
  Mark,
  Member,
  PrefsChange,
  Role,
  Send,
  SendOptions,
  SendState,
  TimelineState,
} from './types.ts';

/** With less than this on the screen the page before it is fetched at once. */
const SCREENFUL = 30;
/** Sends whose later states somebody may still look at. */
const SENDS = 200;

interface Tracked {
  send: Send;
  readonly live: Live<SendState>;
  acked: Acked | undefined;
}

export interface HandleOptions {
  readonly engine: Engine;
  readonly newId: () => string;
  readonly typing: (id: string) => ConversationHandle['typing'];
  readonly item: (id: string) => ConversationItem | undefined;
}

/** One conversation: what the app sees of the engine's part in it. */
export class Handle implements ConversationHandle {
  readonly id: string;
  readonly #more: HandleOptions;
  readonly #engine: Engine;
  readonly #parts: Parts;
  readonly #sends = new Map<string, Tracked>();
  #loading = 0;
  #ready = false;
  #members: readonly Member[] | undefined;
  #membersAsked = false;

  readonly info: Live<ConversationItem | undefined>;
  readonly timeline: Live<TimelineState>;
  readonly draft: ConversationHandle['draft'] & Live<unknown>;
  readonly members: Live<readonly Member[] | undefined>;

  constructor(id: string, more: HandleOptions) {
    this.id = id;
    this.#more = more;
    this.#engine = more.engine;
    this.#parts = more.engine.parts;
    this.info = new Live(() => more.item(id));
    this.draft = new Live(() => this.#parts.drafts.get(id));
    this.timeline = new Live(
      () => this.#state(),
      (used) => (used ? void this.#open() : this.#log.release()),
    );
    this.members = new Live(
      () => this.#members,
      (used) => used && this.#refresh(),
    );
  }

  get typing(): ConversationHandle['typing'] {
    return this.#more.typing(this.id);
  }

  get #log() {
    return this.#parts.logs.of(this.id);
  }

  get #reached(): Mark {
    return this.info.get()?.reached ?? NOTHING;
  }

  get #online(): boolean {
    return this.#parts.state().name === 'online';
  }

  // ---- what changed, as the client tells it ----

  infoChanged(): void {
    this.info.changed();
    this.timeline.changed();
    for (const { live } of this.#sends.values()) live.changed();
  }

  membersChanged(): void {
    this.#membersAsked = false;
    this.#refresh();
  }

  /** A connection: what could not be had before is asked for now. */
  online(): void {
    this.infoChanged();
    if (this.timeline.watched) void this.#fillScreen();
    this.#refresh();
  }

  acked(clientId: string, acked: Acked): void {
    const tracked = this.#sends.get(clientId);
    if (!tracked) return;
    tracked.acked = acked;
    tracked.live.changed();
  }

  // ---- the timeline ----

  #state(): TimelineState {
    const { outbox, me, now } = this.#parts;
    const log = this.#log;
    const start = log.floor === 0 && log.anchored;
    return {
      items: itemsOf(log, outbox.waiting(this.id), me, now()),
      start,
      ready: this.#ready || log.entries.length > 0 || start,
      loading: this.#loading > 0,
      read: this.info.get()?.read ?? 0,
      reached: this.#reached,
    };
  }

  async #open(): Promise<void> {
    await this.#engine.hold(this.id).catch(() => {});
    this.infoChanged();
    await this.#fillScreen();
  }

  async #fillScreen(): Promise<void> {
    const { anchored, floor, messages } = this.#log;
    if (anchored && (floor === 0 || messages.length >= SCREENFUL)) this.#ready = true;
    else if (this.#online) await this.loadOlder().catch(() => {});
  }

  async loadOlder(): Promise<void> {
    if (this.#loading > 0) return;
    await this.#load(({ history }) => history.below(this.id));
    this.#ready = true;
    this.timeline.changed();
  }

  loadAround(seq: number): Promise<void> {
    return this.#load(({ history }) => history.around(this.id, seq));
  }

  fill(gap: Range, side: 'start' | 'end'): Promise<void> {
    return this.#load(({ history }) => history.fill(this.id, gap, side));
  }

  async #load(what: (asking: Asking) => Promise<unknown>): Promise<void> {
    this.#loading++;
    this.timeline.changed();
    try {
      await this.#engine.ask(what);
    } finally {
      this.#loading--;
      this.timeline.changed();
    }
  }

  letGo(range: Range): Promise<void> {
    return this.#engine.ask(({ history }) => history.letGo(this.id, range));
  }

  jumpToLatest(): void {
    this.letGo({ from: 0, to: this.#log.gaps.at(-1)?.to ?? 0 }).catch(() => {});
  }

  // ---- what a person says ----

  send(content: Content | string, { replyTo, clientId }: SendOptions = {}): Send {
    const reply = replyTo === undefined ? {} : { replyTo };
    return this.#say(
      { type: 'send', conversation: this.id, content: asContent(content), ...reply },
      clientId,
    );
  }

  edit(seq: number, content: Content | string): Send {
    return this.#say({ type: 'edit', conversation: this.id, seq, content: asContent(content) });
  }

  remove(seq: number): Send {
    return this.#say({ type: 'delete', conversation: this.id, seq });
  }

  react(seq: number, emoji: string, on: boolean): Send {
    return this.#say({ type: 'react', conversation: this.id, seq, emoji, on });
  }

  #say(said: Said, clientId = this.#more.newId()): Send {
    return this.#track(clientId, this.#engine.say(said, clientId).acked);
  }

  sent(clientId: string): Send | undefined {
    const { outbox, waiters } = this.#parts;
    const known = this.#sends.get(clientId)?.send;
    return known ?? (outbox.standing(clientId) && this.#track(clientId, waiters.for(clientId)));
  }

  #track(clientId: string, acked: Promise<Acked>): Send {
    const tracked = held(this.#sends, clientId, (): Tracked => {
      const live = new Live((): SendState => this.#sendState(tracked));
      const retry = (): void => this.#engine.retry(clientId);
      const cancel = (): boolean => this.#engine.cancel(clientId);
      const tracked = { live, acked: undefined, send: { clientId, state: live, acked, retry, cancel } };
      return tracked;
    });
    // The promise of before may have ended with the connection.
    if (tracked.send.acked !== acked) tracked.send = { ...tracked.send, acked };
    for (const [id, { acked: done }] of this.#sends)
      if (done && this.#sends.size > SENDS) this.#sends.delete(id);
    return tracked.send;
  }

  #sendState({ acked, send }: Tracked): SendState {
    if (acked) return { name: deliveryOf(acked, this.#reached), seq: acked.seq, at: acked.at };
    const state = this.#parts.outbox.standing(send.clientId)?.state ?? 'cancelled';
    return typeof state === 'string' ? { name: state } : { name: 'failed', error: state };
  }

  read(seq = this.#log.last): void {
    this.#engine.read(this.id, seq);
  }

  setDraft(draft: Draft | undefined): void {
    const empty = draft?.text === '' && draft.replyTo === undefined;
    this.#engine.setDraft(this.id, empty ? undefined : draft);
  }

  setTyping(on: boolean): void {
    this.#engine.sendNow({ type: 'typing', conversation: this.id, on });
  }

  focus(on: boolean): void {
    this.#engine.sendAlways({ type: 'focus', conversation: on ? this.id : null });
  }

  // ---- what is asked of the service ----

  #refresh(): void {
    if (this.members.watched && !this.#membersAsked && this.#online) void this.loadMembers().catch(() => {});
  }

  async loadMembers(): Promise<readonly Member[]> {
    this.#membersAsked = true;
    try {
      this.#members = await this.#engine.ask(({ history }) => history.members(this.id));
    } catch (error) {
      this.#membersAsked = false;
      throw error;
    }
    this.members.changed();
    return this.#members;
  }

  setPrefs(change: PrefsChange): Promise<void> {
    return this.#engine.ask((asking) => asking.setPrefs(this.id, change));
  }

  addMember(user: string): Promise<void> {
    return this.#engine.ask((asking) => asking.member(this.id, 'PUT', user, {}));
  }

  removeMember(user: string): Promise<void> {
    return this.#engine.ask((asking) => asking.member(this.id, 'DELETE', user));
  }

  setRole(user: string, role: Role): Promise<void> {
    return this.#engine.ask((asking) => asking.member(this.id, 'PUT', user, { role }));
  }

  leave(): Promise<void> {
    const { me } = this.#parts;
    return this.#engine.ask((asking) => asking.member(this.id, 'DELETE', me));
  }

  rename(title: string): Promise<void> {
    return this.#engine.ask((asking) => asking.change(this.id, 'PATCH', '', { title }));
  }
}
