import type { DeliverAnswer, DeliverCall } from '../shared/rpc.ts';
import type { Telemetry } from '../shared/telemetry.ts';

/** What the core needs of the platform. In production effects wait for the commit (output gates); the simulation does the same. */
export interface ConversationHost {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls a member's UserObject; `done` gets its answer, or undefined when the call failed. */
  deliver(call: DeliverCall, done: (answer: DeliverAnswer | undefined) => void): void;
  /**
   * Runs once after `ms`, in a turn of its own; lost when the object leaves memory. A timer keeps the object awake, which
   * is billed: what it returns cancels it.
   */
  timer(ms: number, run: () => void): () => void;
  /** Sets the object's durable alarm, part of the current turn's commit. */
  alarm(at: number): void;
  /** When the durable alarm rings that was set when the core started; undefined for none. */
  readonly alarmAt: number | undefined;
  /** Divides the alarm's intervals, for tests; 1 when left out. */
  readonly alarmScale?: number;
  /** Counts and durations of turns; left out: nothing is counted. */
  readonly telemetry?: Telemetry;
}
