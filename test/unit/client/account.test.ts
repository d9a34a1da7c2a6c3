/** An account against the service in memory: bad lines, several windows, and a product that embeds it. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AccountOptions, createAccount, type SessionStorage } from '../../../client/auth.ts';
import { createClient } from '../../../client/client.ts';
import { createApi } from '../../../client/http.ts';
import { parseStored, type StoredSession } from '../../../client/session-storage.ts';
import { createTestServer, createVirtualClock } from '../../../client/testing/index.ts';

const KEY = 'parley.session';
const password = 'correct horse';
/** Longer than an access token lives. */
const LATER = 20 * 60_000;

afterEach(() => vi.unstubAllGlobals());

/** As localStorage. */
class MapStorage implements SessionStorage {
  readonly rows = new Map<string, string>();
  getItem(key: string): string | null {
    return this.rows.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.rows.set(key, value);
  }
  removeItem(key: string): void {
    this.rows.delete(key);
  }
  get stored(): StoredSession | undefined {
    return parseStored(this.getItem(KEY));
  }
}

/** Web Locks of one origin: one at a time, in the order of their coming. */
function stubLocks(): void {
  const tails = new Map<string, Promise<unknown>>();
  const request = (name: string, run: () => Promise<unknown>): Promise<unknown> => {
    const mine = (tails.get(name) ?? Promise.resolve()).then(run, run);
    tails.set(name, mine);
    return mine;
  };
  vi.stubGlobal('navigator', { locks: { request } });
}
const stubNoLocks = (): void => void vi.stubGlobal('navigator', {});

interface Asked {
  readonly path: string;
  readonly body: { readonly refreshToken?: string; readonly attempt?: string; readonly token?: string };
}

function setup(limits = {}) {
  const clock = createVirtualClock();
  const server = createTestServer({
    clock,
    limits,
    exchange: (token) => (token.startsWith('jwt ') ? { subject: token.split(' ')[1] ?? '' } : undefined),
  });
  const asked: Asked[] = [];
  /** How many of the next answers of `/auth/…` get lost. */
  const line = { lost: 0, beforeNext: undefined as (() => void) | undefined };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { pathname } = new URL(String(input));
    const about = pathname.startsWith('/v1/auth/');
    if (about) asked.push({ path: pathname.slice(8), body: JSON.parse(String(init?.body ?? '{}')) });
    const { beforeNext } = line;
    line.beforeNext = undefined;
    beforeNext?.();
    const answer = await server.fetch(input, init);
    if (about && line.lost > 0) {
      line.lost--;
      throw new TypeError('the line broke');
    }
    return answer;
  };
  const account = (more: Partial<AccountOptions> = {}) =>
    createAccount({ url: server.url, fetch, clock, ...more });
  const refreshes = (): Asked[] => asked.filter(({ path }) => path === '/refresh');
  const devices = async (getToken: () => Promise<string>) =>
    (await createApi({ ...server, getToken })<{ id: string }[]>('GET', '/devices')).map(({ id }) => id);
  return { clock, server, asked, line, fetch, account, refreshes, devices };
}

describe('P9 a line that loses answers', () => {
  test('signs nobody out: the refresh is asked for by the same name until it is answered', async () => {
    const { clock, account, line, refreshes } = setup();
    const ada = account();
    await ada.register({ handle: 'ada', password });
    await clock.advance(LATER);
    line.lost = 3;
    for (let i = 0; i < 3; i++) {
      await expect(ada.getToken()).rejects.toMatchObject({ code: 'network' });
      await clock.advance(LATER);
    }
    const token = await ada.getToken();
    expect(new Set(refreshes().map(({ body }) => `${body.refreshToken} ${body.attempt}`)).size).toBe(1);
    expect(refreshes()).toHaveLength(4);
    expect(refreshes()[0]?.body.attempt).toMatch(/^[0-9a-f]{32}$/);
    // The next one has another name.
    await clock.advance(LATER);
    expect(await ada.getToken()).not.toBe(token);
    expect(refreshes()[4]?.body.attempt).not.toBe(refreshes()[0]?.body.attempt);
  });

  test('the name is kept before the request leaves, and used by the next run of the program', async () => {
    const { clock, account, line, refreshes } = setup();
    stubLocks();
    const storage = new MapStorage();
    const ada = account({ storage });
    const { device } = await ada.register({ handle: 'ada', password });
    await clock.advance(LATER);
    let before: StoredSession | undefined;
    line.beforeNext = () => {
      before = storage.stored;
    };
    line.lost = 1;
    await expect(ada.getToken()).rejects.toMatchObject({ code: 'network' });
    expect(before?.attempt).toBe(refreshes()[0]?.body.attempt);
    await clock.advance(24 * 3_600_000);
    const again = account({ storage });
    expect(again.session?.device).toEqual(device);
    await again.getToken();
    expect(refreshes().map(({ body }) => body.attempt)).toEqual([before?.attempt, before?.attempt]);
    expect(storage.stored?.attempt).toBeUndefined();
  });

  test('so it is where the program keeps the session by itself', async () => {
    const { clock, account, line, refreshes } = setup();
    const kept: (StoredSession | undefined)[] = [];
    const ada = account({ onChange: (next) => kept.push(next) });
    await ada.register({ handle: 'ada', password });
    await clock.advance(LATER);
    line.lost = 1;
    line.beforeNext = () => expect(kept).toHaveLength(2);
    await expect(ada.getToken()).rejects.toMatchObject({ code: 'network' });
    await clock.advance(LATER);
    // Through JSON, as it would be kept.
    const stored = parseStored(JSON.stringify(kept.at(-1)));
    await account({ ...(stored && { stored }) }).getToken();
    expect(new Set(refreshes().map(({ body }) => body.attempt)).size).toBe(1);
  });

  test('a refresh that hangs is given up after 30 s, and asked for again', async () => {
    const { clock, server, account } = setup();
    const ada = account();
    await ada.register({ handle: 'ada', password });
    await clock.advance(LATER);
    let hang = true;
    const slow = account({
      stored: { session: ada.session!, localExpiry: 0 },
      fetch: (input, init) =>
        hang
          ? new Promise((_, reject) => {
              init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
            })
          : server.fetch(input, init),
    });
    const failed = expect(slow.getToken()).rejects.toMatchObject({ code: 'network' });
    await clock.advance(30_000);
    await failed;
    hang = false;
    expect(await slow.getToken()).toBeTruthy();
  });
});

describe('windows that share a storage', () => {
  test('refresh once, with Web Locks', async () => {
    const { clock, account, refreshes } = setup();
    stubLocks();
    const storage = new MapStorage();
    await account({ storage }).register({ handle: 'ada', password });
    await clock.advance(LATER);
    const windows = Array.from({ length: 5 }, () => account({ storage }));
    const tokens = await Promise.all(windows.map(({ getToken }) => getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes()).toHaveLength(1);
  });

  test('P9 without Web Locks none is signed out, whoever refreshes when', async () => {
    const { clock, account, devices } = setup();
    stubNoLocks();
    // Each window has a storage object of its own over the same rows, as windows have.
    const rows = new Map<string, string>();
    const windowStorage = (): SessionStorage => ({
      getItem: (key) => rows.get(key) ?? null,
      setItem: (key, value) => rows.set(key, value),
      removeItem: (key) => rows.delete(key),
    });
    await account({ storage: windowStorage() }).register({ handle: 'ada', password });
    const windows = Array.from({ length: 3 }, () => account({ storage: windowStorage() }));
    for (let i = 0; i < 5; i++) {
      await clock.advance(LATER);
      const tokens = await Promise.all(windows.map(({ getToken }) => getToken()));
      for (const token of tokens) expect(await devices(async () => token)).toHaveLength(1);
    }
  });

  test('who signs out in one is signed out in the others, and a refresh under way brings nobody back', async () => {
    const { clock, account, line } = setup();
    stubLocks();
    const storage = new MapStorage();
    const [one, two] = [account({ storage }), account({ storage })];
    await one.register({ handle: 'ada', password });
    await two.getToken().catch(() => {});
    const other = account({ storage });
    await clock.advance(LATER);
    line.beforeNext = () => void one.logout();
    await expect(other.getToken()).rejects.toMatchObject({ code: 'session_ended' });
    expect(storage.stored).toBeUndefined();
    expect([one.session, other.session]).toEqual([undefined, undefined]);
    await expect(other.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('P7 one that belongs to another person does not speak for who signed in', async () => {
    const { clock, account } = setup();
    stubLocks();
    const storage = new MapStorage();
    const [ada, ben] = [account({ storage }), account({ storage })];
    await ada.register({ handle: 'ada', password });
    await clock.advance(LATER);
    const { user } = await ben.register({ handle: 'ben', password });
    for (let i = 0; i < 2; i++) await expect(ada.getToken()).rejects.toMatchObject({ code: 'session_ended' });
    expect(ada.session).toBeUndefined();
    expect(storage.stored?.session.user).toEqual(user);
    expect(await ben.getToken()).toBeTruthy();
    // On purpose it may be anybody.
    await ada.login({ handle: 'ben', password });
    expect(await ada.getToken()).toBeTruthy();
  });
});

describe('a storage that is none', () => {
  const failing: SessionStorage = {
    getItem: () => {
      throw new Error('forbidden');
    },
    setItem: () => {
      throw new Error('full');
    },
    removeItem: () => {
      throw new Error('forbidden');
    },
  };
  const forgetful: SessionStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  const rejecting: SessionStorage = {
    getItem: () => Promise.reject(new Error('gone')),
    setItem: () => Promise.reject(new Error('gone')),
    removeItem: () => Promise.reject(new Error('gone')),
  };

  test.each([
    ['throws', failing],
    ['forgets', forgetful],
    ['rejects', rejecting],
  ])('that %s: memory has to do', async (_, storage) => {
    const { clock, account, refreshes } = setup();
    stubNoLocks();
    const ada = account({ storage });
    await ada.register({ handle: 'ada', password });
    for (let i = 1; i <= 3; i++) {
      await clock.advance(LATER);
      await ada.getToken();
      expect(refreshes()).toHaveLength(i);
    }
    await ada.logout();
    await expect(ada.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('that answers later is waited for', async () => {
    const { clock, account, refreshes } = setup();
    stubNoLocks();
    const inner = new MapStorage();
    const storage: SessionStorage = {
      getItem: async (key) => inner.getItem(key),
      setItem: async (key, value) => inner.setItem(key, value),
      removeItem: async (key) => inner.removeItem(key),
    };
    const { user } = await account({ storage }).register({ handle: 'ada', password });
    const again = account({ storage });
    expect(await again.getToken()).toBe(inner.stored?.session.accessToken);
    expect(again.session?.user).toEqual(user);
    await clock.advance(LATER);
    await again.getToken();
    expect(refreshes()).toHaveLength(1);
    await again.logout();
    expect(inner.rows.size).toBe(0);
  });

  test.each([
    [''],
    ['{'],
    ['null'],
    ['7'],
    ['{"localExpiry":1}'],
    ['{"session":{},"localExpiry":1}'],
    ['{"session":{"user":null},"localExpiry":1}'],
  ])('P8 with %j of somebody else in it nobody is signed in', async (text) => {
    const { account } = setup();
    stubNoLocks();
    const storage = new MapStorage();
    storage.setItem(KEY, text);
    const ada = account({ storage });
    expect(ada.session).toBeUndefined();
    await expect(ada.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
    await ada.register({ handle: 'ada', password });
    expect(storage.stored?.session).toEqual(ada.session);
  });
});

describe('an account of a product', () => {
  /** Counts how often the product is asked, and how many calls are under way at most. */
  const product = (token: () => string | undefined = () => 'jwt ada 1') => {
    const told = { asked: 0, most: 0 };
    let open = 0;
    const exchange = async (): Promise<string | undefined> => {
      told.asked++;
      told.most = Math.max(told.most, ++open);
      await new Promise((done) => setImmediate(done));
      open--;
      return token();
    };
    return { told, exchange };
  };

  test.each([
    ['with', stubLocks],
    ['without', stubNoLocks],
  ])('StrictMode, two tabs and ten reloads are one device, asked for once, %s Web Locks', async (_, stub) => {
    const { account, asked, devices } = setup();
    stub();
    const { told, exchange } = product();
    const storage = new MapStorage();
    const mounts = Array.from({ length: 4 }, () => account({ exchange, storage }));
    const tokens = await Promise.all(mounts.flatMap(({ getToken }) => [getToken(), getToken()]));
    expect(new Set(tokens).size).toBe(1);
    for (let i = 0; i < 10; i++) await account({ exchange, storage }).getToken();
    expect(told).toEqual({ asked: 1, most: 1 });
    expect(asked.map(({ path }) => path)).toEqual(['/exchange']);
    expect(await devices(async () => tokens[0] ?? '')).toHaveLength(1);
  });

  test('windows that share nothing and bring the same token are one device too', async () => {
    const { clock, account, devices } = setup();
    stubNoLocks();
    const { exchange } = product();
    const windows = Array.from({ length: 3 }, () => account({ exchange, storage: new MapStorage() }));
    await Promise.all(windows.map(({ getToken }) => getToken()));
    expect(new Set(windows.map(({ session }) => session?.device.id)).size).toBe(1);
    expect(new Set(windows.map(({ session }) => session?.refreshToken)).size).toBe(1);
    await clock.advance(LATER);
    const tokens = await Promise.all(windows.map(({ getToken }) => getToken()));
    for (const token of tokens) expect(await devices(async () => token)).toHaveLength(1);
  });

  test('it lives by its refresh token, and asks the product again when its session has ended', async () => {
    const { clock, server, account, asked } = setup();
    stubLocks();
    let n = 0;
    const { told, exchange } = product(() => `jwt ada ${++n}`);
    const storage = new MapStorage();
    const ada = account({ exchange, storage, deviceName: 'Shop' });
    await ada.getToken();
    expect(ada.session?.device.name).toBe('Shop');
    await clock.advance(LATER);
    await ada.getToken();
    expect(told.asked).toBe(1);
    const before = ada.session;
    await createApi({ ...server, getToken: ada.getToken })('DELETE', `/devices/${before?.device.id}`);
    await clock.advance(LATER);
    const [one, two] = await Promise.all([ada.getToken(), ada.getToken()]);
    expect(one).toBe(two);
    expect(told).toEqual({ asked: 2, most: 1 });
    expect(ada.session?.user).toEqual(before?.user);
    expect(ada.session?.device.id).not.toBe(before?.device.id);
    expect(asked.map(({ path }) => path)).toEqual(['/exchange', '/refresh', '/refresh', '/exchange']);
    expect(storage.stored?.session).toEqual(ada.session);
  });

  test('a client goes on by itself when it is started again after the end of its session', async () => {
    const { clock, server, account } = setup();
    stubLocks();
    let n = 0;
    const { told, exchange } = product(() => `jwt ada ${++n}`);
    const ada = account({ exchange, storage: new MapStorage() });
    const client = createClient({ ...server, clock, getToken: ada.getToken, store: 'memory' });
    client.start();
    await clock.until(client.online());
    await clock.until(client.api('DELETE', `/devices/${ada.session?.device.id}`));
    await clock.waitFor(() => client.connection.get().name === 'closed');
    expect(client.connection.get()).toEqual({ name: 'closed', reason: 'session_ended' });
    await clock.advance(10_000);
    client.start();
    await clock.until(client.online());
    expect(told.asked).toBe(2);
    client.close();
  });

  test('P8 it never loops: a session that ends at once is not begun again and again', async () => {
    const { clock, server, account } = setup();
    stubLocks();
    const { told, exchange } = product();
    const ada = account({ exchange, storage: new MapStorage() });
    const end = async (): Promise<void> => {
      const { session } = ada;
      if (session)
        await createApi({ ...server, getToken: async () => session.accessToken })('POST', '/auth/logout');
    };
    await ada.getToken();
    for (let i = 0; i < 20; i++) {
      await end();
      await expect(ada.getToken({ force: true })).rejects.toMatchObject({ code: 'session_ended' });
    }
    expect(told.asked).toBe(1);
    await clock.advance(10_000);
    expect(await ada.getToken()).toBeTruthy();
    expect(told.asked).toBe(2);
  });

  test('P8 a token that is refused, a product where nobody is signed in, and one that fails: asked once a call', async () => {
    const { account } = setup();
    stubLocks();
    const refused = product(() => 'run out');
    const bad = account({ exchange: refused.exchange, storage: new MapStorage() });
    await expect(bad.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(refused.told.asked).toBe(1);
    const nobody = product(() => undefined);
    const out = account({ exchange: nobody.exchange });
    await expect(out.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
    const broken = account({ exchange: () => Promise.reject(new Error('503')) });
    await expect(broken.getToken()).rejects.toThrow('503');
    await expect(broken.getToken()).rejects.toThrow('503');
  });

  test('a product that hangs is given up after 30 s, and the other windows go on', async () => {
    const { clock, account } = setup();
    stubLocks();
    const storage = new MapStorage();
    const stuck = account({ storage, exchange: () => new Promise(() => {}) });
    const fine = account({ storage, exchange: () => 'jwt ada 1' });
    const failed = expect(stuck.getToken()).rejects.toMatchObject({ code: 'network' });
    const token = fine.getToken();
    await clock.advance(30_000);
    await failed;
    expect(await token).toBeTruthy();
  });

  test('who logs out stays out on this page, and the next page asks the product', async () => {
    const { account, asked } = setup();
    stubLocks();
    const { told, exchange } = product();
    const storage = new MapStorage();
    const ada = account({ exchange, storage });
    await ada.getToken();
    await ada.logout();
    await expect(ada.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(ada.getToken({ force: true })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(told.asked).toBe(1);
    expect(storage.rows.size).toBe(0);
    expect(asked.map(({ path }) => path)).toEqual(['/exchange', '/logout']);
    expect(await account({ exchange, storage }).getToken()).toBeTruthy();
    expect(told.asked).toBe(2);
  });

  test('P7 when somebody else is signed in to the product, this page ends and the next is theirs', async () => {
    const { clock, server, account } = setup();
    stubLocks();
    let who = 'ada';
    const { told, exchange } = product(() => `jwt ${who} 1`);
    const storage = new MapStorage();
    const ada = account({ exchange, storage });
    await ada.getToken();
    const first = ada.session;
    await createApi({ ...server, getToken: ada.getToken })('POST', '/auth/logout');
    who = 'ben';
    await clock.advance(LATER);
    for (let i = 0; i < 3; i++) await expect(ada.getToken()).rejects.toMatchObject({ code: 'session_ended' });
    expect(told.asked).toBe(2);
    const ben = account({ exchange, storage });
    await ben.getToken();
    expect(ben.session?.user.id).not.toBe(first?.user.id);
    expect(told.asked).toBe(2);
  });

  test('each person of a browser has a key of their own', async () => {
    const { account } = setup();
    stubLocks();
    const storage = new MapStorage();
    const [ada, ben] = ['ada', 'ben'].map((who) =>
      account({ storage, key: `chat.${who}`, exchange: () => `jwt ${who} 1` }),
    );
    await Promise.all([ada?.getToken(), ben?.getToken()]);
    expect([...storage.rows.keys()].sort()).toEqual(['chat.ada', 'chat.ben']);
    expect(ada?.session?.user.id).not.toBe(ben?.session?.user.id);
  });
});
