import type { Session } from '../schema/protocol/http-auth.ts';
import { type Clock, systemClock } from './clock.ts';
import { ParleyError } from './errors.ts';
import { request } from './http.ts';
import {
  aloneUnder,
  type Exclusive,
  Keeper,
  type Read,
  type SessionStorage,
  type StoredSession,
} from './session-storage.ts';
import type { TokenSource } from './types.ts';

export type { Session } from '../schema/protocol/http-auth.ts';
export type { SessionStorage, StoredSession } from './session-storage.ts';

export interface AccountOptions {
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
  /**
   * Keeps the session across restarts, and shares it among the windows of a browser: `localStorage`, or anything with its
   * three methods.
   */
  readonly storage?: SessionStorage;
  /** Where in `storage`. Default `parley.session`. Where several people use one browser, a key for each. */
  readonly key?: string;
  /**
   * A token of the product that embeds Parley. Asked for when there is no session, or it has ended; one call at a time,
   * among all windows that share `storage`. Undefined: nobody is signed in to the product.
   */
  readonly exchange?: () => string | undefined | Promise<string | undefined>;
  /** What a device begun by `exchange` is called. */
  readonly deviceName?: string;
  /** From an earlier run, where there is no `storage`. */
  readonly stored?: StoredSession;
  /**
   * After every log-in, refresh and end, and before each refresh is asked for; undefined: signed out. Keep it: an old
   * refresh token ends the session, and the name of an attempt is what lets it be repeated.
   */
  readonly onChange?: (stored: StoredSession | undefined) => void;
  /** Runs a refresh alone among programs that share this session. Default: a Web Lock, where there is a `storage`. */
  readonly exclusive?: Exclusive;
}

/** Who is signed in on this device. Every call throws `ParleyError`. */
export interface Account {
  /** With a storage that answers later: known from the first `getToken()` on. */
  readonly session: Session | undefined;
  register(who: {
    readonly handle: string;
    readonly password: string;
    readonly name?: string;
    readonly deviceName?: string;
  }): Promise<Session>;
  login(who: {
    readonly handle: string;
    readonly password: string;
    readonly deviceName?: string;
  }): Promise<Session>;
  /** With a token of the embedding product. */
  exchange(token: string, deviceName?: string): Promise<Session>;
  refresh(): Promise<Session>;
  /**
   * Signed out here at once; the service hears of it if it can be reached. The product is not asked again until somebody
   * signs in here, or the program is started anew.
   */
  logout(): Promise<void>;
  /** Takes over a session that another program refreshed. */
  adopt(stored: StoredSession): void;
  /** For `createClient`: refreshes before the token runs out. */
  readonly getToken: TokenSource;
}

/** Refresh this long before the end, or at a tenth of a short life, in ms. */
const MARGIN_MS = 60_000;
/** A refresh, and the product, have this long; meanwhile other windows wait. In ms. */
const PATIENCE_MS = 30_000;
/** A session that ends so soon after the product was asked would end again. In ms. */
const TOO_SOON_MS = 10_000;

export function createAccount(options: AccountOptions): Account {
  const { clock = systemClock, storage, key = 'parley.session' } = options;
  const keeper = storage && new Keeper(storage, key);
  const exclusive = options.exclusive ?? (storage ? aloneUnder(storage, key) : (run) => run());
  let stored = options.stored;
  /** Whose account this is: what another window kept of somebody else is not ours. */
  let owner = stored?.session.user.id;
  let refreshing: Promise<Session> | undefined;
  /** Why there will be no session until somebody signs in on purpose. */
  let over: ParleyError | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  const take = (next: StoredSession | undefined): void => {
    stored = next;
    owner ??= next?.session.user.id;
    options.onChange?.(next);
  };

  /** Resolves when it is kept. */
  const keep = async (next: StoredSession | undefined): Promise<void> => {
    take(next);
    await keeper?.write(next);
  };

  /** The client that asks belongs to another person: it must not speak for this one. What is kept stays. */
  const giveWay = (): never => {
    over = new ParleyError('session_ended', 'Somebody else has signed in here');
    take(undefined);
    throw over;
  };

  /** Another window may have refreshed, signed out, or signed in. */
  const takeOver = (read: Read): void => {
    if (read === 'signed-out') {
      if (stored) take(undefined);
    } else if (read && owner !== undefined && read.session.user.id !== owner) giveWay();
    else if (read && JSON.stringify(read) !== JSON.stringify(stored)) take(read);
  };

  const first = stored ? undefined : keeper?.read();
  let loading: Promise<void> | undefined;
  if (first instanceof Promise) {
    loading = first.then((read) => {
      loading = undefined;
      if (!stored && !over && read !== 'signed-out') stored = read;
      owner ??= stored?.session.user.id;
    });
  } else if (first !== 'signed-out') {
    stored ??= first;
    owner ??= stored?.session.user.id;
  }

  const ask = async (path: string, body: unknown, signal?: AbortSignal): Promise<StoredSession> => {
    const how = signal ? { ...options, signal } : options;
    const { body: session, headers } = await request<Session>(how, 'POST', path, body);
    return { session, localExpiry: localExpiry(session, headers, clock.now()) };
  };

  /** Somebody signs in on purpose. */
  const signIn = async (path: string, body: unknown): Promise<Session> => {
    const next = await ask(path, body);
    over = undefined;
    owner = next.session.user.id;
    askedAt = Number.NEGATIVE_INFINITY;
    await keep(next);
    return next.session;
  };

  const refreshNow = async (used: StoredSession): Promise<Session> => {
    const { refreshToken } = used.session;
    const { attempt = newAttempt() } = used;
    // Kept first: whatever becomes of the answer, of this page or of this machine, it is asked for by the same name.
    if (used.attempt === undefined) await keep({ ...used, attempt });
    const isOurs = (): boolean => stored?.session.refreshToken === refreshToken;
    try {
      const next = await inTime(clock, (signal) => ask('/auth/refresh', { refreshToken, attempt }, signal));
      takeOver(await keeper?.read());
      if (!stored) throw new ParleyError('unauthenticated', 'Signed out meanwhile');
      if (isOurs()) await keep(next);
      return stored.session;
    } catch (error) {
      if (!isOver(error)) throw error;
      // Not when it is gone from here already: what is kept is another's then.
      if (isOurs()) await keep(undefined);
      throw new ParleyError('session_ended', error.message, { cause: error });
    }
  };

  const askProduct = async (exchange: NonNullable<AccountOptions['exchange']>): Promise<Session> => {
    if (clock.now() - askedAt < TOO_SOON_MS)
      throw new ParleyError('session_ended', 'The session ended as soon as it had begun');
    const next = await inTime(clock, async (signal) => {
      const token = await exchange();
      if (token === undefined) throw nobody();
      return ask('/auth/exchange', { token, ...device(options.deviceName) }, signal);
    });
    askedAt = clock.now();
    if (over) throw over;
    if (owner !== undefined && next.session.user.id !== owner) {
      await keeper?.write(next);
      return giveWay();
    }
    await keep(next);
    return next.session;
  };

  /** A session that is newer than `used`. Alone among those who share it. */
  const renewNow = async (used: StoredSession | undefined): Promise<Session> => {
    takeOver(await keeper?.read());
    // Whoever was alone before us may have done it for us.
    const other = stored && stored.session.accessToken !== used?.session.accessToken;
    if (stored && other && clock.now() < stored.localExpiry) return stored.session;
    const { exchange } = options;
    try {
      if (stored) return await refreshNow(stored);
    } catch (error) {
      if (!isOver(error) || !exchange || over) throw error;
    }
    if (!exchange) throw nobody();
    return askProduct(exchange);
  };

  const renew = (): Promise<Session> => {
    const used = stored;
    refreshing ??= exclusive(() => renewNow(used)).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  const refresh = async (): Promise<Session> => {
    await loading;
    if (over) throw over;
    if (!stored && !options.exchange) throw nobody();
    return renew();
  };

  const getToken: TokenSource = async ({ force = false } = {}) => {
    await loading;
    if (stored && !force && clock.now() < stored.localExpiry) return stored.session.accessToken;
    return (await refresh()).accessToken;
  };

  return {
    get session() {
      return stored?.session;
    },
    register: ({ deviceName, ...who }) => signIn('/auth/register', { ...who, ...device(deviceName) }),
    login: ({ deviceName, ...who }) => signIn('/auth/login', { ...who, ...device(deviceName) }),
    exchange: (token, deviceName) => signIn('/auth/exchange', { token, ...device(deviceName) }),
    refresh,
    async logout() {
      await loading;
      const gone = stored;
      over = nobody();
      if (!gone) return;
      await keep(undefined);
      await inTime(clock, (signal) => tellOf(gone, signal)).catch(() => {});
    },
    adopt(next) {
      over = undefined;
      stored = next;
      owner = next.session.user.id;
    },
    getToken,
  };

  /** Ends a session that nobody here uses any more. */
  async function tellOf(gone: StoredSession, signal: AbortSignal): Promise<void> {
    const { session, localExpiry, attempt = newAttempt() } = gone;
    const { refreshToken } = session;
    const fresh = clock.now() < localExpiry;
    const last = fresh ? session : (await ask('/auth/refresh', { refreshToken, attempt }, signal)).session;
    await request({ ...options, signal }, 'POST', '/auth/logout', undefined, last.accessToken);
  }
}

const nobody = (): ParleyError => new ParleyError('unauthenticated', 'Nobody is signed in');

const isOver = (error: unknown): error is ParleyError =>
  error instanceof ParleyError && (error.code === 'session_ended' || error.code === 'unauthenticated');

const device = (name: string | undefined): { device?: { name: string } } =>
  name === undefined ? {} : { device: { name } };

/** 32 hexadecimal digits. `randomUUID` is not there on pages without TLS. */
const newAttempt = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Rejects with `network` when `run` takes too long. */
async function inTime<T>(clock: Clock, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let stop = (): void => {};
  const late = new Promise<never>((_, reject) => {
    stop = clock.after(PATIENCE_MS, () => {
      reject(new ParleyError('network', 'No answer came in time'));
      abort.abort();
    });
  });
  try {
    return await Promise.race([run(abort.signal), late]);
  } finally {
    stop();
  }
}

/**
 * When to refresh, by this machine's clock: the token's life counted from now, since the clocks may differ. The
 * service's own time comes in the `Date` header, where the browser shows it.
 */
function localExpiry(session: Session, headers: Headers, now: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  const life = session.expiresAt - (Number.isNaN(date) ? now : date);
  return now + life - Math.min(MARGIN_MS, life / 10);
}
