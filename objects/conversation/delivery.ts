import type { DeliverCall, WireEntry } from '../shared/rpc.ts';
import type { Fanout, Lane } from './fanout.ts';
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
/** What is unsettled for so long without a restart is repeated by a timer. */
const OVERDUE_MS = 5_000;
/** Most entries and bytes one `deliver` carries. */
const CALL_ENTRIES = 500;
const CALL_BYTES = 512 * 1024;

export interface DeliveryContext extends ViewContext {
  readonly direct: boolean;
  readonly fanout: Fanout;
  readonly recent: Recent;
}

/** Carries out what `Fanout` says is owed: calls, their answers, retries, gathered receipts. */
export class Delivery {
  readonly #c: DeliveryContext;
  readonly #host: ConversationHost;
  #pumpTime = 0;
  /** Cancels the timer that runs while something is owed. */
  #overdue: (() => void) | undefined;

  constructor(context: DeliveryContext, host: ConversationHost) {
    this.#c = context;
    this.#host = host;
  }

  /**
   * Starts every call that is due. In the same turn as the append, not by a timer: under load timers come last, and the
   * messages would queue behind the acknowledgements. What arrives while a call is under way shares the next.
   */
  pump(): void {
    const { fanout, log } = this.#c;
    const now = this.#host.now();
    const due: Lane[] = [];
    let active = 0;
    let later = Number.MAX_SAFE_INTEGER;
    for (const lane of fanout.lanes) {
      if (lane.call !== 0 && now - lane.calledAt < SLOW_MS) active++;
      const at = fanout.dueAt(lane, log.head);
      if (at === undefined) continue;
      if (at <= now) due.push(lane);
      else later = Math.min(later, at);
    }
    for (const lane of due.slice(0, Math.max(0, PARALLEL - active))) this.#deliver(lane, now);
    if (later !== Number.MAX_SAFE_INTEGER) this.pumpAt(later);
    this.#watchOverdue();
  }

  /** Some of what is owed is due at that time, and not before. */
  pumpAt(at: number): void {
    const now = this.#host.now();
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
    const entries = this.#entriesFor(lane);
    const upTo = entries.at(-1)?.seq ?? Math.max(lane.sent, 0);
    // Who left gets the entry that says so and nothing of what followed it: no receipts, not even the head (P7).
    const left = lane.ended !== undefined;
    const showing = lane.receipt > 0 && now >= lane.receiptAt && !left ? lane.receipt : 0;
    if (showing > 0) {
      lane.receipt = 0;
      lane.receiptAt = direct ? 0 : now + GROUP_RECEIPT_MS;
    }
    const id = fanout.begin(lane, upTo, now);
    const call: DeliverCall = {
      user: members.byNumber(lane.n).user,
      conversation: row.name,
      kind: row.kind,
      entries,
      head: lane.ended ?? log.head,
      receipts: showing > 0 ? receipts.frames(row.name, direct, lane.n, showing) : [],
      ended: lane.ended !== undefined && upTo >= lane.ended,
    };
    this.#host.deliver(call, (answer) => {
      if (answer) {
        if (fanout.answered(lane, id, answer, upTo)) this.pump();
        return;
      }
      if (lane.call === id) lane.receipt = Math.max(lane.receipt, showing);
      const wait = fanout.failed(lane, id, this.#host.now());
      if (wait !== undefined) this.#host.timer(wait, () => this.pump());
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
    if (!this.#overdue || this.#owedToOthers()) return;
    this.#overdue();
    this.#overdue = undefined;
  }

  /** While something is unsettled and this object stays in memory, it is repeated sooner than the alarm would. */
  #watchOverdue(): void {
    if (this.#overdue || !this.#owedToOthers()) return;
    this.#overdue = this.#host.timer(OVERDUE_MS, () => {
      this.#overdue = undefined;
      const now = this.#host.now();
      for (const lane of this.#c.fanout.lanes) {
        // Tries of a failing member belong to its back-off, not to this timer.
        const idle = lane.call === 0 && lane.failures === 0 && now - lane.calledAt >= OVERDUE_MS;
        if (idle && this.#owes(lane)) lane.sent = lane.settled;
      }
      this.pump();
    });
  }

  #owes(lane: Lane): boolean {
    const { log, recent } = this.#c;
    if (!lane.attached || lane.settled >= (lane.ended ?? log.head)) return false;
    if (lane.settled < 0 || lane.sent < log.head) return true;
    // One's own entries went back with the append; whether they are settled is heard with the next call or the alarm.
    for (let seq = lane.settled + 1; seq <= lane.sent; seq++) {
      if (recent.get(seq)?.row.sender !== lane.n) return true;
    }
    return false;
  }

  #owedToOthers(): boolean {
    for (const lane of this.#c.fanout.lanes) if (lane.failures === 0 && this.#owes(lane)) return true;
    return false;
  }
}
