import { understands } from '../schema/protocol/knows.ts';
import type { UpOf } from '../schema/protocol/up.ts';
import { fullJitter, RETRY } from './backoff.ts';
import { NEVER } from './clock.ts';
import type { ParleyError } from './errors.ts';
import { held } from './held.ts';
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
  /** Refused for good, until the person tries it again or drops it. */
  error: ParleyError | undefined;
}

interface Lane {
  /** In order; what is under way comes before what waits. What failed stays where it was, and is passed over. */
  readonly items: Item[];
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
  /** Conversations with anything to say; the one that spoke last comes last, so that all get their turn. */
  readonly #lanes = new Map<string, Lane>();
  readonly pacer = new Pacer();
  /** What the service said that it knows. */
  knows: readonly string[] = [];
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
    if (this.get(op.clientId)) {
      if (tried) this.tried(op.clientId);
      return false;
    }
    this.done(op.clientId);
    const { items } = this.#laneOf(op);
    // What the service may have heard of stays where it is: it may hold back something to come after that.
    const before = items.findLastIndex((other) => other.tries > 0 || other.order <= order);
    const tries = tried ? 1 : 0;
    const item = { op, order, at, sentAt: undefined, after: undefined, tries, error: undefined };
    items.splice(before + 1, 0, item);
    this.#items.set(op.clientId, item);
    return true;
  }

  /** Puts what is said at `at` behind everything that is known here, whatever the clocks say. */
  orderOf({ clientId }: Op, at: number): string {
    this.#latest = Math.max(this.#latest + 1, Math.floor(at));
    return `${this.#latest.toString(36).padStart(9, '0')} ${clientId}`;
  }

  /** What waits in a conversation and what failed there, in order. */
  waiting(conversation: string): readonly Waiting[] {
    return this.#lanes.get(conversation)?.items.map(standing) ?? [];
  }

  /** How an operation stands; undefined when it was answered, or is not known here. */
  standing(clientId: string): Waiting | undefined {
    const item = this.#items.get(clientId);
    return item && standing(item);
  }

  /** Refused for good. `at` and `order` are for what isn't known here. */
  fail(op: Op, error: ParleyError, at: number, order?: string): void {
    this.add(op, at, true, order);
    const item = this.#items.get(op.clientId);
    if (!item) return;
    this.#notUnderWay(item);
    item.error = error;
    this.#again(this.#laneOf(op), (next) => next.after === op.clientId);
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
    return item && (item.error || item.tries === 0) ? this.done(clientId) : undefined;
  }

  /** Every operation without an answer. */
  all(): readonly Waiting[] {
    return [...this.#items.values()].filter(isAlive).map(standing);
  }

  /** Drops what was said before `since`. */
  clear(since: number): void {
    for (const { op, at } of this.#items.values()) if (at < since) this.done(op.clientId);
  }

  /** Undefined also for what failed. */
  get(clientId: string): Op | undefined {
    const item = this.#items.get(clientId);
    return item?.error ? undefined : item?.op;
  }

  /** What to write to the socket now. */
  flush(now: number): OpFrame[] {
    const frames: OpFrame[] = [];
    for (const lane of this.#lanes.values()) {
      const head = lane.items.find(isAlive);
      if (head?.sentAt !== undefined && now >= head.sentAt + silence(head))
        this.#again(lane, (item) => item === head);
    }
    if (now < this.#pausedUntil) return frames;
    for (const [conversation, lane] of [...this.#lanes]) {
      if (now < lane.pausedUntil) continue;
      const before = frames.length;
      for (let item = this.#next(lane); item; item = this.#next(lane)) {
        if (this.#underWay >= this.#options.window || !this.pacer.take(now)) return frames;
        frames.push(this.#send(lane, item, now));
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
    const item = this.#items.get(clientId);
    if (!item) return undefined;
    const { op } = item;
    const { items } = this.#laneOf(op);
    this.#items.delete(clientId);
    this.#notUnderWay(item);
    items.splice(items.indexOf(item), 1);
    if (items.length === 0) this.#lanes.delete(op.conversation);
    return op;
  }

  /** The service's `error`. The operation when it failed for good; undefined while it is tried again. */
  refused(clientId: string, error: ParleyError, now: number): Op | undefined {
    const item = this.#items.get(clientId);
    if (!item || item.error) return undefined;
    const wait = this.#wait(item, error);
    if (wait === undefined) {
      this.fail(item.op, error, now);
      return item.op;
    }
    const lane = this.#laneOf(item.op);
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
    let first = NEVER;
    for (const lane of this.#lanes.values()) {
      const head = lane.items.find(isAlive);
      if (head?.sentAt !== undefined) first = Math.min(first, head.sentAt + silence(head));
      if (this.#next(lane) && this.#underWay < this.#options.window)
        first = Math.min(first, Math.max(this.#pausedUntil, lane.pausedUntil, this.pacer.next(now)));
    }
    return first;
  }

  #laneOf({ conversation }: Op): Lane {
    return held(this.#lanes, conversation, () => ({ items: [], pausedUntil: 0 }));
  }

  /** What is to be sent next. What the service doesn't understand waits, and what was said after it: order is a promise (P5). */
  #next({ items }: Lane): Item | undefined {
    const next = items.find((item) => item.sentAt === undefined && !item.error);
    return next && understands(this.knows, next.op) ? next : undefined;
  }

  #send({ items }: Lane, item: Item, now: number): OpFrame {
    item.sentAt = now;
    item.tries += 1;
    this.#underWay += 1;
    if (item.op.type !== 'send') return item.op;
    // What was acknowledged is stored: only a predecessor still under way has to be named.
    item.after = items
      .slice(0, items.indexOf(item))
      .findLast((before) => before.op.type === 'send' && isAlive(before))?.op.clientId;
    return item.after === undefined ? item.op : { ...item.op, after: item.after };
  }

  /** Sends again from the first that matches: what follows it was ordered behind it. */
  #again({ items }: Lane, matches: (item: Item) => boolean): void {
    const from = items.findIndex(matches);
    if (from >= 0) for (const item of items.slice(from)) this.#notUnderWay(item);
  }

  #notUnderWay(item: Item): void {
    if (item.sentAt !== undefined) this.#underWay -= 1;
    item.sentAt = undefined;
  }

  /** How long to wait before the next try, in ms; undefined: there is none. By the protocol's table of errors. */
  #wait({ after, tries }: Item, { code, retryAfter = 0 }: ParleyError): number | undefined {
    const given = retryAfter * 1000;
    const jitter = fullJitter(tries, this.#options.random, RETRY);
    switch (code) {
      case 'conflict':
        // Its predecessor was not stored. Either that is tried again too, or the next try names another or none.
        return after === undefined ? undefined : jitter;
      case 'unauthenticated':
        return Math.max(given, SILENCE_MS);
      case 'rate_limited':
        return given + (given > 0 ? this.#options.random() * 200 : jitter);
      case 'internal':
        return tries < MAX_TRIES ? given + jitter : undefined;
      case 'overloaded':
      case 'unavailable':
        return given + jitter;
    }
    return undefined;
  }
}

const isAlive = ({ error }: Item): boolean => !error;

const byOrder = (a: { readonly order: string }, b: { readonly order: string }): number =>
  a.order < b.order ? -1 : 1;

const standing = ({ op, order, at, sentAt, tries, error }: Item): Waiting => ({
  op,
  order,
  at,
  tried: tries > 0,
  state: error ?? (sentAt === undefined ? 'queued' : 'sending'),
});

const silence = (item: Item): number => SILENCE_MS * 2 ** Math.min(item.tries - 1, 5);
