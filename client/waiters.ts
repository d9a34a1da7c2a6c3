import type { ParleyError } from './errors.ts';
import type { Acked } from './types.ts';

interface Waiter {
  readonly promise: Promise<Acked>;
  readonly resolve: (acked: Acked) => void;
  readonly reject: (error: ParleyError) => void;
}

/** The promises behind `acked`, by clientId. */
export class Waiters {
  readonly #waiters = new Map<string, Waiter>();

  for(clientId: string): Promise<Acked> {
    const known = this.#waiters.get(clientId);
    if (known) return known.promise;
    let settle: Pick<Waiter, 'resolve' | 'reject'> | undefined;
    const promise = new Promise<Acked>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // An app that only listens to `failed` must not die of an unhandled rejection.
    promise.catch(() => {});
    if (settle) this.#waiters.set(clientId, { promise, ...settle });
    return promise;
  }

  resolve(clientId: string, acked: Acked): void {
    this.#waiters.get(clientId)?.resolve(acked);
    this.#waiters.delete(clientId);
  }

  reject(clientId: string, error: ParleyError): void {
    this.#waiters.get(clientId)?.reject(error);
    this.#waiters.delete(clientId);
  }

  rejectAll(error: ParleyError): void {
    for (const clientId of [...this.#waiters.keys()]) this.reject(clientId, error);
  }
}
