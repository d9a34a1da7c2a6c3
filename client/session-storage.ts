import type { Session } from '../schema/protocol/http-auth.ts';

/** A session with the moment it ends by this machine's clock, in ms: what to keep across restarts. */
export interface StoredSession {
  readonly session: Session;
  readonly localExpiry: number;
  /** Names the refresh that is under way; sent again until it is answered, by whichever run of the program. */
  readonly attempt?: string;
}

/** Where a session is kept. `localStorage` is one; others may answer later. */
export interface SessionStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export type Exclusive = <T>(run: () => Promise<T>) => Promise<T>;

/** One place in a storage. A storage that fails is as if there were none. */
export class Keeper {
  readonly #storage: SessionStorage;
  readonly #key: string;
  /** Something of ours is there, so when nothing is there it was taken away. */
  #kept = false;

  constructor(storage: SessionStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  /** At once where the storage answers at once. `signed-out`: it was there and isn't any more; undefined: nothing is known. */
  read(): Read | Promise<Read> {
    try {
      const text = this.#storage.getItem(this.#key);
      return typeof text === 'object' && text !== null
        ? text.then(
            (later) => this.#told(later),
            () => undefined,
          )
        : this.#told(text);
    } catch {
      return undefined;
    }
  }

  #told(text: string | null): Read {
    const found = parseStored(text);
    if (found) this.#kept = true;
    return found ?? (this.#kept ? 'signed-out' : undefined);
  }

  /** Resolves when it is kept, or can't be. */
  async write(next: StoredSession | undefined): Promise<void> {
    try {
      if (next) await this.#storage.setItem(this.#key, JSON.stringify(next));
      else await this.#storage.removeItem(this.#key);
      // Some forget without a word, such as those of private windows.
      this.#kept = next !== undefined && (await this.#storage.getItem(this.#key)) !== null;
    } catch {
      this.#kept = false;
    }
  }
}

export type Read = StoredSession | 'signed-out' | undefined;

/** The session that a storage's text holds; undefined for none, and for what is no session. */
export function parseStored(text: string | null | undefined): StoredSession | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
  if (!isObject(value) || typeof value.localExpiry !== 'number' || !isSession(value.session))
    return undefined;
  const { session, localExpiry, attempt } = value;
  return { session, localExpiry, ...(typeof attempt === 'string' ? { attempt } : {}) };
}

function isSession(value: unknown): value is Session {
  return (
    isObject(value) &&
    hasTexts(value, 'accessToken', 'refreshToken') &&
    hasTexts(value.user, 'id', 'handle', 'name') &&
    hasTexts(value.device, 'id', 'name') &&
    typeof value.expiresAt === 'number'
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const hasTexts = (value: unknown, ...keys: readonly string[]): boolean =>
  isObject(value) && keys.every((key) => typeof value[key] === 'string');

/** The last of those who wait, by storage and key: for platforms without Web Locks. */
const queues = new WeakMap<SessionStorage, Map<string, Promise<unknown>>>();

/**
 * One after the other among all that keep a session under `key`: the windows of a browser, or, without Web Locks, what
 * runs in this program. Windows without locks may refresh at once, which the service lets both of them win.
 */
export function aloneUnder(storage: SessionStorage, key: string): Exclusive {
  return async <T>(run: () => Promise<T>): Promise<T> => {
    const locks = globalThis.navigator?.locks;
    if (locks) return await locks.request(key, run);
    const queue = queues.get(storage) ?? new Map<string, Promise<unknown>>();
    queues.set(storage, queue);
    const before = queue.get(key) ?? Promise.resolve();
    const mine = before.then(run, run);
    queue.set(key, mine);
    try {
      return await mine;
    } finally {
      if (queue.get(key) === mine) queue.delete(key);
    }
  };
}
