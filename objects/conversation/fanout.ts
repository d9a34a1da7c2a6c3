import type { DeliverAnswer } from '../shared/rpc.ts';

/**
 * Who is owed what: one lane per member, at most one call under way in each, everything that queued meanwhile in the
 * next. Kept in memory only: a restart begins from the durable watermark and repeats, which is harmless.
 */
export interface Lane {
  readonly n: number;
  /** Somebody is reachable, as far as this object knows; a restarted one assumes so. */
  attached: boolean;
  /** Up to here entries were handed over, in an answered call or one under way. -1: the membership itself wasn't. */
  sent: number;
  /** Up to here every connected device has confirmed or the change is noted. */
  settled: number;
  /** Number of the call under way, 0 for none: an answer to a call given up is ignored. */
  call: number;
  calledAt: number;
  /** Receipts to show: the newest own message they are about. */
  receipt: number;
  /** Not before this time: receipts in groups are gathered. */
  receiptAt: number;
  /** Greatest cursor the user attached with. */
  attachedFrom: number;
  failures: number;
  /** No call before this time, after a failure. */
  retryAt: number;
  /** `seq` of the entry that ended the membership, until that is told. */
  ended: number | undefined;
}

const newLane = (n: number, from: number): Lane => ({
  n,
  attached: true,
  sent: from,
  settled: from,
  call: 0,
  calledAt: 0,
  receipt: 0,
  receiptAt: 0,
  attachedFrom: -1,
  failures: 0,
  retryAt: 0,
  ended: undefined,
});

/** Waits between tries of a failing member: the first soon, for a passing fault; the alarm takes over after the last. */
const RETRY_MS = [250, 1000, 4000];
/** In a conversation with more members than this, calls to one member keep a distance: a burst of messages shares them. */
const LARGE = 32;
const SPACING_MS = 150;
/** A call without an answer for so long is given up. */
export const CALL_LIMIT_MS = 30_000;

export class Fanout {
  readonly #lanes = new Map<number, Lane>();
  #calls = 0;

  get lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  lane(n: number): Lane | undefined {
    return this.#lanes.get(n);
  }

  /** A member who has everything up to `from`; -1 for one who is to be told of the conversation. */
  open(n: number, from: number): Lane {
    const lane = newLane(n, from);
    this.#lanes.set(n, lane);
    return lane;
  }

  /** The membership ended with `seq`; the lane goes when that is told. */
  end(n: number, seq: number): void {
    const lane = this.#lanes.get(n);
    if (!lane) return;
    lane.ended = seq;
    lane.attached = true;
  }

  /** Own entries [`first`, `last`] go back with the answer of the append itself. */
  own(n: number, first: number, last: number): void {
    const lane = this.#lanes.get(n);
    if (lane && lane.sent === first - 1) lane.sent = last;
  }

  /** What a member's object tells of itself. 0 is also what it says when it can't tell: it doesn't mean that it was told. */
  settle(n: number, upTo: number, head: number): void {
    const lane = this.#lanes.get(n);
    if (lane && upTo > Math.max(lane.settled, 0)) lane.settled = Math.min(upTo, head);
  }

  /**
   * A device of this member came back and took everything up to `head` with the same call.
   * @param cursor of the user at that moment; orders this against answers still on their way.
   */
  attach(n: number, cursor: number, head: number): void {
    const lane = this.#lanes.get(n);
    if (!lane) return;
    lane.attachedFrom = Math.max(lane.attachedFrom, cursor);
    if (lane.attached) return;
    lane.attached = true;
    lane.sent = Math.max(lane.sent, head);
  }

  /** When a call to this member is due; undefined when nothing is owed or one is under way. */
  dueAt(lane: Lane, head: number): number | undefined {
    if (lane.call !== 0 || !lane.attached) return undefined;
    const spaced = this.#lanes.size > LARGE ? lane.calledAt + SPACING_MS : 0;
    const entries = lane.sent < (lane.ended ?? head) ? spaced : undefined;
    const receipt = lane.receipt > 0 ? lane.receiptAt : undefined;
    if (entries === undefined && receipt === undefined) return undefined;
    return Math.max(
      lane.retryAt,
      Math.min(entries ?? Number.MAX_SAFE_INTEGER, receipt ?? Number.MAX_SAFE_INTEGER),
    );
  }

  begin(lane: Lane, upTo: number, now: number): number {
    lane.call = ++this.#calls;
    lane.calledAt = now;
    lane.sent = Math.max(lane.sent, upTo);
    return lane.call;
  }

  /** @returns whether the answer was still waited for. */
  answered(lane: Lane, call: number, answer: DeliverAnswer, upTo: number): boolean {
    if (lane.call !== call) return false;
    lane.call = 0;
    lane.failures = 0;
    // An attach that is newer than this answer overrules it: the device that came back must get what follows.
    // And the end of a membership is told in any case.
    if (!answer.attached && answer.cursor >= lane.attachedFrom && lane.ended === undefined)
      lane.attached = false;
    if (answer.settled > lane.settled) lane.settled = answer.settled;
    if (!answer.attached && upTo > lane.settled) lane.settled = upTo;
    // Told; unless the member was added again meanwhile and has a new lane.
    if (lane.ended !== undefined && upTo >= lane.ended && this.#lanes.get(lane.n) === lane)
      this.#lanes.delete(lane.n);
    return true;
  }

  /**
   * @returns milliseconds until the next try; undefined when it is left to the alarm.
   */
  failed(lane: Lane, call: number, now: number): number | undefined {
    if (lane.call !== call) return undefined;
    lane.call = 0;
    lane.sent = lane.settled;
    const wait = RETRY_MS[lane.failures++];
    lane.retryAt = now + (wait ?? 0);
    // Past the quick tries a new entry may still bring the next one, at most one per second.
    if (wait === undefined) lane.retryAt = now + 1000;
    return wait;
  }

  /** Up to here all attached members are settled. */
  watermark(head: number): number {
    let low = head;
    for (const lane of this.#lanes.values()) {
      if (lane.attached && lane.settled < low) low = lane.settled;
    }
    return low;
  }

  /** Makes everything unsettled and older than the calls under way due again. @returns whether anything is owed. */
  again(head: number, now: number): boolean {
    let owed = false;
    for (const lane of this.#lanes.values()) {
      if (!lane.attached || lane.settled >= (lane.ended ?? head)) continue;
      owed = true;
      if (lane.call !== 0 && now - lane.calledAt < CALL_LIMIT_MS) continue;
      lane.call = 0;
      lane.retryAt = 0;
      lane.sent = lane.settled;
    }
    return owed;
  }
}
