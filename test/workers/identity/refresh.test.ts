import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { hashSecrets } from '../../../worker/auth/refresh-token.ts';
import { type Answered, sessionIn, TestWorker } from './support.ts';

const worker = new TestWorker();

/** As if the latest rotation of this device had been so long ago. */
const age = (device: string, ms: number) =>
  env.DB.prepare('UPDATE devices SET refreshed_at = refreshed_at - ? WHERE id = ?').bind(ms, device).run();

const tokenIn = (answer: Answered): string => sessionIn(answer).refreshToken;

const expectEnded = (answer: Answered) =>
  expect(answer).toMatchObject({ status: 401, body: { code: 'session_ended' } });

/** The device is signed in, and its newest token is this one. */
async function expectAlive(on: TestWorker, { device }: Session, refreshToken: string): Promise<void> {
  expect(on.users.removed).not.toContain(device.id);
  expect((await on.refresh(refreshToken, 'still-alive')).status).toBe(200);
}

describe('refresh', () => {
  test('rotates: the new tokens work', async () => {
    const first = await worker.register();
    const second = sessionIn(await worker.refresh(first.refreshToken));
    expect(second).toMatchObject({ user: first.user, device: first.device });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await worker.ask('GET', '/v1/users/me', { token: second.accessToken })).status).toBe(200);
    expect((await worker.refresh(second.refreshToken)).status).toBe(200);
  });

  test.each(['nonsense', `${'A'.repeat(24)}.${'A'.repeat(43)}`, 'x'.repeat(512)])(
    'P8 %s is unauthenticated',
    async (token) => {
      expect(await worker.refresh(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    },
  );

  test.each([['a b'], ['x'.repeat(65)], ['']])('P8 %j is no attempt', async (attempt) => {
    const first = await worker.register();
    expect(await worker.refresh(first.refreshToken, attempt)).toMatchObject({
      status: 400,
      body: { code: 'bad_request', detail: expect.stringContaining('attempt') },
    });
    await expectAlive(worker, first, first.refreshToken);
  });

  test('a device that only its object knows to be removed is refused, and forgotten', async () => {
    const first = await worker.register();
    worker.users.removed.add(first.device.id);
    expectEnded(await worker.refresh(first.refreshToken));
    worker.users.removed.delete(first.device.id);
    expect(await worker.refresh(first.refreshToken)).toMatchObject({ body: { code: 'unauthenticated' } });
  });

  test('nothing is used up when the object can not be reached', async () => {
    const first = await worker.register();
    worker.users.failures.push(new Error('gone'));
    expect(await worker.refresh(first.refreshToken)).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    expect((await worker.refresh(first.refreshToken)).status).toBe(200);
  });
});

describe('an answer that was lost', () => {
  test('the same token and attempt get the same refresh token, a year later too', async () => {
    const first = await worker.register();
    const answer = tokenIn(await worker.refresh(first.refreshToken, 'a1'));
    for (let i = 0; i < 3; i++) {
      await age(first.device.id, 365 * 24 * 3_600_000);
      const again = sessionIn(await worker.refresh(first.refreshToken, 'a1'));
      expect(again.refreshToken).toBe(answer);
      expect((await worker.ask('GET', '/v1/users/me', { token: again.accessToken })).status).toBe(200);
    }
    await expectAlive(worker, first, answer);
  });

  test('a refresh that reached the database and was answered with an error is the same attempt', async () => {
    const first = await worker.register();
    const whole = worker.env;
    const log = vi.spyOn(console, 'error').mockReturnValue();
    worker.env = { ...whole, DB: losesAnswers(whole.DB) };
    expect((await worker.refresh(first.refreshToken, 'a1')).status).toBe(503);
    worker.env = whole;
    log.mockRestore();
    const row = await env.DB.prepare('SELECT number FROM devices WHERE id = ?').bind(first.device.id).first();
    expect(row).toEqual({ number: 1 });
    await age(first.device.id, 61_000);
    await expectAlive(worker, first, tokenIn(await worker.refresh(first.refreshToken, 'a1')));
  });

  test('without an attempt, as older clients ask, it is answered again within 60 s', async () => {
    const first = await worker.register();
    const answer = tokenIn(await worker.refresh(first.refreshToken));
    await age(first.device.id, 50_000);
    expect(tokenIn(await worker.refresh(first.refreshToken))).toBe(answer);
    await age(first.device.id, 11_000);
    expectEnded(await worker.refresh(first.refreshToken));
  });

  test('who joined within 60 s is answered the same whenever they ask again', async () => {
    const first = await worker.register();
    const answer = tokenIn(await worker.refresh(first.refreshToken, 'a1'));
    expect(tokenIn(await worker.refresh(first.refreshToken, 'b1'))).toBe(answer);
    await age(first.device.id, 3_600_000);
    for (const attempt of ['a1', 'b1'])
      expect(tokenIn(await worker.refresh(first.refreshToken, attempt))).toBe(answer);
    expectEnded(await worker.refresh(first.refreshToken, 'c1'));
  });
});

describe('two at once', () => {
  test('P9 however many use the same token at the same moment, all win and no session ends', async () => {
    for (const attempts of [
      ['a', 'b'],
      ['a', 'a'],
      [undefined, undefined],
      ['a', 'b', 'c', 'd', undefined],
    ]) {
      const first = await worker.register();
      const all = await Promise.all(attempts.map((attempt) => worker.refresh(first.refreshToken, attempt)));
      const tokens = new Set(all.map(tokenIn));
      expect(tokens.size, attempts.join()).toBe(1);
      await expectAlive(worker, first, [...tokens][0] ?? '');
    }
  });

  test('the loser of the race on the database looks again', async () => {
    const first = await worker.register();
    const other = new TestWorker();
    let inTheWay: Answered | undefined;
    // Between the look of the one and its change the other is done.
    worker.users.beforeNext = async () => {
      inTheWay = await other.refresh(first.refreshToken, 'other');
    };
    const mine = await worker.refresh(first.refreshToken, 'mine');
    expect(tokenIn(mine)).toBe(inTheWay && tokenIn(inTheWay));
    await age(first.device.id, 61_000);
    expect(tokenIn(await worker.refresh(first.refreshToken, 'mine'))).toBe(tokenIn(mine));
    await expectAlive(worker, first, tokenIn(mine));
  });
});

describe('P8 a stolen token still shows', () => {
  test('an old token ends the session of the device, however old the token is, and of no other', async () => {
    const first = await worker.register();
    const other = sessionIn(await worker.login(first.user.handle));
    const second = sessionIn(await worker.refresh(first.refreshToken));
    const third = sessionIn(await worker.refresh(second.refreshToken));
    expectEnded(await worker.refresh(first.refreshToken));
    expect(worker.users.removed).toContain(first.device.id);
    expect((await worker.refresh(third.refreshToken)).status).toBe(401);
    expectEnded(await worker.ask('GET', '/v1/users/me', { token: third.accessToken }));
    expect((await worker.refresh(other.refreshToken)).status).toBe(200);
  });

  test('a token before the one before ends it at once, with the attempt that used it too', async () => {
    const first = await worker.register();
    const second = tokenIn(await worker.refresh(first.refreshToken, 'a1'));
    await worker.refresh(second, 'a2');
    expectEnded(await worker.refresh(first.refreshToken, 'a1'));
  });

  test('the token before, with an attempt that never was, ends it after 60 s', async () => {
    const first = await worker.register();
    const second = tokenIn(await worker.refresh(first.refreshToken, 'a1'));
    await age(first.device.id, 61_000);
    expectEnded(await worker.refresh(first.refreshToken, 'thief'));
    expect((await worker.refresh(second, 'a2')).status).toBe(401);
  });

  test('a known family with a secret that never was ends it', async () => {
    const first = await worker.register();
    const [family] = first.refreshToken.split('.');
    expectEnded(await worker.refresh(`${family}.${'A'.repeat(43)}`, 'a1'));
  });
});

describe('a signing key that was replaced', () => {
  const key = (fill: number) => Buffer.alloc(32, fill).toString('base64url');

  test('signs nobody out: tokens of the old one are refreshed', async () => {
    const [before, after] = [key(1), key(2)].map((one) => new TestWorker({ PARLEY_SIGNING_KEY: one }));
    const first = await before!.register();
    await expectAlive(after!, first, tokenIn(await after!.refresh(first.refreshToken, 'a1')));
  });

  test('nor in the middle of a refresh: the attempt is answered with a token of the new key', async () => {
    const [before, after] = [key(1), key(2)].map((one) => new TestWorker({ PARLEY_SIGNING_KEY: one }));
    const first = await before!.register();
    const lost = tokenIn(await before!.refresh(first.refreshToken, 'a1'));
    await age(first.device.id, 3_600_000);
    const answer = tokenIn(await after!.refresh(first.refreshToken, 'a1'));
    expect(answer).not.toBe(lost);
    // Still the same attempt: while its answers get lost it is answered, by whichever version of the deployment.
    expect(tokenIn(await after!.refresh(first.refreshToken, 'a1'))).toBe(answer);
    const back = tokenIn(await before!.refresh(first.refreshToken, 'a1'));
    await expectAlive(before!, first, back);
  });

  test('P8 nor does it hide who was given the old answer', async () => {
    const [before, after] = [key(1), key(2)].map((one) => new TestWorker({ PARLEY_SIGNING_KEY: one }));
    const first = await before!.register();
    const old = tokenIn(await before!.refresh(first.refreshToken, 'a1'));
    await after!.refresh(first.refreshToken, 'a1');
    expectEnded(await after!.refresh(old, 'a2'));
  });
});

describe('a version before this, at the same tables', () => {
  /** What it does at a refresh. */
  const olderRotates = async (device: string): Promise<string> => {
    const { current, token } = randomSecret();
    await env.DB.prepare('UPDATE devices SET current = ?, refreshed_at = ? WHERE id = ?')
      .bind(current, Date.now(), device)
      .run();
    return token;
  };

  test('rotates what this one gave out, and this one what it gave out', async () => {
    const first = await worker.register();
    const [family] = first.refreshToken.split('.');
    await worker.refresh(first.refreshToken, 'a1');
    const older = `${family}.${await olderRotates(first.device.id)}`;
    const next = tokenIn(await worker.refresh(older, 'a2'));
    expect(tokenIn(await worker.refresh(older, 'a2'))).toBe(next);
    await expectAlive(worker, first, next);
  });

  test('P8 what was noted before it rotated counts for nothing', async () => {
    const first = await worker.register();
    await worker.refresh(first.refreshToken, 'a1');
    await olderRotates(first.device.id);
    expectEnded(await worker.refresh(first.refreshToken, 'a1'));
  });

  test('a device it began is refreshed', async () => {
    const { user } = await worker.register();
    const { current, token } = randomSecret();
    const family = crypto.randomUUID().replaceAll('-', '').slice(0, 24);
    const id = `d_${family}`;
    await env.DB.prepare(
      `INSERT INTO devices ("id", "user_id", "name", "family", "current", "created_at", "refreshed_at")
       SELECT ?1, ?2, 'older', ?3, ?4, ?5, ?5`,
    )
      .bind(id, user.id, hashSecrets({ family, current: '' }).family, current, Date.now())
      .run();
    const next = sessionIn(await worker.refresh(`${family}.${token}`, 'a1'));
    expect(next.device).toEqual({ id, name: 'older' });
    expect(tokenIn(await worker.refresh(`${family}.${token}`, 'a1'))).toBe(next.refreshToken);
    await expectAlive(worker, next, next.refreshToken);
  });
});

describe('refreshes that fail are counted', () => {
  const address = { 'cf-connecting-ip': '198.51.100.20' };
  const garbage = () => `${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}.${'A'.repeat(43)}`;

  test('P9 30 of one address keep nobody there from refreshing, or from logging in', async () => {
    const site = new TestWorker({ PARLEY_LIMITS: '{"authRate":30}' });
    const neighbour = await site.register();
    const answers: number[] = [];
    for (let i = 0; i < 40; i++) answers.push((await site.refresh(garbage(), undefined, address)).status);
    expect(answers).toEqual([...Array(30).fill(401), ...Array(10).fill(429)]);
    let token = neighbour.refreshToken;
    for (let i = 0; i < 40; i++) token = tokenIn(await site.refresh(token, `n${i}`, address));
    const login = await site.ask('POST', '/v1/auth/login', {
      body: { handle: neighbour.user.handle, password: 'a wrong password' },
      headers: address,
    });
    expect(login.status).toBe(401);
  });

  test('P8 what is refused costs no look at the database', async () => {
    const site = new TestWorker({ PARLEY_LIMITS: '{"authRate":3}' });
    const from = { 'cf-connecting-ip': '198.51.100.21' };
    for (let i = 0; i < 3; i++) await site.refresh(garbage(), undefined, from);
    const prepare = vi.spyOn(env.DB, 'prepare');
    const refused = await site.refresh(garbage(), undefined, from);
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'rate_limited', retryAfter: expect.any(Number) },
    });
    expect(refused.headers.get('retry-after')).toBe(String(refused.body['retryAfter']));
    expect(prepare).not.toHaveBeenCalled();
    prepare.mockRestore();
  });

  test('P8 a token of ours that no longer works is limited by itself', async () => {
    const site = new TestWorker({ PARLEY_LIMITS: '{"authRate":3}' });
    const from = { 'cf-connecting-ip': '198.51.100.22' };
    const [gone, other] = [await site.register(), await site.register()];
    await site.ask('POST', '/v1/auth/logout', { token: gone.accessToken });
    const answers: number[] = [];
    for (let i = 0; i < 5; i++) answers.push((await site.refresh(gone.refreshToken, 'a', from)).status);
    expect(answers).toEqual([401, 401, 401, 429, 429]);
    expect((await site.refresh(garbage(), undefined, from)).status).toBe(401);
    expect((await site.refresh(other.refreshToken, 'a', from)).status).toBe(200);
  });

  test('P9 what fails on our side is nobody’s failure', async () => {
    const site = new TestWorker({ PARLEY_LIMITS: '{"authRate":2}' });
    const first = await site.register();
    for (let i = 0; i < 5; i++) {
      site.users.failures.push(new Error('gone'));
      expect((await site.refresh(first.refreshToken, 'a')).status).toBe(503);
    }
    expect((await site.refresh(first.refreshToken, 'a')).status).toBe(200);
  });
});

/** A secret that nothing was derived for, and its hash. */
function randomSecret(): { readonly token: string; readonly current: string } {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  return { token, current: hashSecrets({ family: '', current: token }).current };
}

/** A D1 that carries out every change, and never says so. */
const losesAnswers = (whole: D1Database): D1Database =>
  new Proxy(whole, {
    get(target, name) {
      if (name !== 'prepare') return Reflect.get(target, name);
      return (query: string) =>
        /^update/i.test(query) ? mute(target.prepare(query)) : target.prepare(query);
    },
  });

const mute = (statement: D1PreparedStatement): D1PreparedStatement =>
  new Proxy(statement, {
    get(target, name) {
      if (name === 'bind') return (...values: unknown[]) => mute(target.bind(...values));
      return async () => {
        await target.run();
        throw new Error('D1_ERROR: the line broke');
      };
    },
  });
