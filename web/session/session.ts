import { type Account, createAccount, type StoredSession, type User } from '../../client/index.ts';
import { keep, kept, onKeptElsewhere } from '../state/kept.ts';
import { createValue, type Observable } from '../state/value.ts';

const KEY = 'parley.session';

export interface SessionStore {
  readonly account: Account;
  /** Who is signed in, in all windows of this browser. */
  readonly user: Observable<User | undefined>;
  /** The profile was changed. */
  readonly changed: (user: User) => void;
}

/**
 * The session of this browser. Its windows share it: whoever refreshes does so alone and tells the others, because a
 * refresh token works once, and who logs out does so for all of them.
 */
export function openSession(url: string): SessionStore {
  let stored = load();
  const user = createValue(stored?.session.user);

  const account = createAccount({
    url,
    ...(stored ? { stored } : {}),
    onChange(next) {
      keep(KEY, next && JSON.stringify(next));
      set(next);
    },
    exclusive: (run) =>
      'locks' in navigator
        ? navigator.locks.request(KEY, () => {
            takeOver();
            return run();
          })
        : run(),
  });

  function set(next: StoredSession | undefined): void {
    stored = next;
    user.set(next?.session.user);
  }

  /** What another window kept, unless it is of somebody else or nobody. */
  function takeOver(): void {
    const other = load();
    if (!other || other.session.device.id !== account.session?.device.id) return;
    account.adopt(other);
    set(other);
  }

  onKeptElsewhere(KEY, () => {
    const other = load();
    if (other?.session.device.id === account.session?.device.id) takeOver();
    // Signed out there, or somebody else signed in: begin anew, with nothing of the one before.
    else location.replace('/');
  });

  return {
    account,
    user,
    changed(next) {
      if (!stored) return;
      const { session, localExpiry } = stored;
      const changed = { session: { ...session, user: next }, localExpiry };
      account.adopt(changed);
      keep(KEY, JSON.stringify(changed));
      set(changed);
    },
  };
}

function load(): StoredSession | undefined {
  try {
    const value: unknown = JSON.parse(kept(KEY) ?? 'null');
    return isStored(value) ? value : undefined;
  } catch {
    // Of another version, or not ours: log in again.
    return undefined;
  }
}

function isStored(value: unknown): value is StoredSession {
  if (!isObject(value) || typeof value['localExpiry'] !== 'number' || !isObject(value['session']))
    return false;
  const { user, device, accessToken, expiresAt, refreshToken } = value['session'];
  return (
    hasTexts(user, 'id', 'handle', 'name') &&
    hasTexts(device, 'id', 'name') &&
    hasTexts({ accessToken, refreshToken }, 'accessToken', 'refreshToken') &&
    typeof expiresAt === 'number'
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const hasTexts = (value: unknown, ...keys: readonly string[]): boolean =>
  isObject(value) && keys.every((key) => typeof value[key] === 'string');
