import { expect, test } from 'vitest';
import { createAccount } from '../../../client/auth.ts';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { Line, Person, post, type Service } from './device.ts';
import { crowd, newcomer, PASSWORD } from './people.ts';

export function accountContract(open: () => Service): void {
  test('sign-up, log-in, profile, look-up', async () => {
    const service = open();
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
    await expect(account.exchange('token')).rejects.toMatchObject({ code: 'not_found' });
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

  test('a refresh token is good once; used twice, it ends the session', async () => {
    const service = open();
    const ada = await newcomer(service, 'ada');
    const line = await ada.connect();
    const fresh = await post<Session>(service, '/auth/refresh', { refreshToken: ada.session.refreshToken });
    expect(fresh).toMatchObject({ user: ada.session.user, device: ada.session.device });
    expect(fresh.refreshToken).not.toBe(ada.session.refreshToken);
    const reuse = createAccount({ ...service, stored: { session: ada.session, localExpiry: 0 } });
    await expect(reuse.refresh()).rejects.toMatchObject({ code: 'session_ended' });
    expect(await line.until(() => line.closed)).toBe(4403);
    expect(await new Person(service, fresh).refused('GET', '/users/me')).toBe('session_ended');
    const unknown = { ...ada.session, refreshToken: `${'x'.repeat(24)}.${'y'.repeat(43)}` };
    const stranger = createAccount({ ...service, stored: { session: unknown, localExpiry: 0 } });
    await expect(stranger.refresh()).rejects.toMatchObject({ code: 'session_ended' });
  });

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
