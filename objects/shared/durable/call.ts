/** Calls between objects. */

/** A call without an answer for so long counts as failed; its target may still carry it out, and all calls are repeatable. */
const LIMIT_MS = 30_000;

/** An error of the platform that says another try may do, and that trying won't add to a jam. */
function mayRetry(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'retryable' in error &&
    error.retryable === true &&
    !('overloaded' in error && error.overloaded === true)
  );
}

/**
 * Calls the object named `name`; `done` gets its answer, or undefined when the call failed. Retried once at once where
 * the platform says it may be, on a new stub: one that threw is dead. Every call made through this is idempotent.
 */
export function call<T extends Rpc.DurableObjectBranded | undefined, A>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  invoke: (stub: DurableObjectStub<T>) => Promise<A>,
  done: (answer: A | undefined) => void,
): void {
  const stub = (): DurableObjectStub<T> => namespace.get(namespace.idFromName(name));
  let open = true;
  const finish = (answer: A | undefined): void => {
    if (!open) return;
    open = false;
    clearTimeout(timeout);
    done(answer);
    // A result holds its call open until it is disposed of or collected.
    (answer as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
  };
  const timeout = setTimeout(() => finish(undefined), LIMIT_MS);
  invoke(stub()).then(finish, (error: unknown) => {
    if (!mayRetry(error)) return finish(undefined);
    invoke(stub()).then(finish, () => finish(undefined));
  });
}
