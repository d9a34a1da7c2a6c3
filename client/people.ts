import type { Engine } from './engine-types.ts';
import { Live, type Observable } from './observable.ts';
import type { User } from './types.ts';

/** Users one request asks for, and how long names are gathered for it, in ms. */
const BATCH = 100;
const GATHER_MS = 10;

/** Users by id: kept ones at once, others fetched many at a time, kept ones again once in a run. */
export class People {
  readonly #engine: Engine;
  readonly #after: (ms: number, run: () => void) => void;
  readonly #live = new Map<string, Live<User | undefined>>();
  readonly #asked = new Set<string>();
  #wanted = new Set<string>();

  constructor(engine: Engine, after: (ms: number, run: () => void) => void) {
    this.#engine = engine;
    this.#after = after;
    engine.on('loaded', () => {
      for (const live of this.#live.values()) live.changed();
    });
    engine.on('state', ({ name }) => {
      if (name === 'online') this.#soon();
    });
  }

  user(id: string): Observable<User | undefined> {
    let live = this.#live.get(id);
    if (!live) {
      live = new Live(
        () => this.#engine.users.get(id),
        (used) => used && this.#want(id),
      );
      this.#live.set(id, live);
    }
    return live;
  }

  found(users: readonly User[]): void {
    this.#engine.keepUsers(users);
    for (const { id } of users) {
      this.#asked.add(id);
      this.#live.get(id)?.changed();
    }
  }

  #want(id: string): void {
    if (this.#asked.has(id) || this.#wanted.has(id)) return;
    this.#wanted.add(id);
    if (this.#wanted.size === 1) this.#soon();
  }

  #soon(): void {
    if (this.#wanted.size > 0) this.#after(GATHER_MS, () => void this.#fetch());
  }

  async #fetch(): Promise<void> {
    // Without a connection the next one asks.
    if (this.#engine.state.name !== 'online' || this.#wanted.size === 0) return;
    const ids = [...this.#wanted].slice(0, BATCH);
    this.#wanted = new Set([...this.#wanted].slice(BATCH));
    try {
      this.found(await this.#engine.api<User[]>('GET', `/users?ids=${ids.join(',')}`));
      for (const id of ids) this.#asked.add(id);
    } catch {
      for (const id of ids) this.#wanted.add(id);
      return;
    }
    this.#soon();
  }
}
