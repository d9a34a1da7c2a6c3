import {
  type Account,
  createAccount,
  parseStored,
  type StoredSession,
  type User,
} from '../../client/index.ts';
import { keep, kept, onKeptElsewhere } from '../state/kept.ts';
import { createValue, type Observable } from '../state/value.ts';

const KEY = 'parley.session';

const storage = {
  getItem: (key: string): string | null => kept(key) ?? null,
  setItem: keep,
  removeItem: (key: string): void => keep(key, undefined),
};

export interface SessionStore {
  readonly account: Account;
  /** Who is signed in, in all windows of this browser. */
  readonly user: Observable<User | undefined>;
  /** The profile was changed. */
  readonly changed: (user: User) => void;
}

/**
 * The session of this browser. Its windows share it: whoever refreshes does so alone and the others take it over, and
 * who logs out does so for all of them. `gone`: another window signed out, or somebody else in.
 */
export function openSession(url: string, gone: () => void): SessionStore {
  // Where storage is forbidden this is all there is.
  let stored = load();
  const account = createAccount({ url, storage, key: KEY, onChange: (next) => set(next) });
  const user = createValue(stored?.session.user);

  function set(next: StoredSession | undefined): void {
    stored = next;
    user.set(next?.session.user);
  }

  onKeptElsewhere(KEY, () => {
    const other = load();
    if (other?.session.device.id !== account.session?.device.id) return gone();
    if (!other) return;
    account.adopt(other);
    set(other);
  });

  return {
    account,
    user,
    changed(next) {
      if (!stored) return;
      const changed = { ...stored, session: { ...stored.session, user: next } };
      account.adopt(changed);
      keep(KEY, JSON.stringify(changed));
      set(changed);
    },
  };
}

/** Who is signed in as far as this browser knows at this moment, whatever this window has heard of. */
export const keptUser = (): string | undefined => load()?.session.user.id;

const load = (): StoredSession | undefined => parseStored(kept(KEY));
