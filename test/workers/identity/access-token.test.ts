import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signAccess, verifyAccess } from '../../../worker/auth/access-token.ts';
import { TestWorker } from './support.ts';

const key = crypto.getRandomValues(new Uint8Array(32));
const claims = { user: 'u_1', device: 'd_1' };
const minute = 60_000;

test('names user and device for 15 minutes', async () => {
  const now = Date.now();
  const { accessToken, expiresAt } = await signAccess(key, claims, now);
  expect(expiresAt).toBe(Math.floor(now / 1000) * 1000 + 15 * minute);
  expect(await verifyAccess(key, accessToken, now)).toMatchObject({ ok: true, value: claims });
  // The second time from memory, and no longer than the first.
  expect(await verifyAccess(key, accessToken, now + 14 * minute)).toMatchObject({ ok: true, value: claims });
  for (const late of [expiresAt, expiresAt + minute]) {
    expect(await verifyAccess(key, accessToken, late)).toMatchObject({ ok: false, code: 'unauthenticated' });
  }
});

describe('P8 is refused as unauthenticated', () => {
  const jwt = (payload: Record<string, unknown>, secret: Uint8Array = key, alg = 'HS256') =>
    new SignJWT({
      iss: 'parley',
      aud: 'parley',
      sub: 'u_1',
      dev: 'd_1',
      exp: Date.now() / 1000 + 60,
      ...payload,
    })
      .setProtectedHeader({ alg })
      .sign(secret);
  const verify = async (token: string) => verifyAccess(key, token, Date.now());

  test('the control is taken', async () => {
    expect((await verify(await jwt({}))).ok).toBe(true);
  });

  test.each([
    ['another key', () => jwt({}, crypto.getRandomValues(new Uint8Array(32)))],
    ['another algorithm', () => jwt({}, crypto.getRandomValues(new Uint8Array(64)), 'HS512')],
    ['another issuer', () => jwt({ iss: 'somebody' })],
    ['another audience', () => jwt({ aud: 'somebody' })],
    ['no device', () => jwt({ dev: undefined })],
    ['a device that is no text', () => jwt({ dev: 7 })],
    ['no user', () => jwt({ sub: undefined })],
    ['no end', () => jwt({ exp: undefined })],
    ['nonsense', async () => 'nonsense'],
  ])('%s', async (_, make) => {
    expect(await verify(await make())).toMatchObject({ ok: false, code: 'unauthenticated' });
  });

  test('a known token under another key', async () => {
    const token = await jwt({});
    expect((await verify(token)).ok).toBe(true);
    const other = crypto.getRandomValues(new Uint8Array(32));
    expect((await verifyAccess(other, token, Date.now())).ok).toBe(false);
  });

  test.each([
    ['none', {}],
    ['no bearer', { authorization: 'Basic YTpi' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['one that is too long', { authorization: `Bearer ${'a'.repeat(5_000)}` }],
  ])('%s at a route', async (_, headers) => {
    const answer = await new TestWorker().ask('GET', '/v1/users/me', { headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
});
