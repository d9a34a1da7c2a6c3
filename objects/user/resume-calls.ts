import type { UserHost } from './host.ts';

/** Calls under way at a time. */
const PARALLEL = 16;
/** And with those that hang, which take nobody's place among the others. */
const MOST = 256;
/**
 * A call that was open at so many looks hangs: after 1.4 to 1.8 s. Looks are counted and not the time, so that neither a
 * clock that steps nor a machine that stood still makes a call hang.
 */
const LOOKS = 4;
const LOOK_MS = 450;
/** Waits between tries of a conversation that fails. */
const RETRY_MS = [1_000, 4_000, 16_000];
const RETRY_MOST_MS = 60_000;
/** A reader that has enough and confirms nothing of it for so long takes nothing any more. */
const PATIENCE_MS = 30_000;

interface Try<J> {
  readonly job: J;
  tries: number;
}

export interface ResumeEvents<J> {
  /** Asks one conversation; `done` may run at once. */
  ask(job: J, done: (ok: boolean) => void): void;
  /** The reader has enough for now; `pump` goes on when it has confirmed something. */
  full(): boolean;
  /** It confirms nothing. Without this a resume that waits would end with the memory of the object, and nobody would know. */
  stuck(): void;
  /** A conversation fails or hangs, and nobody should wait for it. Once; whatever it has follows. */
  owing(): void;
  /** Every conversation has answered. */
  finished(): void;
}

/**
 * The calls of one resume: so many at a time, and each until it is answered. Nothing runs when all are answered or when it
 * was stopped: timers keep the object awake.
 */
export class ResumeCalls<J> {
  readonly #host: Pick<UserHost, 'timer'>;
  readonly #events: ResumeEvents<J>;
  /** From `#next` on they wait for their turn. */
  #queue: Try<J>[];
  #next = 0;
  #failed: Try<J>[] = [];
  /** How often each open call was looked at; one that hangs is not among them. */
  readonly #open = new Map<Try<J>, number>();
  #hanging = 0;
  /** Conversations without an answer. */
  #left: number;
  #owing = false;
  #pumping = false;
  #over = false;
  /** Cancel the next look, the next round of tries, and the end of patience with the reader. */
  #look: (() => void) | undefined;
  #retry: (() => void) | undefined;
  #patience: (() => void) | undefined;

  constructor(host: Pick<UserHost, 'timer'>, jobs: readonly J[], events: ResumeEvents<J>) {
    this.#host = host;
    this.#events = events;
    this.#queue = jobs.map((job) => ({ job, tries: 0 }));
    this.#left = jobs.length;
  }

  /** Starts the calls there is room for. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#hasRoom()) this.#ask(this.#queue[this.#next++] as Try<J>);
    this.#pumping = false;
    if (this.#over) return;
    this.#patience?.();
    const waits = this.#next < this.#queue.length && this.#events.full();
    this.#patience = waits ? this.#host.timer(PATIENCE_MS, () => this.#events.stuck()) : undefined;
    if (this.#open.size > 0) return this.#watch();
    this.#look?.();
    this.#look = undefined;
    if (this.#left === 0) {
      this.stop();
      this.#events.finished();
    } else if (this.#next === this.#queue.length && this.#failed.length > 0) {
      this.#tellOwing();
      this.#again();
    }
  }

  #hasRoom(): boolean {
    return (
      !this.#over &&
      this.#next < this.#queue.length &&
      this.#open.size < PARALLEL &&
      this.#open.size + this.#hanging < MOST &&
      !this.#events.full()
    );
  }

  stop(): void {
    this.#over = true;
    this.#look?.();
    this.#retry?.();
    this.#patience?.();
  }

  #ask(one: Try<J>): void {
    this.#open.set(one, 0);
    this.#events.ask(one.job, (ok) => {
      if (!this.#open.delete(one)) this.#hanging--;
      if (ok) this.#left--;
      else this.#failed.push(one);
      this.pump();
    });
  }

  #watch(): void {
    this.#look ??= this.#host.timer(LOOK_MS, () => {
      this.#look = undefined;
      for (const [one, looks] of this.#open) {
        if (looks + 1 < LOOKS) this.#open.set(one, looks + 1);
        else if (this.#open.delete(one)) this.#hanging++;
      }
      if (this.#hanging > 0) this.#tellOwing();
      this.pump();
    });
  }

  #tellOwing(): void {
    if (this.#owing) return;
    this.#owing = true;
    this.#events.owing();
  }

  /** All that failed go again together, when the first of them may. */
  #again(): void {
    const least = Math.min(...this.#failed.map((one) => one.tries));
    this.#retry ??= this.#host.timer(RETRY_MS[least] ?? RETRY_MOST_MS, () => {
      this.#retry = undefined;
      for (const one of this.#failed) one.tries++;
      this.#queue = this.#failed;
      this.#next = 0;
      this.#failed = [];
      this.pump();
    });
  }
}
