import { beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { sessionIn, TestWorker } from './support.ts';

const worker = new TestWorker();
let ada: Session;
let bob: Session;

beforeAll(async () => {
  ada = await worker.register();
  bob = await worker.register();
});

const asAda = (method: string, path: string, body?: unknown) =>
  worker.ask(method, path, { token: ada.accessToken, ...(body === undefined ? {} : { body }) });

describe('users', () => {
  test('are found by id and by exact handle', async () => {
    expect(await asAda('GET', `/v1/users/${bob.user.id}`)).toMatchObject({ status: 200, body: bob.user });
    expect((await asAda('GET', `/v1/users?handle=${bob.user.handle}`)).body).toEqual([bob.user]);
    expect((await asAda('GET', `/v1/users?handle=@${bob.user.handle}`)).body).toEqual([bob.user]);
    expect((await asAda('GET', `/v1/users?handle=${bob.user.handle.slice(0, -1)}`)).body).toEqual([]);
  });

  test('P8 a wrong question is answered by name', async () => {
    expect(await asAda('GET', '/v1/users/u_nobody')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    expect(await asAda('GET', '/v1/users/%00')).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect((await asAda('GET', '/v1/users?handle=A')).body).toMatchObject({
      detail: expect.stringContaining('handle'),
    });
    expect((await asAda('GET', '/v1/users')).status).toBe(400);
  });

  test('change their own profile, field by field', async () => {
    const eve = await worker.register();
    const change = (body: unknown) => worker.ask('PATCH', '/v1/users/me', { token: eve.accessToken, body });
    expect((await change({ about: 'here since today' })).body).toEqual({
      ...eve.user,
      about: 'here since today',
    });
    expect((await change({ name: 'Eve', avatar: 'pic_1' })).body).toEqual({
      ...eve.user,
      name: 'Eve',
      about: 'here since today',
      avatar: 'pic_1',
    });
    expect((await change({})).body).toMatchObject({ name: 'Eve' });
    const { status, body } = await change({ privacy: { lastSeen: 'nobody' } });
    expect([status, body]).toEqual([200, expect.objectContaining({ privacy: { lastSeen: 'nobody' } })]);
    expect(await change({ name: '' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('name') },
    });
    expect((await change({ privacy: { x: 'y'.repeat(5_000) } })).status).toBe(413);
    expect((await worker.ask('GET', '/v1/users/me', { token: eve.accessToken })).body).toMatchObject({
      name: 'Eve',
      privacy: { lastSeen: 'nobody' },
    });
    expect((await asAda('GET', `/v1/users/${eve.user.id}`)).body, 'nobody else').not.toHaveProperty(
      'privacy',
    );
  });
});

describe('devices', () => {
  test('are listed, this one marked, without their secrets', async () => {
    const second = sessionIn(await worker.login(ada.user.handle));
    const { status, body, text } = await asAda('GET', '/v1/devices');
    expect(status).toBe(200);
    expect(body).toEqual([
      { ...ada.device, current: true, createdAt: expect.any(Number), refreshedAt: expect.any(Number) },
      { ...second.device, current: false, createdAt: expect.any(Number), refreshedAt: expect.any(Number) },
    ]);
    expect(text).not.toContain('family');
  });

  test('P7 a removed one is refused at once', async () => {
    const lost = sessionIn(await worker.login(ada.user.handle));
    expect((await asAda('DELETE', `/v1/devices/${lost.device.id}`)).status).toBe(204);
    expect((await asAda('DELETE', `/v1/devices/${lost.device.id}`)).status).toBe(404);
    for (const path of ['/v1/users/me', '/v1/devices', '/v1/conversations', `/v1/users/${bob.user.id}`]) {
      const answer = await worker.ask('GET', path, { token: lost.accessToken });
      expect(answer).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    }
    expect((await worker.refresh(lost.refreshToken)).status).toBe(401);
  });

  test("P7 somebody else's is like one that doesn't exist", async () => {
    const [theirs, nobodys] = [
      await asAda('DELETE', `/v1/devices/${bob.device.id}`),
      await asAda('DELETE', '/v1/devices/d_none'),
    ];
    expect(theirs.text).toBe(nobodys.text);
    expect(theirs.status).toBe(404);
    expect((await worker.ask('GET', '/v1/users/me', { token: bob.accessToken })).status).toBe(200);
  });

  test('one whose object can not be reached is still there to be removed', async () => {
    const lost = sessionIn(await worker.login(ada.user.handle));
    worker.users.failRemovals = 1;
    expect((await asAda('DELETE', `/v1/devices/${lost.device.id}`)).status).toBe(503);
    expect((await asAda('DELETE', `/v1/devices/${lost.device.id}`)).status).toBe(204);
    expect(worker.users.removed).toContain(lost.device.id);
  });
});
