import type { Session } from '../schema/protocol/http-auth.ts';
import { type Clock, systemClock } from './clock.ts';
import { ParleyError } from './errors.ts';
import { request } from './http.ts';
import type { TokenSource } from './types.ts';

export type { Session } from '../schema/protocol/http-auth.ts';

/** A session with the moment it ends by this machine's clock, in ms: what to keep across restarts. */
export interface StoredSession {
  readonly session: Session;
  readonly localExpiry: number;
}

export interface AccountOptions {
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: Clock;
  /** From an earlier run. */
  readonly stored?: StoredSession;
  /** After every log-in, refresh and end; undefined: signed out. Keep it: an old refresh token ends the session. */
  readonly onChange?: (stored: StoredSession | undefined) => void;
  /** Runs a refresh alone among programs that share this session, such as windows of one browser. */
  readonly exclusive?: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Who is signed in on this device. Every call throws `ParleyError`. */
export interface Account {
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
  /** Signed out here in any case; the service hears of it if it can be reached. */
  logout(): Promise<void>;
  /** Takes over a session that another program refreshed. */
  adopt(stored: StoredSession): void;
  /** For `createClient`: refreshes before the token runs out. */
  readonly getToken: TokenSource;
}

/** Refresh this long before the end, or at a tenth of a short life, in ms. */
const MARGIN_MS = 60_000;

export function createAccount(options: AccountOptions): Account {
  const clock = options.clock ?? systemClock;
  const exclusive = options.exclusive ?? (<T>(run: () => Promise<T>) => run());
  let stored = options.stored;
  let refreshing: Promise<Session> | undefined;

  const keep = (next: StoredSession | undefined): void => {
    stored = next;
    options.onChange?.(next);
  };

  const signIn = async (path: string, body: unknown): Promise<Session> => {
    const { body: session, headers } = await request<Session>(options, 'POST', path, body);
    keep({ session, localExpiry: localExpiry(session, headers, clock.now()) });
    return session;
  };

  const refreshNow = async (used: Session): Promise<Session> => {
    // Whoever had the lock before may have done it for us.
    if (stored && stored.session.refreshToken !== used.refreshToken) return stored.session;
    try {
      return await signIn('/auth/refresh', { refreshToken: used.refreshToken });
    } catch (error) {
      const over =
        error instanceof ParleyError && (error.code === 'session_ended' || error.code === 'unauthenticated');
      if (over && stored?.session.refreshToken === used.refreshToken) keep(undefined);
      throw over ? new ParleyError('session_ended', error.message, { cause: error }) : error;
    }
  };

  const refresh = (): Promise<Session> => {
    const used = stored?.session;
    if (!used) return Promise.reject(new ParleyError('unauthenticated', 'Nobody is signed in'));
    refreshing ??= exclusive(() => refreshNow(used)).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };

  const getToken: TokenSource = async ({ force = false } = {}) => {
    if (!stored) throw new ParleyError('unauthenticated', 'Nobody is signed in');
    const { session, localExpiry } = stored;
    if (!force && clock.now() < localExpiry) return session.accessToken;
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
      if (!stored) return;
      const token = await getToken().catch(() => undefined);
      keep(undefined);
      if (token !== undefined)
        await request(options, 'POST', '/auth/logout', undefined, token).catch(() => {});
    },
    adopt(next) {
      stored = next;
    },
    getToken,
  };
}

const device = (name: string | undefined): { device?: { name: string } } =>
  name === undefined ? {} : { device: { name } };

/**
 * When to refresh, by this machine's clock: the token's life counted from now, since the clocks may differ. The
 * service's own time comes in the `Date` header, where the browser shows it.
 */
function localExpiry(session: Session, headers: Headers, now: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  const life = session.expiresAt - (Number.isNaN(date) ? now : date);
  return now + life - Math.min(MARGIN_MS, life / 10);
}
