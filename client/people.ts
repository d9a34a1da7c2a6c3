import type { Clock } from './clock.ts';
import type { Engine } from './engine-types.ts';
import { held } from './held.ts';
import { Live, type Observable } from './observable.ts';
import type { User } from './types.ts';

/** Users one request asks for, and how long names are gathered for it, in ms. */
const BATCH = 100;
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
          (used) => used && !this.#asked.has(id) && this.#wanted.add(id).size === 1 && this.#soon(),
        ),
    );
  }

  #soon(): void {
    if (this.#wanted.size > 0) this.#clock.after(GATHER_MS, () => this.#fetch());
  }

  #fetch(): void {
    // Without a connection the next one asks.
    if (this.#engine.parts.state().name !== 'online' || this.#wanted.size === 0) return;
    const ids = [...this.#wanted].slice(0, BATCH);
    for (const id of ids) this.#wanted.delete(id);
    this.#engine
      .ask((asking) => asking.users(ids))
      .then(
        () => {
          for (const id of ids) this.#asked.add(id);
          this.#soon();
        },
        () => {
          for (const id of ids) this.#wanted.add(id);
        },
      );
  }
}
