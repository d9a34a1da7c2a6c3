import type { UpOf } from '../schema/protocol/up.ts';
import { NEVER } from './clock.ts';
import { held } from './held.ts';
import { Pacer } from './pacer.ts';

interface Standing {
  /** Applied without a break up to here. */
  applied: number;
  /** The app showed it up to here; may be ahead of `applied`. */
  shown: number;
  sentReceived: number;
  sentRead: number;
  /** When either was last sent. */
  sentAt: number;
}

type Mark = Exclude<keyof Standing, 'sentAt'>;

/** Marks sent this short before the socket died may not have arrived; saying them again costs nothing. */
const DOUBTFUL_MS = 60_000;

/**
 * What this device has to confirm: one frame per conversation for everything of a short while, never above what was
 * applied. `read` implies `received`. Pure: time comes in, frames to send come out.
 */
export class Confirmations {
  readonly #gather: number;
  readonly #standings = new Map<string, Standing>();
  readonly #due = new Set<string>();
  #dueAt = NEVER;
  readonly pacer = new Pacer();

  /** `gather` in ms. */
  constructor(gather: number) {
    this.#gather = gather;
  }

  /** `quiet`: what was applied needs no word of its own; the next confirmation covers it. */
  applied(conversation: string, last: number, now: number, quiet = false): void {
    const standing = this.#of(conversation);
    if (last <= standing.applied) return;
    const upToDate = standing.sentReceived >= standing.applied;
    standing.applied = last;
    if (quiet) {
      if (upToDate) standing.sentReceived = last;
      return;
    }
    this.#mark(conversation, now);
  }

  /** The service repeats what was applied long ago: our word on it was lost. */
  again(conversation: string, now: number): void {
    const standing = this.#of(conversation);
    if (standing.applied === 0) return;
    standing.sentReceived = 0;
    this.#mark(conversation, now);
  }

  /** From an earlier run that may not have said so. */
  unsure(conversation: string, applied: number, shown: number, now: number): void {
    const standing = this.#raised(conversation, { applied, shown });
    standing.sentReceived = 0;
    standing.sentRead = 0;
    this.#mark(conversation, now);
  }

  shown(conversation: string, seq: number, now: number): void {
    const standing = this.#of(conversation);
    if (seq <= standing.shown) return;
    standing.shown = seq;
    this.#mark(conversation, now);
  }

  /** What was there before this client: nothing to confirm up to these marks. */
  known(conversation: string, delivered: number, read: number): void {
    this.#raised(conversation, { applied: delivered, sentReceived: delivered, shown: read, sentRead: read });
  }

  /** Another device of the user read up to here. What this one has, it still confirms itself. */
  readElsewhere(conversation: string, read: number): void {
    this.#raised(conversation, { shown: read, sentRead: read });
  }

  clear(): void {
    this.#standings.clear();
    this.#due.clear();
    this.#dueAt = NEVER;
  }

  deadline(): number {
    return this.#dueAt;
  }

  flush(now: number): (UpOf<'received'> | UpOf<'read'>)[] {
    const frames: (UpOf<'received'> | UpOf<'read'>)[] = [];
    if (now < this.#dueAt) return frames;
    for (const conversation of this.#due) {
      if (!this.pacer.take(now)) {
        this.#dueAt = this.pacer.next(now);
        return frames;
      }
      this.#due.delete(conversation);
      frames.push(...this.#say(conversation, now));
    }
    this.#dueAt = NEVER;
    return frames;
  }

  #say(conversation: string, now: number): (UpOf<'received'> | UpOf<'read'>)[] {
    const standing = this.#of(conversation);
    const frames: (UpOf<'received'> | UpOf<'read'>)[] = [];
    const read = Math.min(standing.shown, standing.applied);
    if (read > standing.sentRead) {
      frames.push({ type: 'read', conversation, seq: read });
      standing.sentRead = read;
      standing.sentReceived = Math.max(standing.sentReceived, read);
    }
    if (standing.applied > standing.sentReceived) {
      frames.push({ type: 'received', conversation, seq: standing.applied });
      standing.sentReceived = standing.applied;
    }
    if (frames.length > 0) standing.sentAt = now;
    return frames;
  }

  /** Conversations whose confirmation may not have arrived, if everything ended now. */
  doubtful(now: number): string[] {
    return [...new Set([...this.#due, ...this.#lately(now).map(([conversation]) => conversation)])];
  }

  /** The socket is gone, or frames were refused: what was said lately is said again, after `wait` ms. */
  lost(now: number, wait = 0): void {
    for (const [conversation, standing] of this.#lately(now)) {
      standing.sentReceived = 0;
      standing.sentRead = 0;
      standing.sentAt = NEVER;
      this.#mark(conversation, now);
    }
    if (wait > 0 && this.#due.size > 0) this.#dueAt = now + wait;
  }

  #lately(now: number) {
    return [...this.#standings].filter(([, { sentAt }]) => Math.abs(now - sentAt) <= DOUBTFUL_MS);
  }

  #mark(conversation: string, now: number): void {
    this.#due.add(conversation);
    this.#dueAt = Math.min(this.#dueAt, now + this.#gather);
  }

  #raised(conversation: string, to: Partial<Record<Mark, number>>): Standing {
    const standing = this.#of(conversation);
    for (const mark of Object.keys(to) as Mark[]) standing[mark] = Math.max(standing[mark], to[mark] ?? 0);
    return standing;
  }

  #of(conversation: string): Standing {
    return held(this.#standings, conversation, () => ({
      applied: 0,
      shown: 0,
      sentReceived: 0,
      sentRead: 0,
      sentAt: NEVER,
    }));
  }
}
