import type { Clock } from './clock.ts';
import type { Engine } from './engine-types.ts';
import { held } from './held.ts';
import { Live, type Observable } from './observable.ts';
import type { Presence } from './types.ts';

/** A watch holds for 60 s. */
const RENEW_MS = 50_000;
/** Who says no more that they type has stopped. */
const TYPING_MS = 6_000;
const UNKNOWN: Presence = { online: undefined };

/** Presence of those somebody looks at, and who is typing. Nothing of it is kept. */
export class Watching {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #presence = new Map<string, { readonly live: Live<Presence>; now: Presence }>();
  readonly #typing = new Map<
    string,
    { readonly live: Live<readonly string[]>; readonly users: Map<string, () => void> }
  >();
  #renewing: (() => void) | undefined;
  #gathering: Promise<void> | undefined;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    engine.parts.events.on('presence', ({ user, online, lastSeen }) => {
      const known = this.#presence.get(user);
      if (!known) return;
      known.now = lastSeen === undefined ? { online } : { online, lastSeen };
      known.live.changed();
    });
    engine.parts.events.on('typing', ({ conversation, user, on }) => this.#types(conversation, user, on));
    engine.parts.events.on('entry', ({ conversation, entry }) => {
      if (entry.type === 'message') this.#types(conversation, entry.from, false);
    });
  }

  presence(user: string): Observable<Presence> {
    return held(this.#presence, user, () => ({
      now: UNKNOWN,
      live: new Live(
        () => this.#presence.get(user)?.now ?? UNKNOWN,
        () => this.#soon(),
      ),
    })).live;
  }

  typing(conversation: string): Observable<readonly string[]> {
    return this.#typers(conversation).live;
  }

  stop(): void {
    this.#renewing?.();
    this.#renewing = undefined;
    for (const { users } of this.#typing.values()) for (const cancel of users.values()) cancel();
  }

  /** A screen that opens looks at many at once: one frame names them all. */
  #soon(): void {
    this.#gathering ??= Promise.resolve().then(() => {
      this.#gathering = undefined;
      this.#watch();
    });
  }

  #watch(): void {
    this.#renewing?.();
    const watched = [...this.#presence].filter(([, { live }]) => live.watched).map(([user]) => user);
    this.#engine.watch(watched.slice(-100));
    this.#renewing = watched.length > 0 ? this.#clock.after(RENEW_MS, () => this.#watch()) : undefined;
  }

  #typers(conversation: string) {
    return held(this.#typing, conversation, () => {
      const users = new Map<string, () => void>();
      return { users, live: new Live<readonly string[]>(() => [...users.keys()]) };
    });
  }

  #types(conversation: string, user: string, on: boolean): void {
    const known = this.#typing.get(conversation);
    if (!known || user === this.#engine.parts.me) return;
    const before = known.users.get(user);
    before?.();
    if (on)
      known.users.set(
        user,
        this.#clock.after(TYPING_MS, () => this.#types(conversation, user, false)),
      );
    else known.users.delete(user);
    if (on !== (before !== undefined)) known.live.changed();
  }
}
