/** Calls between objects. */
import { steadyClock } from '../steady-clock.ts';

/** A call without an answer for so long counts as failed; its target may still carry it out, and all calls are repeatable. */
const LIMIT_MS = 30_000;
/** How often open calls are looked at. One timer for all of them, and none while none is open: it would keep the object awake. */
const SWEEP_MS = 5_000;

/** Stubs kept, because making one costs a hash of its name. */
const STUBS = 2_000;

interface Open {
  /** By the steady clock. */
  readonly since: number;
  readonly finish: (answer: undefined) => void;
}

/** An error of the platform that says another try may do, and that trying won't add to a jam. */
function mayRetry(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}

/**
 * The plain value of a result. A result of the platform holds its call open until it is disposed of or collected, and
 * must not be handed on as one's own.
 */
function detached<A>(answer: A): A {
  if (typeof answer !== 'object' || answer === null) return answer;
  const plain = Object.fromEntries(Object.entries(answer)) as A;
  (answer as Partial<Disposable>)[Symbol.dispose]?.();
  return plain;
}

/** The calls one object makes. */
export class Calls {
  readonly #steady = steadyClock(() => Date.now());
  readonly #open = new Set<Open>();
  /** By name; users and conversations have no names in common. */
  readonly #stubs = new Map<string, unknown>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Calls the object named `name`; `done` gets its answer, or undefined when the call failed. Retried once at once where
   * the platform says it may be, on a new stub: one that threw is dead. Every call made through this is idempotent.
   */
  call<T extends Rpc.DurableObjectBranded | undefined, A>(
    namespace: DurableObjectNamespace<T>,
    name: string,
    invoke: (stub: DurableObjectStub<T>) => Promise<A>,
    done: (answer: A | undefined) => void,
  ): void {
    const attempt = (): Promise<A> => invoke(this.#stub(namespace, name));
    const open: Open = { since: this.#steady(), finish: (answer) => finish(answer) };
    const finish = (answer: A | undefined): void => {
      if (!this.#open.delete(open)) return;
      if (this.#open.size === 0) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
      done(detached(answer));
    };
    this.#open.add(open);
    const failed = (error: unknown, again: boolean): void => {
      // A stub is dead after an exception.
      this.#stubs.delete(name);
      if (again && mayRetry(error)) attempt().then(finish, (second: unknown) => failed(second, false));
      else finish(undefined);
    };
    attempt().then(finish, (error: unknown) => failed(error, true));
    this.#sweep();
  }

  #stub<T extends Rpc.DurableObjectBranded | undefined>(
    namespace: DurableObjectNamespace<T>,
    name: string,
  ): DurableObjectStub<T> {
    const kept = this.#stubs.get(name) as DurableObjectStub<T> | undefined;
    if (kept) return kept;
    if (this.#stubs.size >= STUBS) this.#stubs.clear();
    const stub = namespace.get(namespace.idFromName(name));
    this.#stubs.set(name, stub);
    return stub;
  }

  #sweep(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const now = this.#steady();
      for (const open of this.#open) if (now - open.since >= LIMIT_MS) open.finish(undefined);
      if (this.#open.size > 0) this.#sweep();
    }, SWEEP_MS);
  }
}
