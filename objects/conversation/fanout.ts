import type { DeliverAnswer } from '../shared/rpc.ts';
import type { MemberProgress } from './progress.ts';

/**
 * Who is owed what: one lane per member, at most one call under way in each, everything that queued meanwhile in the
 * next. A restart begins from what is stored of each member (`progress.ts`) and asks before it repeats anything.
 * Times are of the steady clock, but for `tryAt`.
 */
export interface Lane {
  readonly n: number;
  /** Somebody is reachable, as far as this object knows. */
  attached: boolean;
  /** Up to here entries were handed over, in an answered call or one under way. -1: the membership itself wasn't. */
  sent: number;
  /** Up to here every connected device has confirmed or the change is noted. */
  settled: number;
  /** Up to here what is unsettled is the member's own, which went back with the appends. */
  own: number;
  /** The membership has just begun, and no call was answered yet. */
  isNew: boolean;
  /** What the member's object has is not known here: it is asked, and only what it lacks is brought. */
  ask: boolean;
  /** Number of the call under way, 0 for none: an answer to a call given up is ignored. */
  call: number;
  calledAt: number;
  /** Since when something is unsettled and nothing has moved. */
  owedSince: number;
  /** Receipts to show: the newest own message they are about. */
  receipt: number;
  /** Not before this time: receipts in groups are gathered. */
  receiptAt: number;
  /** Greatest cursor the user attached with. */
  attachedFrom: number;
  /** Greatest cursor heard of the user: what they said at a lower one is from before. */
  cursor: number;
  failures: number;
  /** No call before this time, after a failure. */
  retryAt: number;
  /** Alarms that found this member unsettled, one after the other; the next waits twice as long. */
  tries: number;
  /** By the wall clock: no alarm tries before. */
  tryAt: number;
  /** `seq` of the entry that ended the membership, until that is told. */
  ended: number | undefined;
}

const newLane = (n: number, from: number): Lane => ({
  n,
  attached: true,
  sent: from,
  settled: from,
  own: 0,
  isNew: true,
  ask: false,
  call: 0,
  calledAt: 0,
  owedSince: 0,
  receipt: 0,
  receiptAt: 0,
  attachedFrom: -1,
  cursor: -1,
  failures: 0,
  retryAt: 0,
  tries: 0,
  tryAt: 0,
  ended: undefined,
});

/** Waits between tries of a failing member: the first soon, for a passing fault. */
const RETRY_MS = [250, 1000, 4000];
export const QUICK_TRIES = RETRY_MS.length;
/** Past the quick tries only something new brings the next one, and each failure doubles the distance up to this. */
const RETRY_MOST_MS = 60_000;
/** In a conversation with more members than this, calls to one member keep a distance: a burst of messages shares them. */
const LARGE = 32;
const SPACING_MS = 150;
/** A call without an answer for so long is given up. */
export const CALL_LIMIT_MS = 30_000;

/** Up to where this lane goes in a log that ends with `head`. */
export const endOf = (lane: Lane, head: number): number => lane.ended ?? head;
/** Whether something for a reachable member is neither confirmed nor noted. */
export const isUnsettled = (lane: Lane, head: number): boolean =>
  lane.attached && lane.settled < endOf(lane, head);
/** The same, where a device waits for it: one's own entries went back with the append, and the alarm asks for the rest. */
export const isOwed = (lane: Lane, head: number): boolean =>
  isUnsettled(lane, head) && lane.own < endOf(lane, head);

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

  /** A member as the storage knows them, in a log that ends with `head`. */
  restore(n: number, from: number, known: MemberProgress, ended: number | undefined, head: number): void {
    const lane = this.open(n, from);
    lane.isNew = false;
    lane.ended = ended;
    lane.attached = !known.away || ended !== undefined;
    lane.tries = known.tries;
    lane.tryAt = known.tryAt;
    if (lane.attached) lane.ask = isUnsettled(lane, head);
    else lane.sent = lane.settled = head;
  }

  /** The membership ended with `seq`; the lane goes when that is told. */
  end(n: number, seq: number): void {
    const lane = this.#lanes.get(n);
    if (!lane) return;
    lane.ended = seq;
    lane.attached = true;
  }

  /**
   * Own entries [`first`, `last`] go back with the answer of the append itself.
   * @param sole of this user nobody else had to get them at this cursor; undefined: somebody had.
   */
  own(n: number, first: number, last: number, sole: number | undefined): void {
    const lane = this.#lanes.get(n);
    if (!lane) return;
    if (lane.sent === first - 1) lane.sent = last;
    if (lane.settled === first - 1 || lane.own === first - 1) lane.own = last;
    if (sole !== undefined && sole >= lane.cursor && lane.settled === first - 1) lane.settled = last;
  }

  /** What a member's object tells of itself. 0 is also what it says when it can't tell: it doesn't mean that it was told. */
  settle(n: number, upTo: number, head: number, now: number): void {
    const lane = this.#lanes.get(n);
    if (!lane || upTo <= 0) return;
    settleLane(lane, Math.min(upTo, head), now);
    if (lane.call === 0 && lane.settled >= endOf(lane, head)) lane.ask = false;
  }

  /**
   * A device of this member came back and takes everything up to `head` with the same call.
   * @param cursor of the user at that moment; orders this against answers still on their way.
   */
  attach(n: number, cursor: number, head: number): void {
    const lane = this.#lanes.get(n);
    if (!lane) return;
    lane.attachedFrom = Math.max(lane.attachedFrom, cursor);
    lane.cursor = Math.max(lane.cursor, cursor);
    if (lane.attached) return;
    lane.attached = true;
    // Everything so far was noted when nobody was there.
    lane.sent = Math.max(lane.sent, head);
    lane.settled = Math.max(lane.settled, head);
  }

  /** When a call to this member is due; undefined when nothing is owed or one is under way. */
  dueAt(lane: Lane, head: number): number | undefined {
    if (lane.call !== 0 || !lane.attached) return undefined;
    const spaced = this.#lanes.size > LARGE ? lane.calledAt + SPACING_MS : 0;
    const entries = lane.sent < endOf(lane, head) ? spaced : undefined;
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
    if (lane.sent <= lane.settled) lane.owedSince = now;
    lane.sent = Math.max(lane.sent, upTo);
    return lane.call;
  }

  /** @param head of the log when the call began. @returns whether the answer was still waited for. */
  answered(
    lane: Lane,
    call: number,
    answer: DeliverAnswer,
    { upTo, head, now }: { readonly upTo: number; readonly head: number; readonly now: number },
  ): boolean {
    if (lane.call !== call) return false;
    lane.call = 0;
    lane.failures = 0;
    lane.ask = false;
    lane.isNew = false;
    lane.cursor = Math.max(lane.cursor, answer.cursor);
    // An attach that is newer than this answer overrules it: the device that came back must get what follows.
    // And the end of a membership is told in any case.
    if (!answer.attached && answer.cursor >= lane.attachedFrom && lane.ended === undefined)
      lane.attached = false;
    // Nobody is there is no news of the end, which is told by its entry alone.
    settleLane(lane, Math.min(answer.settled, lane.ended === undefined ? head : upTo), now);
    if (!answer.attached) settleLane(lane, upTo, now);
    // What was handed over and waits for confirmation is not brought again.
    lane.sent = Math.max(lane.sent, Math.min(answer.handed ?? 0, head));
    // Told; unless the member was added again meanwhile and has a new lane.
    if (lane.ended !== undefined && upTo >= lane.ended && this.#lanes.get(lane.n) === lane)
      this.#lanes.delete(lane.n);
    return true;
  }

  /**
   * The next try asks: what the call did at the other end is not known, and who fails is tried with little.
   * @returns milliseconds until the next try; undefined when it is left to the alarm.
   */
  failed(lane: Lane, call: number, now: number): number | undefined {
    if (lane.call !== call) return undefined;
    lane.call = 0;
    lane.sent = lane.settled;
    lane.ask = true;
    const wait = RETRY_MS[lane.failures++];
    const slower = Math.min(1000 * 2 ** (lane.failures - RETRY_MS.length - 1), RETRY_MOST_MS);
    lane.retryAt = now + (wait ?? slower);
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

  /** Makes this member due for being asked, unless a call is under way that may still be answered. */
  askAgain(lane: Lane, now: number): void {
    if (lane.call !== 0 && now - lane.calledAt < CALL_LIMIT_MS) return;
    lane.call = 0;
    lane.retryAt = 0;
    lane.sent = lane.settled;
    lane.ask = true;
  }
}

function settleLane(lane: Lane, upTo: number, now: number): void {
  if (upTo <= lane.settled) return;
  lane.settled = upTo;
  lane.sent = Math.max(lane.sent, upTo);
  lane.owedSince = now;
}
