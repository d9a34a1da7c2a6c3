import { type Failure, fail } from '../../schema/protocol/errors.ts';
import type { AppendAnswer, ConversationKind, Op, OpResult } from '../shared/rpc.ts';
import { steadyClock } from '../shared/steady-clock.ts';
import type { UserHost } from './host.ts';
import type { Reports } from './reports.ts';

/** How long a send waits for the one its device sent before it (P5). */
export const HOLD_MS = 2_000;
const BATCH_OPS = 128;
const BATCH_BYTES = 256 * 1024;
/** Sends waiting for one conversation; more are refused. */
const QUEUE = 2_000;

export type SendDone =
  | {
      readonly ok: true;
      readonly kind: ConversationKind;
      readonly seq: number;
      readonly at: number;
      readonly duplicate: boolean;
      readonly entry: string;
      readonly settled: number;
    }
  | Failure;

interface Item {
  readonly op: Op;
  /** By the steady clock. */
  readonly since: number;
  readonly bytes: number;
  readonly done: (result: SendDone) => void;
  /** Of the socket it came by; undefined: by HTTP. */
  readonly device: string | undefined;
}

interface Lane {
  busy: boolean;
  queue: Item[];
  /** Stored by nobody yet: their predecessor isn't either. */
  held: Item[];
  timer: boolean;
}

/**
 * All sends of a user, whatever transport they came by: one call at a time per conversation, in order; what comes
 * meanwhile shares the next call. So one device's order survives (P5) and a busy sender costs few calls.
 */
export class Sends {
  readonly #lanes = new Map<string, Lane>();
  readonly #host: UserHost;
  readonly #steady: () => number;
  readonly #user: string;
  readonly #settled: (conversation: string) => number;
  readonly #reports: Reports;
  readonly #onlyAt: (device: string) => number | undefined;

  /** @param onlyAt the user's cursor when this device is the only one they have; undefined when it isn't. */
  constructor(
    host: UserHost,
    user: string,
    settled: (conversation: string) => number,
    reports: Reports,
    onlyAt: (device: string) => number | undefined = () => undefined,
  ) {
    this.#onlyAt = onlyAt;
    this.#host = host;
    this.#steady = steadyClock(() => host.now());
    this.#user = user;
    this.#settled = settled;
    this.#reports = reports;
  }

  /** @param device of the socket it came by; undefined: by HTTP. */
  add(conversation: string, op: Op, bytes: number, done: (result: SendDone) => void, device?: string): void {
    let lane = this.#lanes.get(conversation);
    if (!lane) {
      lane = { busy: false, queue: [], held: [], timer: false };
      this.#lanes.set(conversation, lane);
    }
    if (lane.queue.length + lane.held.length >= QUEUE)
      return done(fail('overloaded', 'too many sends are waiting in this conversation', 1));
    lane.queue.push({ op, bytes, since: this.#steady(), done, device });
    this.#pump(conversation, lane);
  }

  /**
   * The call starts in a turn of its own, when the runtime has read what its sockets hold. Under load that makes one call
   * of many frames, and it keeps a few busy sockets, whose next frames come with each acknowledgement, from being served
   * for seconds while others wait (measured: docs/performance.md).
   */
  #pump(conversation: string, lane: Lane): void {
    if (lane.busy) return;
    if (lane.queue.length === 0) {
      if (lane.held.length === 0) this.#lanes.delete(conversation);
      return;
    }
    lane.busy = true;
    this.#host.timer(0, () => this.#call(conversation, lane));
  }

  #call(conversation: string, lane: Lane): void {
    let count = 0;
    let bytes = 0;
    while (count < lane.queue.length && count < BATCH_OPS && bytes < BATCH_BYTES)
      bytes += lane.queue[count++]?.bytes ?? 0;
    const items = lane.queue.splice(0, count);
    // Who answers has seen: what waits to be reported rides along, which saves its own call.
    const ride = this.#reports.ride(conversation);
    const device = items[0]?.device;
    const one = device !== undefined && items.every((i) => i.device === device);
    const sole = one ? this.#onlyAt(device) : undefined;
    const call = {
      user: this.#user,
      ops: items.map((i) => i.op),
      settled: this.#settled(conversation),
      ...(ride?.marks ?? {}),
      ...(sole === undefined ? {} : { sole }),
    };
    this.#host.call(conversation, 'append', call, (answer) => {
      lane.busy = false;
      if (ride) this.#reports.rode(conversation, ride, answer?.ok ? answer.head : undefined);
      const stored = answer?.ok ? this.#answered(conversation, lane, items, answer) : false;
      if (!answer?.ok) for (const item of items) item.done(answer ?? unreachable);
      if (stored && lane.held.length > 0) {
        lane.queue = [...lane.held, ...lane.queue];
        lane.held = [];
      }
      this.#pump(conversation, lane);
    });
  }

  /** @returns whether anything was stored, which what is held may have waited for. */
  #answered(
    conversation: string,
    lane: Lane,
    items: readonly Item[],
    answer: Extract<AppendAnswer, { ok: true }>,
  ): boolean {
    const { kind, settled, results } = answer;
    let stored = false;
    for (const [i, item] of items.entries()) {
      const result = results[i] as OpResult;
      if (result.ok && 'held' in result) {
        this.#hold(conversation, lane, item);
        continue;
      }
      stored ||= result.ok;
      item.done(result.ok ? { ...result, kind, settled } : result);
    }
    return stored;
  }

  #hold(conversation: string, lane: Lane, item: Item): void {
    const left = HOLD_MS - (this.#steady() - item.since);
    if (left <= 0) return item.done(tooLate);
    lane.held.push(item);
    if (lane.timer) return;
    lane.timer = true;
    this.#host.timer(left, () => {
      lane.timer = false;
      const now = this.#steady();
      const overdue = lane.held.filter((i) => now - i.since >= HOLD_MS);
      const waiting = lane.held.filter((i) => now - i.since < HOLD_MS);
      lane.held = [];
      for (const i of overdue) i.done(tooLate);
      for (const i of waiting) this.#hold(conversation, lane, i);
      this.#pump(conversation, lane);
    });
  }
}

const unreachable = fail(
  'unavailable',
  'this conversation can not be reached at the moment; send it again with the same clientId',
  1,
);
const tooLate = fail('conflict', 'after: the send named there has not arrived; send both again in order');
