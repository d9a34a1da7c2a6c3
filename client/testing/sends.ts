import { contentTooLarge } from '../../schema/protocol/content.ts';
import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { Connection } from './connection.ts';
import { notFound } from './conversation.ts';
import type { Op } from './entries.ts';
import type { World } from './world.ts';

/** How long a send waits for the one its device sent before it (P5). */
const HOLD_MS = 2000;

export type Sent =
  | { readonly ok: true; readonly seq: number; readonly at: number; readonly duplicate: boolean }
  | Failure;

interface Held {
  readonly op: Op;
  readonly from: Connection | undefined;
  readonly done: (result: Sent) => void;
}

/** All sends, whatever way they came by. */
export class Sends {
  readonly #world: World;
  /** By user and conversation: what waits for its predecessor. */
  readonly #held = new Map<string, Set<Held>>();

  constructor(world: World) {
    this.#world = world;
  }

  add(
    user: string,
    conversation: string,
    op: Op,
    from: Connection | undefined,
    done: (result: Sent) => void,
  ): void {
    const tooLarge = 'content' in op ? contentTooLarge(op.content, this.#world.limits) : undefined;
    if (tooLarge) return done(tooLarge);
    const isNew = !this.#world.conversations.get(conversation)?.sent(user, op.clientId);
    if (isNew && this.#world.plan.chance('refuse')) return done(this.#refusal());
    const item = { op, from, done };
    if (!this.#try(user, conversation, item)) this.#hold(user, conversation, item);
  }

  #refusal(): Failure {
    return this.#world.random() < 0.5
      ? fail('rate_limited', 'too many sends', 1)
      : fail('unavailable', 'this conversation can not be reached at the moment', 1);
  }

  /** @returns false when it has to wait. */
  #try(user: string, conversation: string, { op, from, done }: Held): boolean {
    this.#world.sender = from;
    const result = this.#world.conversations.get(conversation)?.append(op, user) ?? notFound();
    this.#world.sender = undefined;
    if (result.ok && 'held' in result) return false;
    done(result);
    if (result.ok && !result.duplicate) this.#release(user, conversation);
    return true;
  }

  #release(user: string, conversation: string): void {
    const held = this.#held.get(`${user} ${conversation}`);
    if (!held) return;
    for (const item of [...held]) {
      held.delete(item);
      // Back at the end of what waits: each that is stored releases the next.
      if (!this.#try(user, conversation, item)) held.add(item);
    }
  }

  #hold(user: string, conversation: string, item: Held): void {
    const key = `${user} ${conversation}`;
    const held = this.#held.get(key) ?? new Set();
    this.#held.set(key, held);
    held.add(item);
    this.#world.clock.after(HOLD_MS, () => {
      if (held.delete(item))
        item.done(fail('conflict', 'after: the send named there has not arrived; send both again in order'));
    });
  }
}
