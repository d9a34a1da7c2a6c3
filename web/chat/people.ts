import type { Engine as Client } from '../../client/engine-types.ts';
import type { User } from '../../client/index.ts';

/** Profiles of people, asked for once each. */
export class People {
  readonly #client: Client;
  readonly #changed: () => void;
  readonly #known = new Map<string, User>();
  readonly #asked = new Set<string>();

  constructor(client: Client, me: User, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#known.set(me.id, me);
  }

  get(id: string): User | undefined {
    if (!this.#known.has(id) && !this.#asked.has(id)) this.#ask(id);
    return this.#known.get(id);
  }

  put(user: User): void {
    this.#known.set(user.id, user);
    this.#changed();
  }

  #ask(id: string): void {
    this.#asked.add(id);
    this.#client.api<User>('GET', `/users/${encodeURIComponent(id)}`).then(
      (user) => this.put(user),
      () => this.#asked.delete(id),
    );
  }
}
