import type { Delivery, DeliveryContext } from './delivery.ts';
import { isUnsettled, type Lane } from './fanout.ts';
import type { ConversationHost } from './host.ts';

/** When the alarm rings that an append sets. It is for what a crash left: so long it serves all messages that follow. */
export const ALARM_MS = 600_000;
/** When it rings when something is unsettled still after some seconds. */
export const SOON_MS = 60_000;
/** Who can't be reached or settled is tried again after `SOON_MS`, then twice as long, up to this. */
export const ALARM_MOST_MS = 86_400_000;
/** Longest wait for the answers of those it asks. */
const ANSWERS_MS = 5_000;
/** Unsettled entries, over all members, that a cold start would ask about in vain: more are worth a row. */
const WORTH_A_ROW = 32;

/**
 * The durable alarm of a burst: whatever crashed, hibernated or lost a call, it comes again until everything is settled
 * for everybody who can be reached, and then never. It asks before it brings, and writes down what it learned.
 */
export class BurstAlarm {
  readonly #host: ConversationHost;
  /** `ALARM_MS` and `SOON_MS`, divided: a test has no ten minutes. */
  readonly #scale: number;
  /** When it rings, by the wall clock; undefined: not set. */
  #at: number | undefined;
  #ringing: { readonly lanes: readonly Lane[]; readonly finish: () => void } | undefined;

  constructor(host: ConversationHost) {
    this.#host = host;
    this.#at = host.alarmAt;
    this.#scale = host.alarmScale ?? 1;
  }

  get isSet(): boolean {
    return this.#at !== undefined;
  }

  /** Something was appended: the alarm rings some time, whatever happens. In the transaction of the append. */
  arm(): void {
    this.#set(ALARM_MS / this.#scale);
  }

  /** Something is unsettled for longer than it should be. */
  soon(): void {
    this.#set(SOON_MS / this.#scale);
  }

  /** One that rings sooner stays. One that rings much later was set before the clock stepped back. */
  #set(ms: number): void {
    const at = this.#host.now() + ms;
    if (this.#at !== undefined && this.#at <= at) return;
    this.#at = at;
    this.#host.alarm(at);
  }

  /**
   * It rang. Asks each member who is unsettled, as far as their time has come, brings what they lack, and waits for the
   * answers. @param save writes the row of marks and progress. @param done when all that is durable.
   */
  ring(c: DeliveryContext, delivery: Delivery, save: () => void, done: () => void): void {
    this.#at = undefined;
    this.#host.telemetry?.count('conversation.alarm');
    const now = this.#host.now();
    const lanes = unsettled(c).filter((lane) => isDue(lane, now));
    for (const lane of lanes) c.fanout.askAgain(lane, delivery.steady());
    const timeout = this.#host.timer(lanes.length > 0 ? ANSWERS_MS : 0, () => this.#ringing?.finish());
    const finish = (): void => {
      timeout();
      this.#ringing = undefined;
      this.#finish(c, lanes, save);
      done();
    };
    this.#ringing = { lanes, finish };
    if (lanes.length === 0) return finish();
    delivery.pump();
  }

  /** A member's object answered, or didn't, or told what is settled. */
  moved(c: DeliveryContext): void {
    if (!this.#ringing) return;
    const open = (lane: Lane): boolean =>
      lane.call !== 0 || (lane.failures === 0 && isUnsettled(lane, c.log.head));
    if (!this.#ringing.lanes.some(open)) this.#ringing.finish();
  }

  #finish(c: DeliveryContext, asked: readonly Lane[], save: () => void): void {
    const now = this.#host.now();
    let next: number | undefined;
    let changed = false;
    for (const lane of c.fanout.lanes) {
      if (!isUnsettled(lane, c.log.head)) {
        changed ||= lane.tries > 0;
        lane.tries = 0;
        lane.tryAt = 0;
        continue;
      }
      if (asked.includes(lane)) {
        lane.tryAt = now + Math.min((SOON_MS / this.#scale) * 2 ** lane.tries, ALARM_MOST_MS);
        lane.tries++;
        changed = true;
      }
      // What came while it asked has the alarm of its own append.
      if (lane.tries > 0) next = Math.min(next ?? lane.tryAt, lane.tryAt);
    }
    if (changed || c.receipts.forgets(c.log.head) >= WORTH_A_ROW) save();
    if (next !== undefined) this.#set(Math.max(0, next - now));
  }
}

const unsettled = (c: DeliveryContext): Lane[] =>
  [...c.fanout.lanes].filter((lane) => isUnsettled(lane, c.log.head));

/** A time far ahead is from before the clock stepped back. */
const isDue = (lane: Lane, now: number): boolean => lane.tryAt <= now || lane.tryAt > now + ALARM_MOST_MS;
