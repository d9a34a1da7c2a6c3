import { systemClock } from './clock.ts';
import type { Engine, EngineOptions } from './engine-types.ts';
import { held } from './held.ts';
import type { Api } from './http.ts';
import type { Live } from './observable.ts';
import type { Parts } from './parts.ts';
import type { Presence, User } from './types.ts';

/** How long names are gathered for one request, in ms, and how many one asks for. */
const GATHER_MS = 10;
const BATCH = 100;
/** A watch holds for 60 s. */
const RENEW_MS = 50_000;
const WATCHED = 100;
/** Who says no more that they type has stopped. */
const TYPING_MS = 6_000;

/** Whom and what somebody looks at, by id. */
export interface Looked {
  readonly users: ReadonlyMap<string, Live<User | undefined>>;
  readonly presence: ReadonlyMap<string, Live<Presence>>;
  readonly typing: ReadonlyMap<string, Live<readonly string[]>>;
}

/**
 * Names, presence and typing of those somebody looks at: names are fetched many at a time, kept ones again once in a
 * run; presence is watched. Of presence and typing nothing is kept.
 */
export class Looking {
  readonly #parts: Parts;
  readonly #api: Api;
  readonly #looked: Looked;
  readonly #clock: NonNullable<EngineOptions['clock']>;
  readonly #engine: Pick<Engine, 'sendAlways'>;
  readonly #asked = new Set<string>();
  readonly #presence = new Map<string, Presence>();
  readonly #typing = new Map<string, Map<string, () => void>>();
  #gathering: (() => void) | undefined;
  #renewing: (() => void) | undefined;
  #watched = '';

  constructor(
    parts: Parts,
    api: Api,
    { clock = systemClock }: EngineOptions,
    looked: Looked,
    engine: Pick<Engine, 'sendAlways'>,
  ) {
    this.#parts = parts;
    this.#api = api;
    this.#looked = looked;
    this.#clock = clock;
    this.#engine = engine;
    const { events } = parts;
    events.on('presence', ({ user, online, lastSeen }) => {
      if (!looked.presence.has(user)) return;
      this.#presence.set(user, lastSeen === undefined ? { online } : { online, lastSeen });
      looked.presence.get(user)?.changed();
    });
    events.on('typing', ({ conversation, user, on }) => this.#types(conversation, user, on));
    events.on('entry', ({ conversation, entry }) => {
      if (entry.type === 'message') this.#types(conversation, entry.from, false);
    });
    events.on('users', (users) => {
      for (const { id } of users) this.#asked.add(id);
    });
    events.on('state', () => this.look());
    this.look();
  }

  presence(user: string): Presence | undefined {
    return this.#presence.get(user);
  }

  typing(conversation: string): readonly string[] {
    return [...(this.#typing.get(conversation)?.keys() ?? [])];
  }

  stop(): void {
    for (const cancel of [this.#gathering, this.#renewing]) cancel?.();
    this.#gathering = undefined;
    this.#renewing = undefined;
    this.#watched = '';
    for (const users of this.#typing.values()) for (const cancel of users.values()) cancel();
  }

  /** Somebody looks at something else. A screen that opens looks at many at once: one question names them all. */
  look(): void {
    this.#gathering ??= this.#clock.after(GATHER_MS, () => {
      this.#gathering = undefined;
      this.#watchNow(false);
      void this.#fetch();
    });
  }

  #watchNow(again: boolean): void {
    const watched = used(this.#looked.presence).slice(-WATCHED);
    const names = watched.join();
    if (names === this.#watched && !again) return;
    this.#watched = names;
    this.#renewing?.();
    this.#engine.sendAlways({ type: 'watch', users: watched });
    this.#renewing = names === '' ? undefined : this.#clock.after(RENEW_MS, () => this.#watchNow(true));
  }

  async #fetch(): Promise<void> {
    const wanted = used(this.#looked.users).filter((id) => !this.#asked.has(id));
    for (let at = 0; at < wanted.length && this.#parts.state().name === 'online'; at += BATCH) {
      const ids = wanted.slice(at, at + BATCH);
      for (const id of ids) this.#asked.add(id);
      try {
        found(this.#parts, await this.#api<User[]>('GET', `/users?ids=${ids.join(',')}`));
      } catch {
        // The next connection asks, or who looks next.
        for (const id of ids) this.#asked.delete(id);
      }
    }
  }

  #types(conversation: string, user: string, on: boolean): void {
    const live = this.#looked.typing.get(conversation);
    if (!live || user === this.#parts.me) return;
    const users = held(this.#typing, conversation, () => new Map<string, () => void>());
    const before = users.get(user);
    before?.();
    if (on)
      users.set(
        user,
        this.#clock.after(TYPING_MS, () => this.#types(conversation, user, false)),
      );
    else users.delete(user);
    if (on !== (before !== undefined)) live.changed();
  }
}

const used = (lives: ReadonlyMap<string, Live<unknown>>): string[] =>
  [...lives].filter(([, live]) => live.watched).map(([id]) => id);

/** These are known now, and kept. */
export function found(parts: Parts, users: readonly User[]): void {
  for (const user of users) {
    parts.users.set(user.id, user);
    parts.kept?.user(user);
  }
  parts.events.emit('users', users);
  parts.settle();
}
