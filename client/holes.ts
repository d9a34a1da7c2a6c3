import type { UpOf } from '../schema/protocol/up.ts';
import { NEVER } from './clock.ts';
import type { Timeline } from './timeline.ts';

export interface HolesOptions {
  /** How long a hole may stand before it is asked for, in ms. */
  readonly patience: number;
  /** Entries one pull asks for. */
  readonly limit: number;
}

export interface Hole {
  readonly timeline: Timeline;
  pullAt: number;
  /** In a row that brought nothing. */
  pulls: number;
  /** `last` when it was last asked. */
  asked: number;
  /** The answer to the last pull is complete when `last` has come so far. */
  until: number;
  /** Nothing is known to be missing; the answer will tell. */
  probe: boolean;
}

/** Pulls in a row that bring nothing, until the hole is given up. */
const MAX_PULLS = 8;

/** Where entries are known to be missing, and when to ask for them. Pure: time comes in, frames to send come out. */
export class Holes {
  readonly #options: HolesOptions;
  /** By conversation. */
  readonly open = new Map<string, Hole>();

  constructor(options: HolesOptions) {
    this.#options = options;
  }

  deadline(): number {
    let first = NEVER;
    for (const hole of this.open.values()) first = Math.min(first, hole.pullAt);
    return first;
  }

  /** To be told after every change of `timeline`; `answer`: a batch came, which may answer a pull. */
  watch(timeline: Timeline, now: number, answer: boolean): void {
    const hole = this.open.get(timeline.conversation);
    if (hole && answer) hole.probe = false;
    if (!timeline.behind) {
      if (!hole?.probe) this.open.delete(timeline.conversation);
    } else if (!hole) {
      // A conversation never seen shows nothing until its beginning is there; elsewhere holes mostly close themselves.
      this.#add(timeline, timeline.last === 0 ? now : now + this.#options.patience, false);
    } else if (answer && hole.pulls > 0 && timeline.last >= hole.until) {
      // That page is complete and more is missing. A page may come as several batches, so not before.
      hole.pullAt = now;
    }
  }

  /** Asks whether there is more than `timeline` has. */
  probe(timeline: Timeline, now: number): void {
    if (!this.open.has(timeline.conversation)) this.#add(timeline, now, true);
  }

  /** What to ask for now, and which timelines wait for something that never comes. */
  due(now: number): { readonly frames: UpOf<'pull'>[]; readonly hopeless: Timeline[] } {
    const frames: UpOf<'pull'>[] = [];
    const hopeless: Timeline[] = [];
    const { limit, patience } = this.#options;
    for (const [conversation, hole] of this.open) {
      if (hole.pullAt > now) continue;
      const { last, head } = hole.timeline;
      hole.pulls = last > hole.asked ? 1 : hole.pulls + 1;
      if (hole.pulls > MAX_PULLS) {
        this.open.delete(conversation);
        hopeless.push(hole.timeline);
        continue;
      }
      hole.asked = last;
      hole.until = Math.min(last + limit, head);
      hole.pullAt = now + patience * 2 ** Math.min(hole.pulls, 6);
      frames.push({ type: 'pull', conversation, after: last, limit });
    }
    return { frames, hopeless };
  }

  #add(timeline: Timeline, pullAt: number, probe: boolean): void {
    const { conversation, last } = timeline;
    this.open.set(conversation, { timeline, pullAt, pulls: 0, asked: last, until: last, probe });
  }
}
