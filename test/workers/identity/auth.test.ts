import { describe, expect, test } from 'vitest';
import { fits } from '../../../schema/protocol/check.ts';
import { session } from '../../../schema/protocol/http-auth.ts';
import { brokenDatabase, newHandle, PASSWORD, sessionIn, TestWorker } from './support.ts';

const worker = new TestWorker();

describe('register', () => {
  test('answers 201 with a session that works', async () => {
    const handle = newHandle();
    const got = await worker.register(handle, { name: 'Ada' });
    expect(fits(session, got)).toBe(true);
    expect(got.user).toEqual({ id: got.user.id, handle, name: 'Ada' });
    expect(got.user.id).toMatch(/^u_[A-Za-z0-9_-]{16,}$/);
    expect(got.device).toEqual({ id: expect.stringMatching(/^d_[A-Za-z0-9_-]{16,}$/), name: 'laptop' });
    const inMinutes = (got.expiresAt - Date.now()) / 60_000;
    expect(inMinutes).toBeGreaterThan(14);
    expect(inMinutes).toBeLessThanOrEqual(15);
    const me = await worker.ask('GET', '/v1/users/me', { token: got.accessToken });
    expect(me).toMatchObject({ status: 200, body: got.user });
  });

  test('takes the handle as the name when there is none', async () => {
    const got = await worker.register();
    expect(got.user.name).toBe(got.user.handle);
  });

  test('P8 a taken handle is a conflict and changes nothing', async () => {
    const { user } = await worker.register();
    const again = await worker.ask('POST', '/v1/auth/register', {
      body: { handle: user.handle, password: 'another password' },
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await worker.login(user.handle)).status).toBe(200);
    expect((await worker.login(user.handle, 'another password')).status).toBe(401);
  });

  test('P8 of two at the same moment one gets the handle', async () => {
    const handle = newHandle();
    const both = await Promise.all(
      [1, 2].map(() => worker.ask('POST', '/v1/auth/register', { body: { handle, password: PASSWORD } })),
    );
    expect(both.map((one) => one.status).sort()).toEqual([201, 409]);
    expect((await worker.login(handle)).status).toBe(200);
  });

  test.each([
    [{ password: PASSWORD }, 'handle'],
    [{ handle: 'someone' }, 'password'],
    [{ handle: 'someone', password: 'short' }, 'password'],
    [{ handle: 'someone', password: 'x'.repeat(257) }, 'password'],
    [{ handle: 'Some One', password: PASSWORD }, 'handle'],
    [{ handle: 'ab', password: PASSWORD }, 'handle'],
    [{ handle: 'someone', password: PASSWORD, name: 7 }, 'name'],
    [{ handle: 'someone', password: PASSWORD, device: { name: '' } }, 'device.name'],
    [[], 'object'],
  ])('P8 %j is bad_request naming %s', async (body, field) => {
    const { status, body: problem, headers } = await worker.ask('POST', '/v1/auth/register', { body });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({
      status: 400,
      code: 'bad_request',
      detail: expect.stringContaining(field),
    });
  });
});

describe('login', () => {
  test('opens a session on a new device', async () => {
    const first = await worker.register();
    const { status, body } = await worker.login(first.user.handle);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: first.user });
    expect(body['device']).not.toEqual(first.device);
  });

  test('P8 an unknown handle, a wrong password and an account without one are answered alike', async () => {
    const { user } = await worker.register();
    const answers = await Promise.all([
      worker.login(user.handle, 'a wrong password'),
      worker.login(newHandle(), 'a wrong password'),
    ]);
    const [wrong, unknown] = answers.map(({ status, text }) => ({ status, text }));
    expect(wrong).toEqual(unknown);
    expect(wrong?.status).toBe(401);
    expect(JSON.parse(wrong?.text ?? '')).toMatchObject({ code: 'unauthenticated' });
  });

  test('passwords typed with other code points are the same', async () => {
    const { user } = await worker.register(newHandle(), { password: 'Zoe\u0308 is here' });
    expect((await worker.login(user.handle, 'Zo\u00eb is here')).status).toBe(200);
  });
});

describe('logout', () => {
  test('ends this device at once and no other', async () => {
    const first = await worker.register();
    const other = sessionIn(await worker.login(first.user.handle));
    expect((await worker.ask('POST', '/v1/auth/logout', { token: first.accessToken })).status).toBe(204);
    expect(await worker.ask('GET', '/v1/users/me', { token: first.accessToken })).toMatchObject({
      status: 401,
      body: { code: 'session_ended' },
    });
    expect((await worker.refresh(first.refreshToken)).status).toBe(401);
    expect((await worker.ask('GET', '/v1/users/me', { token: other.accessToken })).status).toBe(200);
  });

  test('P9 without D1 the device is still closed, and the log-out can be repeated', async () => {
    const first = await worker.register();
    const { DB } = worker.env;
    worker.env = { ...worker.env, DB: brokenDatabase };
    const failed = await worker.ask('POST', '/v1/auth/logout', { token: first.accessToken });
    worker.env = { ...worker.env, DB };
    expect(failed).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(worker.users.removed).toContain(first.device.id);
    expect((await worker.ask('POST', '/v1/auth/logout', { token: first.accessToken })).status).toBe(204);
    expect((await worker.refresh(first.refreshToken)).body).toMatchObject({ code: 'unauthenticated' });
  });
});

test('P8 log-in attempts from one address are limited, from another they are not', async () => {
  const strict = new TestWorker({ PARLEY_LIMITS: '{"authRate":3}' });
  const from = (ip: string) =>
    strict.ask('POST', '/v1/auth/login', {
      body: { handle: 'x', password: PASSWORD },
      headers: { 'cf-connecting-ip': ip },
    });
  for (let i = 0; i < 3; i++) expect((await from('198.51.100.7')).status).toBe(400);
  const refused = await from('198.51.100.7');
  expect(refused).toMatchObject({
    status: 429,
    body: { code: 'rate_limited', retryAfter: expect.any(Number) },
  });
  expect(refused.headers.get('retry-after')).toBe(String(refused.body['retryAfter']));
  expect((await from('198.51.100.8')).status).toBe(400);
});
