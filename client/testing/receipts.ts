import type { DownOf } from '../../schema/protocol/down.ts';
import type { Conversation } from './conversation.ts';
import { type Mark, type Member, shownMark } from './members.ts';
import type { World } from './world.ts';

/** In groups a receiver gets at most one gathered update in this time, and the first waits for company. */
const GROUP_MS = 1000;
const GROUP_FIRST_MS = 300;

/** What `user` may know of the others' marks; `seq`: a message of their own, for a group. */
export function receiptFor(
  conversation: Conversation,
  user: string,
  seq: number,
): DownOf<'receipt'> | undefined {
  const head = { type: 'receipt', conversation: conversation.id } as const;
  if (conversation.direct) {
    const other = conversation.other(user);
    const mark = other && shownMark(other);
    return other && mark && mark.delivered > 0 ? { ...head, user: other.user, ...mark } : undefined;
  }
  const others = conversation.listed.filter((member) => member.user !== user);
  if (others.length === 0 || seq === 0) return undefined;
  const have = (kind: keyof Mark): number => others.filter((member) => shownMark(member)[kind] >= seq).length;
  return {
    ...head,
    ...conversation.reached(user),
    seq,
    deliveredCount: have('delivered'),
    readCount: have('read'),
  };
}

interface Owed {
  seq: number;
  /** Not before. */
  at: number;
  waiting: boolean;
}

/** Tells senders how far their messages came: at once in direct conversations, gathered in groups. */
export class Receipts {
  readonly #world: World;
  /** By conversation and sender. */
  readonly #owed = new Map<string, Owed>();

  constructor(world: World) {
    this.#world = world;
  }

  moved(conversation: Conversation, member: Member, from: Mark): void {
    if (member.frozen) return;
    if (conversation.direct) {
      const other = conversation.other(member.user);
      if (other) this.#tell(conversation, other.user, 0);
      return;
    }
    for (const [user, seq] of sendersIn(conversation, from.read, member.mark.delivered))
      if (user !== member.user) this.#owe(conversation, user, seq);
  }

  #owe(conversation: Conversation, user: string, seq: number): void {
    const { clock } = this.#world;
    const key = `${conversation.id} ${user}`;
    const owed = this.#owed.get(key) ?? { seq: 0, at: 0, waiting: false };
    this.#owed.set(key, owed);
    owed.seq = Math.max(owed.seq, seq);
    if (owed.waiting) return;
    owed.waiting = true;
    const due = Math.max(owed.at, clock.now() + GROUP_FIRST_MS);
    clock.after(due - clock.now(), () => {
      owed.waiting = false;
      owed.at = clock.now() + GROUP_MS;
      this.#tell(conversation, user, owed.seq);
    });
  }

  #tell(conversation: Conversation, user: string, seq: number): void {
    if (!conversation.active(user)) return;
    const frame = receiptFor(conversation, user, seq);
    if (frame) this.#world.mailbox(user).receipt(conversation.id, frame);
  }
}

/** The newest entry above `low` and up to `high` of each who wrote there. */
function sendersIn(conversation: Conversation, low: number, high: number): Map<string, number> {
  const senders = new Map<string, number>();
  for (let seq = low + 1; seq <= high; seq++) {
    const by = conversation.stored(seq)?.by;
    if (by !== undefined) senders.set(by, seq);
  }
  return senders;
}
