import type { Entry } from '../schema/protocol/frames-log.ts';
import { KNOWS } from '../schema/protocol/knows.ts';
import type { UpOf } from '../schema/protocol/up.ts';
import { NEVER } from './clock.ts';
import { held } from './held.ts';
import { Holes, type HolesOptions } from './holes.ts';
import {
  type Added,
  Timeline,
  type TimelineEntry,
  type TimelineOptions,
  type Origin as TimelineOrigin,
} from './timeline.ts';

export type LogsOptions = TimelineOptions & HolesOptions;

/** Where entries came from: a live frame (`cursor`), a batch (`head`, `gapBefore`), a page, or an own `ack` (nothing). */
export interface Origin extends TimelineOrigin {
  readonly cursor?: number | undefined;
}

/** Most conversations a `hello` speaks of. */
const MAX_HEADS = 200;

/**
 * All timelines of a device, and what it must tell to come back: the cursor moves only to what was really applied.
 * Pure: time comes in, frames to send come out.
 */
export class Logs {
  readonly #options: LogsOptions;
  /** Most recently changed last. */
  readonly #timelines = new Map<string, Timeline>();
  readonly #holes: Holes;
  #cursor: number | undefined;
  /** Highest cursor this connection has brought. */
  #seen = 0;
  #synced = false;
  #askedWithCursor = false;

  constructor(options: LogsOptions) {
    this.#options = options;
    this.#holes = new Holes(options);
  }

  /** What an earlier run, or another tab, had when it stopped. */
  restore(cursor: number | undefined, heads: Iterable<readonly [string, number]>): void {
    this.#cursor = cursor;
    this.#seen = cursor ?? 0;
    for (const [conversation, head] of heads) this.of(conversation).anchor(head);
  }

  clear(): void {
    this.#timelines.clear();
    this.#holes.open.clear();
    this.#cursor = undefined;
    this.#seen = 0;
    this.#synced = false;
  }

  /** Another tab is connected: what it passes on is complete. */
  follow(): void {
    this.#synced = true;
  }

  of(conversation: string): Timeline {
    return held(this.#timelines, conversation, () => new Timeline(conversation, this.#options));
  }

  get resume(): { readonly cursor: number | undefined; readonly heads: Readonly<Record<string, number>> } {
    return {
      cursor: this.#cursor,
      heads: Object.fromEntries(this.#recent().map((timeline) => [timeline.conversation, timeline.last])),
    };
  }

  hello(): UpOf<'hello'> {
    const { cursor, heads } = this.resume;
    const { limit } = this.#options;
    this.#synced = false;
    this.#askedWithCursor = cursor !== undefined;
    // A brand-new device gets no batches, so what it has is nobody's business.
    return { type: 'hello', ...(cursor === undefined ? {} : { cursor, heads }), limit, knows: KNOWS };
  }

  /** Entries ascending by `seq`. */
  add(
    conversation: string,
    entries: readonly Entry[] | readonly TimelineEntry[],
    { cursor, ...origin }: Origin,
    now: number,
  ): Added {
    const timeline = this.of(conversation);
    const added = timeline.add(entries, origin);
    if (added.applied.length > 0) {
      this.#timelines.delete(conversation);
      this.#timelines.set(conversation, timeline);
    }
    this.#holes.watch(timeline, now, origin.head !== undefined);
    this.saw(cursor);
    return added;
  }

  /** The resume is complete: from here on cursors count. */
  synced(cursor: number, now: number): void {
    this.#synced = true;
    // A hello without a cursor brings no batches, so what is known already has to be asked after.
    if (!this.#askedWithCursor) for (const timeline of this.#recent()) this.#holes.probe(timeline, now);
    this.saw(cursor);
  }

  /** A frame that belongs to no log came with this cursor. */
  saw(cursor = 0): void {
    this.#seen = Math.max(this.#seen, cursor);
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
    this.#holes.watch(timeline, now, false);
  }

  /** When `pulls` has something to say, at the latest. */
  deadline(): number {
    return this.#synced ? this.#holes.deadline() : NEVER;
  }

  /** Asks for what has been missing too long. What never comes is given up, and answered as `gaps`. */
  pulls(now: number): {
    readonly frames: UpOf<'pull'>[];
    readonly gaps: { readonly conversation: string; readonly added: Added }[];
  } {
    if (!this.#synced) return { frames: [], gaps: [] };
    const { frames, hopeless } = this.#holes.due(now);
    const gaps = hopeless.map((timeline) => ({
      conversation: timeline.conversation,
      added: timeline.giveUp(),
    }));
    this.#advance();
    return { frames, gaps };
  }

  /** The service has no such conversation for this user: nothing more will come of it. */
  ended(conversation: string): Added | undefined {
    if (!this.#holes.open.delete(conversation)) return undefined;
    const added = this.of(conversation).giveUp();
    this.#advance();
    return added;
  }

  #recent(): Timeline[] {
    return [...this.#timelines.values()].filter((timeline) => timeline.anchored).slice(-MAX_HEADS);
  }

  #advance(): void {
    if (this.#synced && this.#holes.open.size === 0 && this.#seen > (this.#cursor ?? -1))
      this.#cursor = this.#seen;
  }
}
