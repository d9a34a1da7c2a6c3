import type { Clock } from './clock.ts';
import type { Engine } from './engine-types.ts';
import { held } from './held.ts';
import { Live, type Observable } from './observable.ts';
import type { User } from './types.ts';

/** How long names are gathered for one request, in ms. */
const GATHER_MS = 10;

/** Users by id: kept ones at once, others fetched many at a time, kept ones again once in a run. */
export class People {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #live = new Map<string, Live<User | undefined>>();
  readonly #asked = new Set<string>();
  readonly #wanted = new Set<string>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    const { events } = engine.parts;
    events.on('loaded', () => {
      for (const live of this.#live.values()) live.changed();
    });
    events.on('users', (users) => {
      for (const { id } of users) {
        this.#asked.add(id);
        this.#live.get(id)?.changed();
      }
    });
    events.on('state', () => this.#soon());
  }

  user(id: string): Observable<User | undefined> {
    return held(
      this.#live,
      id,
      () =>
        new Live(
          () => this.#engine.parts.users.get(id),
          (used) => used && this.#want(id),
        ),
    );
  }

  #want(id: string): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    if (this.#wanted.add(id).size === 1) this.#soon();
  }

  #soon(): void {
    if (this.#wanted.size > 0) this.#clock.after(GATHER_MS, () => this.#fetch());
  }

  #fetch(): void {
    // Without a connection the next one asks.
    if (this.#engine.parts.state().name !== 'online' || this.#wanted.size === 0) return;
    const ids = [...this.#wanted];
    this.#wanted.clear();
    this.#engine
      .ask((asking) => asking.users(ids))
      .catch(() => {
        for (const id of ids) this.#wanted.add(id);
      });
  }
}
