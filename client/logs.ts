import type { Entry } from '../schema/protocol/frames-log.ts';
import type { UpOf } from '../schema/protocol/up.ts';
import { type Added, Timeline, type TimelineEntry, type TimelineOptions } from './timeline.ts';
import type { ResumeState } from './types.ts';

export interface LogsOptions extends TimelineOptions {
  /** How long a gap may stand, in ms. */
  readonly patience: number;
  /** Messages per conversation of a resume and a pull. */
  readonly limit: number;
}

/** Most conversations a `hello` speaks of. */
const MAX_HEADS = 200;
/** Pulls that bring nothing, until the hole is declared a gap. */
const MAX_PULLS = 8;

interface Hole {
  pullAt: number;
  pulls: number;
  /** `last` at the latest pull: whether it brought anything. */
  last: number;
  /** Nothing is known to be missing; the answer will tell. */
  probe: boolean;
}

/**
 * All timelines of a device, and what it must tell to come back: the cursor moves only to what was really applied.
 * Pure: time comes in, frames to send come out.
 */
export class Logs {
  readonly #options: LogsOptions;
  /** Most recently changed last. */
  readonly #timelines = new Map<string, Timeline>();
  readonly #holes = new Map<string, Hole>();
  #cursor: number | undefined;
  /** Highest cursor this connection has brought. */
  #seen = 0;
  #synced = false;
  #askedWithCursor = false;

  constructor(options: LogsOptions, resume?: ResumeState) {
    this.#options = options;
    this.#cursor = resume?.cursor;
    for (const [conversation, head] of Object.entries(resume?.heads ?? {}))
      this.of(conversation).anchor(head);
  }

  of(conversation: string): Timeline {
    let timeline = this.#timelines.get(conversation);
    if (!timeline) {
      timeline = new Timeline(conversation, this.#options);
      this.#timelines.set(conversation, timeline);
    }
    return timeline;
  }

  get resume(): ResumeState {
    const known = [...this.#timelines.values()].filter((timeline) => timeline.anchored);
    return {
      cursor: this.#cursor,
      heads: Object.fromEntries(known.slice(-MAX_HEADS).map((t) => [t.conversation, t.last])),
    };
  }

  hello(): UpOf<'hello'> {
    const { cursor, heads } = this.resume;
    const { limit } = this.#options;
    this.#synced = false;
    this.#askedWithCursor = cursor !== undefined;
    // A brand-new device gets no batches, so what it has is nobody's business.
    return cursor === undefined ? { type: 'hello', limit } : { type: 'hello', cursor, heads, limit };
  }

  /** Entries ascending by `seq`, of a frame (`cursor`), a batch (`gapBefore`, `head`), a page or an own `ack`. */
  add(
    conversation: string,
    entries: readonly Entry[] | readonly TimelineEntry[],
    more: {
      readonly cursor?: number | undefined;
      readonly gapBefore?: number | undefined;
      readonly head?: number | undefined;
    },
    now: number,
  ): Added {
    const timeline = this.of(conversation);
    const added = timeline.add(entries, {
      ...(more.gapBefore === undefined ? {} : { gapBefore: more.gapBefore }),
      ...(more.head === undefined ? {} : { head: more.head }),
    });
    if (added.applied.length > 0) this.#toTheEnd(timeline);
    this.#watch(timeline, now, more.head !== undefined);
    if (more.cursor !== undefined && more.cursor > this.#seen) this.#seen = more.cursor;
    this.#advance();
    return added;
  }

  /** The resume is complete: from here on cursors count. */
  synced(cursor: number, now: number): void {
    this.#synced = true;
    if (cursor > this.#seen) this.#seen = cursor;
    if (!this.#askedWithCursor) this.#checkAll(now);
    this.#advance();
  }

  lost(): void {
    this.#synced = false;
    this.#seen = this.#cursor ?? 0;
  }

  /** The list of conversations says the log goes up to `head`. */
  listed(conversation: string, head: number, now: number): void {
    const timeline = this.of(conversation);
    timeline.anchor(head);
    timeline.noteHead(head);
    this.#watch(timeline, now);
  }

  /** When `pulls` has something to say, at the latest. */
  deadline(): number {
    let first = Number.POSITIVE_INFINITY;
    if (this.#synced) for (const hole of this.#holes.values()) first = Math.min(first, hole.pullAt);
    return first;
  }

  /** Asks for what has been missing too long. What never comes is given up, and answered as `gaps`. */
  pulls(now: number): {
    readonly frames: UpOf<'pull'>[];
    readonly gaps: { readonly conversation: string; readonly added: Added }[];
  } {
    const frames: UpOf<'pull'>[] = [];
    const gaps: { conversation: string; added: Added }[] = [];
    if (!this.#synced) return { frames, gaps };
    for (const [conversation, hole] of this.#holes) {
      if (hole.pullAt > now) continue;
      const timeline = this.of(conversation);
      hole.pulls = timeline.last > hole.last ? 1 : hole.pulls + 1;
      if (hole.pulls > MAX_PULLS) {
        gaps.push({ conversation, added: this.#giveUp(timeline) });
        continue;
      }
      hole.last = timeline.last;
      hole.pullAt = now + this.#options.patience * 2 ** Math.min(hole.pulls, 6);
      frames.push({ type: 'pull', conversation, after: timeline.last, limit: this.#options.limit });
    }
    this.#advance();
    return { frames, gaps };
  }

  /** The service has no such conversation for this user: nothing more will come of it. */
  ended(conversation: string): Added | undefined {
    if (!this.#holes.has(conversation)) return undefined;
    const added = this.#giveUp(this.of(conversation));
    this.#advance();
    return added;
  }

  #giveUp(timeline: Timeline): Added {
    this.#holes.delete(timeline.conversation);
    return timeline.giveUp();
  }

  /** Keeps track of holes: a new one gets time to close by itself, one that a pull made smaller is pulled on at once. */
  #watch(timeline: Timeline, now: number, batch = false): void {
    const { conversation } = timeline;
    const hole = this.#holes.get(conversation);
    if (hole && batch) hole.probe = false;
    if (!timeline.behind) {
      if (!hole?.probe) this.#holes.delete(conversation);
    } else if (!hole) {
      const patience = timeline.entries.length === 0 ? 0 : this.#options.patience;
      this.#holes.set(conversation, { pullAt: now + patience, pulls: 0, last: timeline.last, probe: false });
    } else if (batch && hole.pulls > 0 && timeline.last > hole.last) hole.pullAt = now;
  }

  #toTheEnd(timeline: Timeline): void {
    this.#timelines.delete(timeline.conversation);
    this.#timelines.set(timeline.conversation, timeline);
  }

  /** A hello without a cursor brings no batches, so what is shown already has to be asked after. */
  #checkAll(now: number): void {
    const known = [...this.#timelines.values()].filter((timeline) => timeline.anchored).slice(-MAX_HEADS);
    for (const timeline of known) {
      if (!this.#holes.has(timeline.conversation)) {
        this.#holes.set(timeline.conversation, { pullAt: now, pulls: 0, last: timeline.last, probe: true });
      }
    }
  }

  #advance(): void {
    if (this.#synced && this.#holes.size === 0 && this.#seen > (this.#cursor ?? -1))
      this.#cursor = this.#seen;
  }
}
