import type { DownOf } from '../schema/protocol/down.ts';
import type { UpOf } from '../schema/protocol/up.ts';
import { fullJitter, RETRY } from './backoff.ts';
import { RETRY_CODES } from './error-codes.ts';
import { ParleyError } from './errors.ts';
import { Pacer } from './pacer.ts';

/** A change on its way: the frame without `after`, which depends on what else is on its way. */
export type Op = Omit<UpOf<'send'>, 'after'> | UpOf<'edit'> | UpOf<'delete'> | UpOf<'react'>;
export type OpFrame = UpOf<'send'> | UpOf<'edit'> | UpOf<'delete'> | UpOf<'react'>;

export interface OutboxOptions {
  /** Operations that may wait for an answer at once. */
  readonly window: number;
  readonly random: () => number;
}

/** An operation without a final answer, and how it stands. */
export interface Waiting {
  readonly op: Op;
  /** Sorts as it was said, over all tabs and restarts. */
  readonly order: string;
  /** When it was said, by this machine's clock. */
  readonly at: number;
  /** The service may have it. */
  readonly tried: boolean;
  readonly state: 'queued' | 'sending' | ParleyError;
}

interface Item {
  readonly op: Op;
  readonly order: string;
  readonly at: number;
  /** Undefined: has to be sent (again). */
  sentAt: number | undefined;
  /** The predecessor named when it was sent. */
  after: string | undefined;
  tries: number;
}

interface Lane {
  /** In order; what is under way comes before what waits. */
  items: Item[];
  pausedUntil: number;
}

/** No answer for this long: ask again under the same `clientId`; doubled each time. */
const SILENCE_MS = 30_000;
/** An internal error is final after so many tries. */
const MAX_TRIES = 8;

/**
 * What this device has to say, kept until there is an answer: the same `clientId` on every retry (P3), in order within
 * a conversation (P5), a bounded number under way. Pure: time comes in, frames to send come out.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #items = new Map<string, Item>();
  /** What was refused for good, until the person tries it again or drops it. */
  readonly #failed = new Map<string, Waiting & { readonly state: ParleyError }>();
  /** Conversations with anything to say; the one that spoke last comes last, so that all get their turn. */
  readonly #lanes = new Map<string, Lane>();
  readonly pacer = new Pacer();
  #underWay = 0;
  #pausedUntil = 0;
  /** The highest number in an order. */
  #latest = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * `tried`: the service may have it already. `order`: where the tab or run that said it has put it. False: it is known
   * here and waits.
   */
  add(op: Op, at = 0, tried = false, order = this.orderOf(op, at)): boolean {
    this.#latest = Math.max(this.#latest, Number.parseInt(order, 36) || 0);
    if (this.#items.has(op.clientId)) {
      if (tried) this.tried(op.clientId);
      return false;
    }
    this.#failed.delete(op.clientId);
    const item: Item = { op, order, at, sentAt: undefined, after: undefined, tries: tried ? 1 : 0 };
    this.#items.set(op.clientId, item);
    const lane = this.#lanes.get(op.conversation);
    if (!lane) this.#lanes.set(op.conversation, { items: [item], pausedUntil: 0 });
    else {
      // What the service may have heard of stays where it is: it may hold back something to come after that.
      const before = lane.items.findLastIndex((other) => other.tries > 0 || other.order <= order);
      lane.items.splice(before + 1, 0, item);
    }
    return true;
  }

  /** Puts what is said at `at` behind everything that is known here, whatever the clocks say. */
  orderOf({ clientId }: Op, at: number): string {
    this.#latest = Math.max(this.#latest + 1, Math.floor(at));
    return `${this.#latest.toString(36).padStart(9, '0')} ${clientId}`;
  }

  /** What waits in a conversation and what failed there, in order. */
  waiting(conversation: string): readonly Waiting[] {
    const lane = this.#lanes.get(conversation)?.items ?? [];
    const failed = [...this.#failed.values()].filter(({ op }) => op.conversation === conversation);
    if (failed.length === 0) return lane.map(standing);
    return [...failed, ...lane.map(standing)].sort(byOrder);
  }

  /** How an operation stands; undefined when it was answered, or is not known here. */
  standing(clientId: string): Waiting | undefined {
    const item = this.#items.get(clientId);
    return item ? standing(item) : this.#failed.get(clientId);
  }

  /** Refused for good. `at` and `order` are for what isn't known here. */
  fail(op: Op, state: ParleyError, at: number, order = this.orderOf(op, at)): void {
    const known = this.standing(op.clientId);
    this.done(op.clientId);
    this.#failed.set(op.clientId, { op, order, at, ...known, tried: true, state });
  }

  /** Another tab has sent it. */
  tried(clientId: string): void {
    const item = this.#items.get(clientId);
    if (item) item.tries ||= 1;
  }

  /** Puts what waits into the order in which it was said. Nothing may be under way. */
  sort(): void {
    for (const { items } of this.#lanes.values()) items.sort(byOrder);
  }

  /** Takes out what failed or was never sent. Undefined: it may be stored already. */
  cancel(clientId: string): Op | undefined {
    const item = this.#items.get(clientId);
    if (item && item.tries > 0) return undefined;
    const op = item?.op ?? this.#failed.get(clientId)?.op;
    this.#failed.delete(clientId);
    this.done(clientId);
    return op;
  }

  /** Every operation without an answer. */
  all(): readonly Waiting[] {
    return [...this.#items.values()].map(standing);
  }

  /** Drops what was said before `since`. */
  clear(since: number): void {
    for (const { op, at } of [...this.#items.values(), ...this.#failed.values()])
      if (at < since) this.done(op.clientId);
  }

  get(clientId: string): Op | undefined {
    return this.#items.get(clientId)?.op;
  }

  /** What to write to the socket now. */
  flush(now: number): OpFrame[] {
    const frames: OpFrame[] = [];
    this.#askAgain(now);
    if (now < this.#pausedUntil) return frames;
    for (const [conversation, lane] of [...this.#lanes]) {
      if (now < lane.pausedUntil) continue;
      const before = frames.length;
      for (const [index, item] of lane.items.entries()) {
        if (item.sentAt !== undefined) continue;
        if (this.#underWay >= this.#options.window || !this.pacer.take(now)) return frames;
        frames.push(this.#send(lane, index, item, now));
      }
      if (frames.length > before) {
        this.#lanes.delete(conversation);
        this.#lanes.set(conversation, lane);
      }
    }
    return frames;
  }

  /** Answered: takes the operation out. Undefined: was answered before. */
  done(clientId: string): Op | undefined {
    this.#failed.delete(clientId);
    const item = this.#items.get(clientId);
    if (!item) return undefined;
    this.#remove(item);
    return item.op;
  }

  /** An `error` frame with our `clientId`. The operation when it failed for good; undefined while it is tried again. */
  refused(error: DownOf<'error'>, now: number): Op | undefined {
    const item = error.clientId === undefined ? undefined : this.#items.get(error.clientId);
    if (!item) return undefined;
    const lane = this.#lanes.get(item.op.conversation);
    if (!lane) return undefined;
    const wait = this.#wait(item, error);
    if (wait === undefined) {
      const more = error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter };
      this.fail(item.op, new ParleyError(error.code, error.detail, more), item.at);
      this.#again(lane, (next) => next.after === item.op.clientId);
      return item.op;
    }
    this.#again(lane, (next) => next === item);
    if (error.code === 'rate_limited') this.#pausedUntil = Math.max(this.#pausedUntil, now + wait);
    else lane.pausedUntil = Math.max(lane.pausedUntil, now + wait);
    return undefined;
  }

  /** The socket is gone: everything without an answer has to be said again. */
  lost(): void {
    for (const item of this.#items.values()) item.sentAt = undefined;
    this.#underWay = 0;
    this.#pausedUntil = 0;
    for (const lane of this.#lanes.values()) lane.pausedUntil = 0;
  }

  /** When `flush` has something to do that no answer will trigger. */
  deadline(now: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      const head = lane.items[0];
      if (head?.sentAt !== undefined) first = Math.min(first, head.sentAt + silence(head));
      const waits = lane.items.at(-1)?.sentAt === undefined && this.#underWay < this.#options.window;
      if (waits) first = Math.min(first, Math.max(this.#pausedUntil, lane.pausedUntil, this.pacer.next(now)));
    }
    return first;
  }

  #send(lane: Lane, index: number, item: Item, now: number): OpFrame {
    item.sentAt = now;
    item.tries += 1;
    this.#underWay += 1;
    if (item.op.type !== 'send') return item.op;
    // What was acknowledged is stored: only a predecessor still under way has to be named.
    item.after = lane.items.slice(0, index).findLast((before) => before.op.type === 'send')?.op.clientId;
    return item.after === undefined ? item.op : { ...item.op, after: item.after };
  }

  #remove(item: Item): void {
    this.#items.delete(item.op.clientId);
    if (item.sentAt !== undefined) this.#underWay -= 1;
    const lane = this.#lanes.get(item.op.conversation);
    if (!lane) return;
    const at = lane.items.indexOf(item);
    if (at >= 0) lane.items.splice(at, 1);
    if (lane.items.length === 0) this.#lanes.delete(item.op.conversation);
  }

  /** Sends again from the first that matches: what follows it was ordered behind it. */
  #again(lane: Lane, matches: (item: Item) => boolean): void {
    const from = lane.items.findIndex(matches);
    if (from < 0) return;
    for (const item of lane.items.slice(from)) {
      if (item.sentAt !== undefined) this.#underWay -= 1;
      item.sentAt = undefined;
    }
  }

  /** How long to wait before the next try, in ms; undefined: there is none. */
  #wait(item: Item, error: DownOf<'error'>): number | undefined {
    const given = (error.retryAfter ?? 0) * 1000;
    const jitter = fullJitter(item.tries, this.#options.random, RETRY);
    // Its predecessor was not stored. Either that is tried again too, or the next try names another or none.
    if (error.code === 'conflict' && item.after !== undefined) return jitter;
    if (error.code === 'internal' && item.tries >= MAX_TRIES) return undefined;
    const how = RETRY_CODES[error.code as keyof typeof RETRY_CODES] as
      | 'token'
      | 'after'
      | 'backoff'
      | undefined;
    switch (how) {
      case undefined:
        return undefined;
      case 'token':
        return Math.max(given, SILENCE_MS);
      case 'after':
        return given + (given > 0 ? this.#options.random() * 200 : jitter);
      case 'backoff':
        return given + jitter;
    }
  }

  #askAgain(now: number): void {
    for (const lane of this.#lanes.values()) {
      const head = lane.items[0];
      if (head?.sentAt !== undefined && now >= head.sentAt + silence(head))
        this.#again(lane, (item) => item === head);
    }
  }
}

const byOrder = (a: { readonly order: string }, b: { readonly order: string }): number =>
  a.order < b.order ? -1 : 1;

const standing = ({ op, order, at, sentAt, tries }: Item): Waiting => ({
  op,
  order,
  at,
  tried: tries > 0,
  state: sentAt === undefined ? 'queued' : 'sending',
});

const silence = (item: Item): number => SILENCE_MS * 2 ** Math.min(item.tries - 1, 5);
