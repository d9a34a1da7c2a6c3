type Handlers<Events> = { [E in keyof Events]?: Set<(value: Events[E]) => void> };

type Bare<Events> = { [E in keyof Events]: Events[E] extends undefined ? E : never }[keyof Events];

/** Named events with typed values. */
export class Emitter<Events> {
  readonly #handlers: Handlers<Events> = {};

  on<E extends keyof Events>(event: E, handler: (value: Events[E]) => void): () => void {
    const handlers: Set<(value: Events[E]) => void> = this.#handlers[event] ?? new Set();
    this.#handlers[event] = handlers;
    handlers.add(handler);
    return () => handlers.delete(handler);
  }

  /** A handler that throws is a bug of the app: it is reported as an uncaught error and disturbs nobody else. */
  emit<E extends Bare<Events>>(event: E): void;
  emit<E extends keyof Events>(event: E, value: Events[E]): void;
  emit<E extends keyof Events>(event: E, value?: Events[E]): void {
    const handlers = this.#handlers[event];
    if (!handlers) return;
    for (const handler of handlers) {
      try {
        handler(value as Events[E]);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
