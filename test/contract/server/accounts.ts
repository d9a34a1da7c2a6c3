import { expect, test } from 'vitest';
import { createAccount } from '../../../client/auth.ts';
import { createApi } from '../../../client/http.ts';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { since } from '../since.ts';
import { Line, Person, post, type Service } from './device.ts';
import { crowd, newcomer, PASSWORD } from './people.ts';

export function accountContract(open: () => Service): void {
  test('sign-up, log-in, profile, look-up', async () => {
    // Here everybody has a password.
    const { tokenOf: _, ...service } = open();
    const { ada, ben } = await crowd(service);
    const { handle } = ada.session.user;
    const account = createAccount(service);
    await expect(account.register({ handle, password: PASSWORD })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(account.login({ handle, password: 'wrong horse' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await expect(account.login({ handle: 'nobody_here', password: PASSWORD })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await expect(account.exchange('token')).rejects.toMatchObject({
      code: service.product ? 'unauthenticated' : 'not_found',
    });
    const session = await account.login({ handle, password: PASSWORD, deviceName: 'Laptop' });
    expect(session).toMatchObject({ user: ada.session.user, device: { name: 'Laptop' } });
    expect(session.expiresAt).toBeGreaterThan(Date.now());
    const me = { id: ada.id, handle, name: 'Countess', about: 'Numbers' };
    expect(await ada.api('PATCH', '/users/me', { name: 'Countess', about: 'Numbers' })).toEqual(me);
    expect(await ada.api('GET', '/users/me')).toEqual(me);
    expect(await ben.api('GET', `/users/${ada.id}`)).toEqual(me);
    expect(await ben.api('GET', `/users?handle=${handle}`)).toEqual([me]);
    expect(await ben.api('GET', `/users?handle=nobody_here`)).toEqual([]);
    const several = await ben.api('GET', `/users?ids=${ben.id},nobody,${ada.id}`);
    expect(several).toEqual([ben.session.user, me]);
  });

  since('0.2.0', open)(
    'a refresh rotates; its token before is answered again, and an older one ends the session',
    async () => {
      const service = open();
      const ada = await newcomer(service, 'ada');
      const line = await ada.connect();
      const refresh = (refreshToken: string, attempt?: string) =>
        post<Session>(service, '/auth/refresh', { refreshToken, attempt });
      const first = ada.session.refreshToken;
      const second = await refresh(first, 'attempt-1');
      expect(second).toMatchObject({ user: ada.session.user, device: ada.session.device });
      expect(second.refreshToken).not.toBe(first);
      // Its answer was lost; another tab asked at the same moment; a client that knows no attempts.
      for (const attempt of ['attempt-1', 'attempt-2', undefined]) {
        const again = await refresh(first, attempt);
        expect(again.refreshToken).toBe(second.refreshToken);
        expect(await new Person(service, again).api('GET', '/users/me')).toMatchObject({ id: ada.id });
      }
      const third = await refresh(second.refreshToken, 'attempt-3');
      expect((await refresh(second.refreshToken, 'attempt-3')).refreshToken).toBe(third.refreshToken);
      expect(line.closed).toBeUndefined();

      const reuse = createAccount({ ...service, stored: { session: ada.session, localExpiry: 0 } });
      await expect(reuse.refresh()).rejects.toMatchObject({ code: 'session_ended' });
      expect(await line.until(() => line.closed)).toBe(4403);
      expect(await new Person(service, third).refused('GET', '/users/me')).toBe('session_ended');
      await expect(refresh(third.refreshToken)).rejects.toThrow('unauthenticated');
      const unknown = { ...ada.session, refreshToken: `${'x'.repeat(24)}.${'y'.repeat(43)}` };
      const stranger = createAccount({ ...service, stored: { session: unknown, localExpiry: 0 } });
      await expect(stranger.refresh()).rejects.toMatchObject({ code: 'session_ended' });
    },
  );

  since('0.2.0', open)('P9 two refreshes at once both win, and no session ends', async () => {
    const service = open();
    const ada = await newcomer(service, 'ada');
    const line = await ada.connect();
    const { refreshToken } = ada.session;
    const both = await Promise.all(
      ['one', 'two'].map((attempt) => post<Session>(service, '/auth/refresh', { refreshToken, attempt })),
    );
    expect(both[0]?.refreshToken).toBe(both[1]?.refreshToken);
    for (const session of both)
      expect(await new Person(service, session).api('GET', '/users/me')).toMatchObject({ id: ada.id });
    expect(line.closed).toBeUndefined();
  });

  since('0.2.0', open)('P8 what is no attempt is refused, and uses nothing up', async () => {
    const service = open();
    const { session } = await newcomer(service, 'ada');
    const { refreshToken } = session;
    await expect(post(service, '/auth/refresh', { refreshToken, attempt: 'a b' })).rejects.toThrow('attempt');
    expect(await post(service, '/auth/refresh', { refreshToken })).toMatchObject({ device: session.device });
  });

  since('0.2.0', open)(
    'the eleventh log-in ends the device unused longest, tells both, and locks nobody out',
    async () => {
      const service = open();
      const ada = await newcomer(service, 'ada');
      const others: Person[] = [];
      for (let i = 0; i < 9; i++) others.push(await ada.again(PASSWORD));
      const [mine, theirs] = [await ada.connect(), await others[0]!.connect()];
      // The first one is used: now the second is unused longest.
      const { refreshToken } = ada.session;
      const used = await post<Session>(service, '/auth/refresh', { refreshToken, attempt: 'a' });
      const last = await ada.again(PASSWORD);
      expect(last.session.ended).toEqual([others[0]!.session.device]);
      expect(await theirs.until(() => theirs.closed)).toBe(4403);
      expect(await others[0]!.refused('GET', '/users/me')).toBe('session_ended');
      const left = await last.api<{ id: string }[]>('GET', '/devices');
      expect(left.map(({ id }) => id)).toEqual([ada, ...others.slice(1), last].map(({ device }) => device));
      expect(mine.closed).toBeUndefined();
      expect(await new Person(service, used).api('GET', '/users/me')).toMatchObject({ id: ada.id });
    },
  );

  since('0.2.0', open)(
    'a token of the product is a user for good, and a device as long as its session lasts',
    async ({ skip }) => {
      const service = open();
      const { product = skip() } = service;
      const subject = crypto.randomUUID();
      const token = await product(subject);
      const exchange = (one: string) => post<Session>(service, '/auth/exchange', { token: one });
      const devices = (session: Session) =>
        new Person(service, session).api<{ id: string }[]>('GET', '/devices').then((all) => all.length);
      const first = await exchange(token);
      const [again, twice] = await Promise.all([exchange(token), exchange(token)]);
      for (const { device, refreshToken } of [again, twice])
        expect([device, refreshToken]).toEqual([first.device, first.refreshToken]);
      const { refreshToken } = first;
      const refreshed = await post<Session>(service, '/auth/refresh', { refreshToken, attempt: 'a' });
      expect((await exchange(token)).refreshToken).toBe(refreshed.refreshToken);
      expect(await devices(refreshed)).toBe(1);
      const other = await exchange(await product(subject));
      expect([other.user, await devices(other)]).toEqual([first.user, 2]);
      const line = await new Person(service, other).connect();
      expect((await new Person(service, refreshed).ask('POST', '/auth/logout')).status).toBe(204);
      const next = await exchange(token);
      expect(next.device.id).not.toBe(first.device.id);
      await expect(post(service, '/auth/refresh', refreshed)).rejects.toThrow('unauthenticated');
      expect(await devices(next)).toBe(2);
      expect(line.closed).toBeUndefined();
    },
  );

  since('0.2.0', open)(
    'P9 an account that loses an answer, is opened twice and loaded again, is one device of the product',
    async ({ skip }) => {
      const service = open();
      const { product = skip() } = service;
      const token = await product(crypto.randomUUID());
      const rows = new Map<string, string>();
      const storage = {
        getItem: (key: string) => rows.get(key) ?? null,
        setItem: (key: string, value: string) => rows.set(key, value),
        removeItem: (key: string) => rows.delete(key),
      };
      let lose = 0;
      let asked = 0;
      const fetch: typeof globalThis.fetch = async (...request) => {
        const answer = await service.fetch(...request);
        if (lose-- > 0) throw new TypeError('the line broke');
        return answer;
      };
      // A key of its own: tests that run beside this one share the locks of the process.
      const key = crypto.randomUUID();
      const exchange = (): string => {
        asked++;
        return token;
      };
      const page = () => createAccount({ url: service.url, fetch, storage, key, exchange });
      const [one, two] = [page(), page()];
      expect(await one.getToken()).toBe(await two.getToken());
      lose = 2;
      await expect(one.getToken({ force: true })).rejects.toMatchObject({ code: 'network' });
      await expect(two.getToken({ force: true })).rejects.toMatchObject({ code: 'network' });
      const after = page();
      await after.getToken({ force: true });
      expect([asked, after.session?.device]).toEqual([1, two.session?.device]);
      const devices = createApi({ ...service, getToken: after.getToken })<unknown[]>('GET', '/devices');
      expect(await devices).toHaveLength(1);
    },
  );

  test('devices: each log-in is one, and is removed alone', async () => {
    const ada = await newcomer(open(), 'ada');
    const other = await ada.again(PASSWORD);
    const devices = await ada.api<{ id: string; current: boolean }[]>('GET', '/devices');
    expect(devices.map(({ id, current }) => [id, current])).toEqual([
      [ada.device, true],
      [other.device, false],
    ]);
    const [mine, theirs] = [await ada.connect(), await other.connect()];
    expect((await ada.ask('DELETE', `/devices/${other.device}`)).status).toBe(204);
    expect(await theirs.until(() => theirs.closed)).toBe(4403);
    expect(await other.refused('GET', '/conversations')).toBe('session_ended');
    expect(await Line.silent(other)).toBeUndefined();
    expect(mine.closed).toBeUndefined();
    expect((await ada.ask('POST', '/auth/logout')).status).toBe(204);
    expect(await mine.until(() => mine.closed)).toBe(4403);
    expect(await ada.refused('GET', '/users/me')).toBe('session_ended');
  });
}
