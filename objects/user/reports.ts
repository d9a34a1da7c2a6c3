import { errorRow, type Failure, fail } from '../../schema/protocol/errors.ts';
import { steadyClock } from '../shared/steady-clock.ts';
import type { UserHost } from './host.ts';

/** Confirmations are gathered so long before they are reported: one call for many messages, and `read` joins `received`. */
const GATHER_MS = 50;
/** While reports follow each other closely the time doubles up to this: a busy conversation is not reported more often. */
const GATHER_MOST_MS = 500;
/** A pause after which the next report is quick again. */
const CALM_MS = 1_000;
/** Waits between tries of one that fails; the last repeats as long as this object lives. */
const RETRY_MS = [500, 2_000, 8_000];
/** A call without an answer for so long is waited for no more, once the conversation was heard from. */
const HANGS_MS = 5_000;
/** Beyond so many conversations those are forgotten that have nothing to report and had not for `OLD_MS`. */
const KEPT = 1_000;
/** Longer than any call takes: whoever was asked before the last report has answered by then. */
const OLD_MS = 60_000;
/** Conversations with something to report, where none can be reached. */
const MOST = 10_000;
/** Connections that are told when a conversation refuses: as many as a user may have. */
const TOLD = 100;

export interface Marks {
  readonly delivered: number;
  readonly read: number;
}

/** What went with a call to the conversation; `Reports.rode` tells how it ended. */
export interface Ride {
  readonly id: number;
  /** Undefined where they are known there, and only what is settled is not. */
  readonly marks: Marks | undefined;
  readonly settled: number;
}

type Refused = (failure: Failure) => void;

interface Report {
  delivered: number;
  read: number;
  reported: Marks;
  /** What the conversation was told to be settled, in an answered call. */
  settled: number;
  /** The call under way, of its own or an append; 0 for none. */
  call: number;
  /** When the last one began, by the steady clock. */
  calledAt: number;
  /** Cancels the report that is due. */
  timer: (() => void) | undefined;
  failures: number;
  gather: number;
  /** By the steady clock. */
  reportedAt: number;
  /** Somebody was answered without these marks: they are told when the conversation has them. */
  owed: boolean;
  /** Who confirmed and has to hear it when the conversation refuses, by connection. */
  readonly refused: Map<number, Refused>;
}

const newReport = (): Report => ({
  delivered: 0,
  read: 0,
  reported: { delivered: 0, read: 0 },
  settled: 0,
  call: 0,
  calledAt: Number.NEGATIVE_INFINITY,
  timer: undefined,
  failures: 0,
  gather: GATHER_MS,
  reportedAt: Number.NEGATIVE_INFINITY,
  owed: false,
  refused: new Map(),
});

/**
 * What this user's devices have and have seen, reported to each conversation as high-water marks, and what is settled
 * here. One call carries both; either is a reason for it, since with two devices the second one's confirmation moves no
 * mark.
 */
export class Reports {
  /** The one that moved last comes last. */
  readonly #reports = new Map<string, Report>();
  readonly #host: UserHost;
  readonly #steady: () => number;
  readonly #user: string;
  readonly #settled: (conversation: string) => number;
  readonly #late: (conversation: string, marks: Marks) => void;
  #calls = 0;

  constructor(
    host: UserHost,
    user: string,
    settled: (conversation: string) => number,
    late: (conversation: string, marks: Marks) => void = () => {},
  ) {
    this.#host = host;
    this.#steady = steadyClock(() => host.now());
    this.#user = user;
    this.#settled = settled;
    this.#late = late;
  }

  /**
   * @param from the connection that confirms; `refused` tells it when the conversation refuses, once for all it waits for.
   * @returns whether the read mark moved, which the user's other devices want to know.
   */
  add(conversation: string, delivered: number, read: number, from: number, refused: Refused): boolean {
    const r = this.#reports.get(conversation) ?? newReport();
    this.#reports.delete(conversation);
    this.#forget();
    if (this.#reports.size >= MOST) {
      refused(fail('rate_limited', 'too many conversations wait to be told of confirmations', 10));
      return false;
    }
    this.#reports.set(conversation, r);
    const moved = read > r.read;
    r.refused.delete(from);
    r.refused.set(from, refused);
    for (const one of r.refused.keys()) if (r.refused.size > TOLD) r.refused.delete(one);
    r.delivered = Math.max(r.delivered, delivered, read);
    r.read = Math.max(r.read, read);
    this.#schedule(conversation, r);
    return moved;
  }

  /** Looks at two for each that comes, so that it costs nothing and no more than `KEPT` old ones stay for long. */
  #forget(): void {
    const before = this.#steady() - OLD_MS;
    let looks = 2;
    for (const [conversation, r] of this.#reports) {
      if (this.#reports.size < KEPT || looks-- === 0) return;
      this.#reports.delete(conversation);
      const waits = r.timer !== undefined || r.call !== 0 || r.owed || r.reportedAt > before;
      if (waits || this.#isNew(conversation, r)) this.#reports.set(conversation, r);
    }
  }

  marks(conversation: string): Marks | undefined {
    return this.#reports.get(conversation);
  }

  /** The marks that the conversation answered with its `head`, and what of them still waits here. */
  latest(conversation: string, { delivered, read }: Marks, head: number): Marks {
    const r = this.#reports.get(conversation);
    if (!r) return { delivered, read };
    return {
      delivered: Math.max(delivered, Math.min(r.delivered, head)),
      read: Math.max(read, Math.min(r.read, head)),
    };
  }

  /** An answer went out that doesn't know these marks: `late` is called when the conversation does. */
  owe(conversation: string): void {
    const r = this.#reports.get(conversation);
    if (!r) return;
    r.owed = true;
    this.#tellLate(conversation, r);
  }

  #tellLate(conversation: string, r: Report): void {
    if (!r.owed || hasNewMarks(r)) return;
    r.owed = false;
    this.#late(conversation, r.reported);
  }

  /** Reports what waits at once, ahead of a call whose answer should know of it: calls to one object keep their order. */
  now(conversation: string): void {
    const r = this.#reports.get(conversation);
    if (!r?.timer) return;
    cancel(r);
    this.#report(conversation, r);
  }

  /**
   * The conversation called, or answered a call: whatever failed until now will do. At once, and not more often than once a
   * second, since it may be that calls get through one way alone.
   */
  contact(conversation: string): void {
    const r = this.#reports.get(conversation);
    if (!r) return;
    const waited = this.#steady() - r.calledAt;
    if (r.call === 0 ? r.failures === 0 : waited < HANGS_MS) return;
    r.call = 0;
    cancel(r);
    if (waited < CALM_MS) this.#schedule(conversation, r, CALM_MS - waited);
    else this.#report(conversation, r);
  }

  /** What waits, for a call that goes to the conversation anyway; `rode` tells how it ended. */
  ride(conversation: string): Ride | undefined {
    const r = this.#reports.get(conversation);
    if (r?.call !== 0 || !this.#isNew(conversation, r)) return undefined;
    return this.#begin(conversation, r);
  }

  #begin(conversation: string, r: Report): Ride {
    cancel(r);
    r.call = ++this.#calls;
    r.calledAt = this.#steady();
    const marks = hasNewMarks(r) ? { delivered: r.delivered, read: r.read } : undefined;
    return { id: r.call, marks, settled: this.#settled(conversation) };
  }

  /** `head` of the conversation where it arrived; undefined where it did not. */
  rode(conversation: string, ride: Ride, head: number | undefined): void {
    const r = this.#reports.get(conversation);
    if (!r) return;
    if (r.call === ride.id) r.call = 0;
    if (head !== undefined) this.#reported(conversation, r, ride, head);
    this.#schedule(conversation, r);
  }

  #reported(conversation: string, r: Report, ride: Ride, head: number): void {
    const { delivered, read } = ride.marks ?? r.reported;
    r.failures = 0;
    r.reportedAt = this.#steady();
    r.settled = Math.max(r.settled, ride.settled);
    r.reported = {
      delivered: Math.max(r.reported.delivered, Math.min(delivered, head)),
      read: Math.max(r.reported.read, Math.min(read, head)),
    };
    // A mark beyond the log must not stand in the way of the true ones that follow.
    if (r.delivered === delivered) r.delivered = Math.min(r.delivered, Math.max(head, r.reported.delivered));
    if (r.read === read) r.read = Math.min(r.read, Math.max(head, r.reported.read));
    if (!hasNewMarks(r)) r.refused.clear();
    this.#tellLate(conversation, r);
  }

  /**
   * Own sends move what is settled too, beyond what any device confirmed: that is no reason for a call, the next one or the
   * conversation's alarm hears it.
   */
  #isNew(conversation: string, r: Report): boolean {
    return hasNewMarks(r) || Math.min(this.#settled(conversation), r.delivered) > r.settled;
  }

  #schedule(conversation: string, r: Report, wait?: number): void {
    if (r.timer || r.call !== 0 || !this.#isNew(conversation, r)) return;
    const close = this.#steady() - r.reportedAt < CALM_MS;
    r.gather = close ? Math.min(r.gather * 2, GATHER_MOST_MS) : GATHER_MS;
    const again = r.failures > 0 ? (RETRY_MS[r.failures - 1] ?? RETRY_MS.at(-1)) : undefined;
    r.timer = this.#host.timer(wait ?? again ?? r.gather, () => {
      r.timer = undefined;
      this.#report(conversation, r);
    });
  }

  #report(conversation: string, r: Report): void {
    if (r.call !== 0 || !this.#isNew(conversation, r)) return;
    const ride = this.#begin(conversation, r);
    const { delivered, read } = r;
    const call = { user: this.#user, delivered, read, settled: ride.settled };
    this.#host.call(conversation, 'marks', call, (answer) => {
      // Refused meanwhile, in answer to a later call.
      if (this.#reports.get(conversation) !== r) return;
      const waited = r.call === ride.id;
      if (waited) r.call = 0;
      if (answer?.ok) this.#reported(conversation, r, ride, answer.head);
      else if (answer && errorRow(answer.code).retry === 'never')
        return this.#refuse(conversation, r, answer);
      else if (waited) r.failures++;
      this.#schedule(conversation, r);
    });
  }

  #refuse(conversation: string, r: Report, failure: Failure): void {
    cancel(r);
    this.#reports.delete(conversation);
    for (const tell of r.refused.values()) tell(failure);
  }
}

function cancel(r: Report): void {
  r.timer?.();
  r.timer = undefined;
}

/** The user's own marks, for their other devices. */
export function ownReceipt(conversation: string, user: string, { delivered, read }: Marks): string {
  return `{"type":"receipt","conversation":"${conversation}","user":"${user}","delivered":${delivered},"read":${read}}`;
}

function hasNewMarks(r: Report): boolean {
  return r.delivered > r.reported.delivered || r.read > r.reported.read;
}
