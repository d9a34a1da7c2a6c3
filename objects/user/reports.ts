import type { UserHost } from './host.ts';

/** Confirmations are gathered so long before they are reported: one call for many messages, and `read` joins `received`. */
const GATHER_MS = 50;
/** While reports follow each other closely the time doubles up to this: a busy conversation is not reported more often. */
const GATHER_MOST_MS = 500;
/** A pause after which the next report is quick again. */
const CALM_MS = 1_000;
const RETRY_MS = [500, 2_000, 8_000];

export interface Marks {
  readonly delivered: number;
  readonly read: number;
}

interface Report {
  delivered: number;
  read: number;
  reported: Marks;
  /** Under way, in a call of their own or with an append. */
  busy: boolean;
  /** Cancels the report that is due. */
  timer: (() => void) | undefined;
  failures: number;
  gather: number;
  reportedAt: number;
  /** Somebody was answered without these marks: they are told when the conversation has them. */
  owed: boolean;
  refused: () => void;
}

/** What this user's devices have and have seen, reported to each conversation as high-water marks. */
export class Reports {
  readonly #reports = new Map<string, Report>();
  readonly #host: UserHost;
  readonly #user: string;
  readonly #settled: (conversation: string) => number;
  readonly #late: (conversation: string, marks: Marks) => void;

  constructor(
    host: UserHost,
    user: string,
    settled: (conversation: string) => number,
    late: (conversation: string, marks: Marks) => void = () => {},
  ) {
    this.#host = host;
    this.#user = user;
    this.#settled = settled;
    this.#late = late;
  }

  /** @returns whether the read mark moved, which the user's other devices want to know. */
  add(conversation: string, delivered: number, read: number, refused: () => void): boolean {
    let r = this.#reports.get(conversation);
    if (!r) {
      r = {
        delivered: 0,
        read: 0,
        reported: { delivered: 0, read: 0 },
        busy: false,
        timer: undefined,
        failures: 0,
        gather: GATHER_MS,
        reportedAt: 0,
        owed: false,
        refused,
      };
      this.#reports.set(conversation, r);
    }
    const moved = read > r.read;
    r.refused = refused;
    r.delivered = Math.max(r.delivered, delivered, read);
    r.read = Math.max(r.read, read);
    this.#schedule(conversation, r);
    return moved;
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
    if (!r.owed || isNew(r)) return;
    r.owed = false;
    this.#late(conversation, r.reported);
  }

  /** Reports what waits at once, ahead of a call whose answer should know of it: calls to one object keep their order. */
  now(conversation: string): void {
    const r = this.#reports.get(conversation);
    if (!r?.timer) return;
    r.timer();
    r.timer = undefined;
    this.#report(conversation, r);
  }

  /** Marks that wait, for a call that goes to the conversation anyway; `rode` tells how it ended. */
  ride(conversation: string): Marks | undefined {
    const r = this.#reports.get(conversation);
    if (!r || r.busy || !isNew(r)) return undefined;
    r.busy = true;
    r.timer?.();
    r.timer = undefined;
    return { delivered: r.delivered, read: r.read };
  }

  /** `head` of the conversation where the marks arrived; undefined where they did not. */
  rode(conversation: string, marks: Marks, head: number | undefined): void {
    const r = this.#reports.get(conversation);
    if (!r) return;
    r.busy = false;
    if (head !== undefined) this.#reported(r, marks, head);
    this.#tellLate(conversation, r);
    this.#schedule(conversation, r);
  }

  #reported(r: Report, marks: Marks, head: number): void {
    r.failures = 0;
    r.reportedAt = this.#host.now();
    r.reported = {
      delivered: Math.max(r.reported.delivered, Math.min(marks.delivered, head)),
      read: Math.max(r.reported.read, Math.min(marks.read, head)),
    };
    // A mark beyond the log must not stand in the way of the true ones that follow.
    if (r.delivered === marks.delivered)
      r.delivered = Math.min(r.delivered, Math.max(head, r.reported.delivered));
    if (r.read === marks.read) r.read = Math.min(r.read, Math.max(head, r.reported.read));
  }

  #schedule(conversation: string, r: Report, wait?: number): void {
    if (r.timer || r.busy || !isNew(r)) return;
    const close = this.#host.now() - r.reportedAt < CALM_MS;
    r.gather = close ? Math.min(r.gather * 2, GATHER_MOST_MS) : GATHER_MS;
    r.timer = this.#host.timer(wait ?? r.gather, () => {
      r.timer = undefined;
      this.#report(conversation, r);
    });
  }

  #report(conversation: string, r: Report): void {
    if (r.busy || !isNew(r)) return;
    r.busy = true;
    const marks = { delivered: r.delivered, read: r.read };
    const call = { user: this.#user, ...marks, settled: this.#settled(conversation) };
    this.#host.call(conversation, 'marks', call, (answer) => {
      r.busy = false;
      if (!answer) {
        const again = RETRY_MS[r.failures++];
        // Given up here, the next confirmation carries it: marks are high-water.
        if (again !== undefined) this.#schedule(conversation, r, again);
      } else if (answer.ok) {
        this.#reported(r, marks, answer.head);
        this.#tellLate(conversation, r);
        this.#schedule(conversation, r);
      } else {
        this.#reports.delete(conversation);
        r.refused();
      }
    });
  }
}

/** The user's own marks, for their other devices. */
export function ownReceipt(conversation: string, user: string, { delivered, read }: Marks): string {
  return `{"type":"receipt","conversation":"${conversation}","user":"${user}","delivered":${delivered},"read":${read}}`;
}

function isNew(r: Report): boolean {
  return r.delivered > r.reported.delivered || r.read > r.reported.read;
}
