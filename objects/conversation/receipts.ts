import { endOf, type Fanout, isUnsettled } from './fanout.ts';
import { advance, decodeMarks, encodeMarks, type Mark, NO_MARK } from './marks.ts';
import type { Members } from './members.ts';
import { Progress } from './progress.ts';
import type { ConversationStore, MemberRow } from './store.ts';

/** In groups a receiver gets at most one gathered update in this time, and the first waits as long for company. */
export const GROUP_RECEIPT_MS = 1000;
const GROUP_FIRST_MS = 300;

interface Waiting {
  readonly n: number;
  readonly delivered: number;
  readonly read: number;
  readonly done: () => void;
}

/**
 * Receipts of all members. A mark is durable before anybody sees it, else a crash could take it back (P6); marks that
 * arrive within a moment share one row, or the commit of the next append.
 */
export class Receipts {
  readonly #store: ConversationStore;
  readonly #members: Members;
  readonly #fanout: Fanout;
  readonly #marks: Map<number, Mark>;
  #waiting: Waiting[] = [];
  #progress: Progress;

  constructor(store: ConversationStore, members: Members, fanout: Fanout) {
    this.#store = store;
    this.#members = members;
    this.#fanout = fanout;
    const { settled, marks, lanes } = store.progress();
    this.#progress = Progress.read(lanes, settled);
    this.#marks = decodeMarks(marks);
  }

  /** What a restart begins from. */
  get progress(): Progress {
    return this.#progress;
  }

  /** Over all members that are settled: how many entries a restart would not know that of, and ask in vain. */
  forgets(head: number): number {
    let entries = 0;
    for (const lane of this.#fanout.lanes) {
      const { away, settled } = this.#progress.of(lane.n);
      if (!isUnsettled(lane, head) && !away) entries += Math.max(0, endOf(lane, head) - settled);
    }
    return entries;
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  of(n: number): Mark {
    return this.#marks.get(n) ?? NO_MARK;
  }

  /** As others see it: frozen while the member blocks them, so that blocking can't be told by the ticks. */
  shown(member: MemberRow): Mark {
    return member.shown ?? this.of(member.n);
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** Writes the row of marks and progress. Part of the caller's transaction. */
  save(head: number): void {
    this.#progress = Progress.of([...this.#fanout.lanes], head);
    const marks = encodeMarks(this.#marks, this.#members.all.length);
    this.#store.putProgress(this.#fanout.watermark(head), marks, this.#progress.text);
  }

  /** Applies what waits. Part of the caller's transaction. @returns what moved, to be shown once it is durable. */
  apply(head: number): { moved: { n: number; from: Mark; to: Mark }[]; done: (() => void)[] } {
    const before = new Map<number, Mark>();
    for (const { n, delivered, read } of this.#waiting) {
      const mark = this.of(n);
      const next = advance(mark, delivered, read, head);
      if (next === mark) continue;
      if (!before.has(n)) before.set(n, mark);
      this.#marks.set(n, next);
    }
    const done = this.#waiting.map((w) => w.done);
    this.#waiting = [];
    if (before.size > 0) this.save(head);
    return { moved: [...before].map(([n, from]) => ({ n, from, to: this.of(n) })), done };
  }

  /** Marks the lanes of those who want to see what moved. @returns when the first of them is due, or undefined. */
  announce(
    moved: readonly { n: number; from: Mark; to: Mark }[],
    direct: boolean,
    now: number,
  ): number | undefined {
    const seen = moved.filter(({ n }) => this.#members.byNumber(n).shown === undefined);
    if (seen.length === 0) return undefined;
    if (direct) {
      // The other member wrote whatever the mark passed.
      for (const { n, to } of seen) this.#owe(this.#members.other(n)?.n, to.delivered, now);
      return now;
    }
    const low = Math.min(...seen.map(({ from }) => from.read));
    const high = Math.max(...seen.map(({ to }) => to.delivered));
    let first: number | undefined;
    for (const { n: sender, seq } of this.#store.sendersIn(low, high)) {
      if (seen.length === 1 && seen[0]?.n === sender) continue;
      const at = this.#owe(sender, seq, now + GROUP_FIRST_MS);
      if (at !== undefined) first = Math.min(first ?? at, at);
    }
    return first;
  }

  /** Member `n` is to see the receipts of their message `seq`, not before `at`. @returns when that is due. */
  #owe(n: number | undefined, seq: number, at: number): number | undefined {
    const lane = n === undefined ? undefined : this.#fanout.lane(n);
    if (!lane?.attached) return undefined;
    if (lane.receipt === 0) lane.receiptAt = Math.max(lane.receiptAt, at);
    lane.receipt = Math.max(lane.receipt, seq);
    return lane.receiptAt;
  }

  /** The marks that every other member has reached, as member `n` may see them; none where there is nobody else. */
  reached(direct: boolean, n: number): Mark {
    if (direct) {
      const other = this.#members.other(n);
      return other ? this.shown(other) : NO_MARK;
    }
    let delivered = Number.MAX_SAFE_INTEGER;
    let read = Number.MAX_SAFE_INTEGER;
    for (const member of this.#members.listed) {
      if (member.n === n) continue;
      const mark = this.shown(member);
      // What was said before somebody joined is not theirs to confirm; else the marks would go back with each new member.
      delivered = Math.min(delivered, Math.max(mark.delivered, member.joined));
      read = Math.min(read, Math.max(mark.read, member.joined));
    }
    return delivered === Number.MAX_SAFE_INTEGER ? NO_MARK : { delivered, read };
  }

  /** What member `n` read in an earlier membership, which their devices that were away then don't know. */
  ownFrames(conversation: string, n: number): string[] {
    const { delivered, read } = this.of(n);
    if (read === 0) return [];
    const { user } = this.#members.byNumber(n);
    return [
      `{"type":"receipt","conversation":"${conversation}","user":"${user}","delivered":${delivered},"read":${read}}`,
    ];
  }

  /** The receipt frames member `n` should have: per member in a direct conversation, gathered counts in a group. */
  frames(conversation: string, direct: boolean, n: number, ownSeq: number): string[] {
    if (direct) {
      const other = this.#members.other(n);
      if (!other) return [];
      const { delivered, read } = this.reached(direct, n);
      if (delivered === 0) return [];
      return [
        `{"type":"receipt","conversation":"${conversation}","user":"${other.user}","delivered":${delivered},"read":${read}}`,
      ];
    }
    const others = this.#members.listed.filter((member) => member.n !== n);
    if (others.length === 0 || ownSeq === 0) return [];
    let deliveredCount = 0;
    let readCount = 0;
    for (const member of others) {
      const mark = this.shown(member);
      if (mark.delivered >= ownSeq) deliveredCount++;
      if (mark.read >= ownSeq) readCount++;
    }
    const { delivered, read } = this.reached(direct, n);
    return [
      `{"type":"receipt","conversation":"${conversation}","delivered":${delivered},"read":${read},"seq":${ownSeq},"deliveredCount":${deliveredCount},"readCount":${readCount}}`,
    ];
  }
}
