import { type Account, createAccount, type StoredSession } from '../client/index.ts';

const KEY = 'parley.session';

/**
 * Who is signed in, in this window alone: `sessionStorage` lets two people sit in two windows of one browser.
 * A duplicated window brings the session of the first along, so refreshes are told to all windows and done one at a
 * time: a refresh token works once.
 */
export function openAccount(url: string): Account {
  const channel = new BroadcastChannel(KEY);
  const stored = load();
  const account = createAccount({
    url,
    ...(stored ? { stored } : {}),
    onChange(next) {
      save(next);
      if (next) channel.postMessage(next);
    },
    exclusive: (run) => {
      const device = account.session?.device.id ?? '';
      return 'locks' in navigator ? navigator.locks.request(`${KEY}.${device}`, run) : run();
    },
  });
  channel.onmessage = ({ data }: MessageEvent<StoredSession>) => {
    if (account.session?.device.id !== data.session.device.id) return;
    account.adopt(data);
    save(data);
  };
  return account;
}

function load(): StoredSession | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    return text === null ? undefined : (JSON.parse(text) as StoredSession);
  } catch {
    // Storage may be forbidden, or hold something of another version: log in again.
    return undefined;
  }
}

function save(stored: StoredSession | undefined): void {
  try {
    if (stored) sessionStorage.setItem(KEY, JSON.stringify(stored));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the session lives as long as the page.
  }
}
