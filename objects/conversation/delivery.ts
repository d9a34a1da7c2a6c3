import type { DeliverCall, WireEntry } from '../shared/rpc.ts';
import { steadyClock } from '../shared/steady-clock.ts';
import { type Fanout, isOwed, type Lane, QUICK_TRIES } from './fanout.ts';
import type { ConversationHost } from './host.ts';
import { GROUP_RECEIPT_MS } from './receipts.ts';
import type { Recent } from './recent.ts';
import type { EntryRow } from './store.ts';
import type { ViewContext } from './views.ts';
import { wireFor } from './wire.ts';

/** Calls under way at a time; each answer starts the next, so a large group costs no flood. */
const PARALLEL = 64;
/** A call that takes longer no longer counts as one of those: a hanging member takes nobody's place. */
const SLOW_MS = 1_000;
/** What is unsettled for so long without anything moving is the alarm's. */
const OVERDUE_MS = 5_000;
/** Most entries and bytes one `deliver` carries. */
const CALL_ENTRIES = 500;
const CALL_BYTES = 512 * 1024;

export interface DeliveryContext extends ViewContext {
  readonly direct: boolean;
  readonly fanout: Fanout;
  readonly recent: Recent;
}

/** What others are told of the calls. */
export interface DeliveryEvents {
  /** A call was answered, or failed. */
  moved(): void;
  /** Something is unsettled for `OVERDUE_MS`. */
  overdue(): void;
}

/** Carries out what `Fanout` says is owed: calls, their answers, retries, gathered receipts. */
export class Delivery {
  readonly #c: DeliveryContext;
  readonly #host: ConversationHost;
  readonly #events: DeliveryEvents;
  /** For durations: in step with the lanes' times. */
  readonly steady: () => number;
  #pumpTime = 0;
  /** Cancels the timer that runs while something is owed. */
  #watch: (() => void) | undefined;

  constructor(context: DeliveryContext, host: ConversationHost, events: DeliveryEvents) {
    this.#c = context;
    this.#host = host;
    this.#events = events;
    this.steady = steadyClock(() => host.now());
  }

  /**
   * Starts every call that is due. In the same turn as the append, not by a timer: under load timers come last, and the
   * messages would queue behind the acknowledgements. What arrives while a call is under way shares the next.
   */
  pump(): void {
    const { fanout, log } = this.#c;
    const now = this.steady();
    const due: Lane[] = [];
    let active = 0;
    let later = Number.MAX_SAFE_INTEGER;
    for (const lane of fanout.lanes) {
      if (lane.call !== 0 && now - lane.calledAt < SLOW_MS) active++;
      const at = fanout.dueAt(lane, log.head);
      if (at === undefined) continue;
      if (at <= now) due.push(lane);
      // Past the quick tries only something new or the alarm brings the next: no timer keeps the object awake for it.
      else if (lane.failures <= QUICK_TRIES) later = Math.min(later, at);
    }
    const places = Math.max(0, PARALLEL - active);
    // Who was called longest ago comes first, or the last of a large group would never have their turn.
    if (due.length > places) due.sort((a, b) => a.calledAt - b.calledAt);
    for (const lane of due.slice(0, places)) this.#deliver(lane, now);
    if (later !== Number.MAX_SAFE_INTEGER) this.pumpAt(later);
    this.#watchOwed();
  }

  /** Some of what is owed is due at that time of the steady clock, and not before. */
  pumpAt(at: number): void {
    const now = this.steady();
    if (at <= now) return this.pump();
    if (this.#pumpTime !== 0 && this.#pumpTime <= at) return;
    this.#pumpTime = at;
    this.#host.timer(at - now, () => {
      if (this.#pumpTime === at) this.#pumpTime = 0;
      this.pump();
    });
  }

  #deliver(lane: Lane, now: number): void {
    const { members, row, direct, log, receipts, fanout } = this.#c;
    const entries = lane.ask && lane.ended === undefined ? [] : this.#entriesFor(lane);
    const upTo = entries.at(-1)?.seq ?? Math.max(lane.sent, 0);
    // Who left gets the entry that says so and nothing of what followed it: no receipts, not even the head (P7).
    const left = lane.ended !== undefined;
    const showing = lane.receipt > 0 && now >= lane.receiptAt && !left ? lane.receipt : 0;
    if (showing > 0) {
      lane.receipt = 0;
      lane.receiptAt = direct ? 0 : now + GROUP_RECEIPT_MS;
    }
    const id = fanout.begin(lane, upTo, now);
    const head = lane.ended ?? log.head;
    const call: DeliverCall = {
      user: members.byNumber(lane.n).user,
      conversation: row.name,
      kind: row.kind,
      entries,
      head,
      receipts: [
        ...(showing > 0 ? receipts.frames(row.name, direct, lane.n, showing) : []),
        ...(lane.isNew && !left ? receipts.ownFrames(row.name, lane.n) : []),
      ],
      ended: lane.ended !== undefined && upTo >= lane.ended,
    };
    const { telemetry } = this.#host;
    telemetry?.count('conversation.deliver');
    this.#host.deliver(call, (answer) => {
      telemetry?.duration('conversation.deliver', this.steady() - now);
      if (answer) {
        if (!fanout.answered(lane, id, answer, { upTo, head, now: this.steady() })) return;
        this.pump();
        return this.#events.moved();
      }
      telemetry?.count('conversation.deliver.failed');
      if (lane.call === id) lane.receipt = Math.max(lane.receipt, showing);
      const wait = fanout.failed(lane, id, this.steady());
      if (wait !== undefined) this.#host.timer(wait, () => this.pump());
      this.#events.moved();
    });
  }

  #entriesFor(lane: Lane): WireEntry[] {
    const { log, recent, store, wire } = this.#c;
    const end = lane.ended ?? log.head;
    const first = Math.max(lane.sent, 0) + 1;
    const out: WireEntry[] = [];
    let bytes = 0;
    const take = (e: EntryRow, json: string | undefined): boolean => {
      const entry =
        json === undefined || e.hidden === lane.n ? wireFor(e, lane.n, wire) : { seq: e.seq, json };
      out.push(entry);
      bytes += entry.json.length;
      return out.length < CALL_ENTRIES && bytes < CALL_BYTES;
    };
    for (let seq = first; seq <= end; seq++) {
      const kept = recent.get(seq);
      if (!kept) break;
      if (!take(kept.row, kept.json)) return out;
    }
    if (out.length > 0 || first > end) return out;
    const range = {
      after: first - 1,
      before: end + 1,
      limit: CALL_ENTRIES,
      newest: false,
      messagesOnly: false,
    };
    for (const row of store.range(range)) if (!take(row, undefined)) break;
    return out;
  }

  /** Marks came in: when nothing is owed any more, the object may sleep. */
  settled(): void {
    if (!this.#watch || this.#owedSince() !== undefined) return;
    this.#watch();
    this.#watch = undefined;
  }

  /** Since when a member waits for something without anything moving; undefined when nobody does. */
  #owedSince(): number | undefined {
    const { fanout, log } = this.#c;
    const wall = this.#host.now();
    let since: number | undefined;
    // Who was not to be reached for longer is the alarm's already.
    for (const lane of fanout.lanes)
      if (isOwed(lane, log.head) && lane.tryAt <= wall)
        since = Math.min(since ?? lane.owedSince, lane.owedSince);
    return since;
  }

  /** One timer while something is owed. What takes long it leaves to the alarm, which needs no object in memory. */
  #watchOwed(): void {
    if (this.#watch) return this.settled();
    if (this.#owedSince() === undefined) return;
    this.#watch = this.#host.timer(OVERDUE_MS, () => {
      this.#watch = undefined;
      const since = this.#owedSince();
      if (since === undefined) return;
      if (this.steady() - since >= OVERDUE_MS) this.#events.overdue();
      else this.#watchOwed();
    });
  }
}
