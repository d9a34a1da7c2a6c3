import type { UpOf } from '../schema/protocol/up.ts';

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
  #dueAt = Number.POSITIVE_INFINITY;

  /** `gather` in ms. */
  constructor(gather: number) {
    this.#gather = gather;
  }

  applied(conversation: string, last: number, now: number): void {
    const standing = this.#of(conversation);
    if (last <= standing.applied) return;
    standing.applied = last;
    this.#mark(conversation, now);
  }

  /** The service repeats what was applied long ago: our word on it was lost. */
  again(conversation: string, now: number): void {
    const standing = this.#of(conversation);
    if (standing.applied === 0) return;
    standing.sentReceived = 0;
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
    const standing = this.#of(conversation);
    standing.applied = Math.max(standing.applied, delivered);
    standing.sentReceived = Math.max(standing.sentReceived, delivered);
    standing.shown = Math.max(standing.shown, read);
    standing.sentRead = Math.max(standing.sentRead, read);
  }

  deadline(): number {
    return this.#dueAt;
  }

  flush(now: number): (UpOf<'received'> | UpOf<'read'>)[] {
    const frames: (UpOf<'received'> | UpOf<'read'>)[] = [];
    if (now < this.#dueAt) return frames;
    for (const conversation of this.#due) {
      const standing = this.#of(conversation);
      const read = Math.min(standing.shown, standing.applied);
      if (read > standing.sentRead) {
        frames.push({ type: 'read', conversation, seq: read });
        standing.sentRead = read;
        standing.sentReceived = Math.max(standing.sentReceived, read);
        standing.sentAt = now;
      }
      if (standing.applied > standing.sentReceived) {
        frames.push({ type: 'received', conversation, seq: standing.applied });
        standing.sentReceived = standing.applied;
        standing.sentAt = now;
      }
    }
    this.#due.clear();
    this.#dueAt = Number.POSITIVE_INFINITY;
    return frames;
  }

  lost(now: number): void {
    for (const [conversation, standing] of this.#standings) {
      if (standing.sentAt === 0 || now - standing.sentAt > DOUBTFUL_MS) continue;
      standing.sentReceived = 0;
      standing.sentRead = 0;
      standing.sentAt = 0;
      this.#mark(conversation, now);
    }
  }

  #mark(conversation: string, now: number): void {
    this.#due.add(conversation);
    this.#dueAt = Math.min(this.#dueAt, now + this.#gather);
  }

  #of(conversation: string): Standing {
    let standing = this.#standings.get(conversation);
    if (!standing) {
      standing = { applied: 0, shown: 0, sentReceived: 0, sentRead: 0, sentAt: 0 };
      this.#standings.set(conversation, standing);
    }
    return standing;
  }
}
