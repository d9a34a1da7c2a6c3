/** Conversations of which one connection remembers what it was told: overtaking is a matter of seconds. */
const REMEMBERED = 64;

/** What a receipt is about (a conversation, in a direct one also whose marks), and the marks. */
const MARKS = /^(.*?),"delivered":(\d+),"read":(\d+)/;

interface Marks {
  readonly delivered: number;
  readonly read: number;
}

/**
 * The receipts one connection was told last. What a conversation answers to a resume and what it tells by itself are
 * calls that overtake each other under load. A mark never goes back for who is told of it (P6).
 */
export class ShownReceipts {
  readonly #told = new Map<string, Marks>();

  /** Whether this frame may go out: not when one with higher marks did. */
  passes(frame: string): boolean {
    const [, about, delivered, read] = MARKS.exec(frame) ?? [];
    if (about === undefined) return true;
    const marks = { delivered: Number(delivered), read: Number(read) };
    const before = this.#told.get(about);
    if (before && (marks.delivered < before.delivered || marks.read < before.read)) return false;
    this.#remember(about, marks);
    return true;
  }

  /**
   * One's own marks, told to one's other devices: what one device says and what the conversation answers may each be
   * ahead in one of the two. @returns the frame with each mark as high as it was told already.
   */
  forward(frame: string): string {
    const [whole = '', about, delivered, read] = MARKS.exec(frame) ?? [];
    if (about === undefined) return frame;
    const before = this.#told.get(about) ?? { delivered: 0, read: 0 };
    const marks = {
      delivered: Math.max(before.delivered, Number(delivered)),
      read: Math.max(before.read, Number(read)),
    };
    this.#remember(about, marks);
    return `${about},"delivered":${marks.delivered},"read":${marks.read}${frame.slice(whole.length)}`;
  }

  #remember(about: string, marks: Marks): void {
    // The newest is at the end.
    this.#told.delete(about);
    this.#told.set(about, marks);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(oldest);
    }
  }
}
