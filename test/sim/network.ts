import type { Rng } from '../support/rng.ts';
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';

/** The caller gives a call up after so long; its target may still carry it out. */
const LIMIT_MS = 30_000;

/** Carries a call out at its target; `reply` is to be called once, with undefined when the target dies first. */
export type Execute<A> = (reply: (answer: A | undefined) => void) => void;

/** Calls between objects: they take time, get lost before or after they were carried out, hang, come late or twice. */
export class Network {
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #faults: Faults;
  readonly #arrivals = new Map<string, number>();
  calls = 0;

  constructor(clock: Clock, rng: Rng, faults: Faults) {
    this.#clock = clock;
    this.#rng = rng;
    this.#faults = faults;
  }

  call<A>(from: string, to: string, execute: Execute<A>, done: (answer: A | undefined) => void): void {
    this.calls++;
    let open = true;
    const finish = (answer: A | undefined): void => {
      if (!open) return;
      open = false;
      done(answer);
    };
    const back = (answer: A | undefined): void => this.#clock.after(this.#latency(), () => finish(answer));
    const fault = this.#faults.forCall(to);
    if (fault) this.#faults.count(fault);
    switch (fault) {
      case undefined:
        return this.#arrive(from, to, this.#latency(), () => execute(back));
      case 'slow':
        return this.#arrive(from, to, this.#rng.int(500, 12_000), () => execute(back));
      case 'slowAnswer':
        return this.#arrive(from, to, this.#latency(), () =>
          execute((answer) => this.#clock.after(this.#rng.int(500, 12_000), () => finish(answer))),
        );
      case 'lost':
        return this.#clock.after(this.#latency(), () => finish(undefined));
      case 'answerLost':
        return this.#arrive(from, to, this.#latency(), () => execute(() => back(undefined)));
      case 'hanging':
        this.#clock.after(LIMIT_MS, () => finish(undefined));
        return this.#rng.chance(0.5)
          ? this.#clock.after(this.#latency(), () => execute(() => {}))
          : undefined;
      case 'late':
        this.#clock.after(LIMIT_MS, () => finish(undefined));
        return this.#clock.after(this.#rng.int(LIMIT_MS / 2, LIMIT_MS * 2), () => execute(() => {}));
      case 'twice':
        return this.#arrive(from, to, this.#latency(), () =>
          execute(() => this.#arrive(from, to, this.#latency(), () => execute(back))),
        );
    }
  }

  #latency(): number {
    return this.#rng.int(1, 30);
  }

  /** Calls from one object to another arrive in their order, unless this run lets them overtake. */
  #arrive(from: string, to: string, delay: number, run: () => void): void {
    if (this.#faults.unordered) return this.#clock.after(delay, run);
    const channel = `${from}>${to}`;
    const at = Math.max(this.#clock.now + delay, this.#arrivals.get(channel) ?? 0);
    this.#arrivals.set(channel, at);
    this.#clock.at(at, run);
  }
}
