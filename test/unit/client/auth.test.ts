import { describe, expect, test } from 'vitest';
import { createAccount, type StoredSession } from '../../../client/auth.ts';
import { ParleyError } from '../../../client/errors.ts';
import { createApi } from '../../../client/http.ts';
import { FakeClock } from './fake-clock.ts';

const url = 'https://chat.example/';
const HOUR = 3_600_000;

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A fetch that answers from a list and writes down what it was asked. */
function scripted(...answers: (Answer | Error)[]) {
  const asked: { readonly path: string; readonly body: unknown; readonly token: string | null }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const token = new Headers(init?.headers).get('authorization');
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    asked.push({ path: `${init?.method} ${new URL(String(input)).pathname}`, body, token });
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error('nothing more was expected');
    const { status = 200, headers = {} } = answer;
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status, headers });
  };
  return { fetch, asked };
}

const session = (n: number, expiresAt: number) => ({
  user: { id: 'u', handle: 'ada', name: 'Ada' },
  device: { id: 'd', name: 'x' },
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  expiresAt,
});
const problem = (status: number, code: string, more = {}): Answer => ({
  status,
  body: { status, code, title: 'T', detail: 'D', ...more },
});

describe('an account', () => {
  test('logs in, keeps the session, and refreshes it before it ends', async () => {
    const clock = new FakeClock();
    const kept: (StoredSession | undefined)[] = [];
    const { fetch, asked } = scripted(
      { body: session(1, clock.now() + HOUR) },
      { body: session(2, clock.now() + 2 * HOUR) },
    );
    const account = createAccount({ url, fetch, clock, onChange: (stored) => kept.push(stored) });
    await account.login({ handle: 'ada', password: 'secret', deviceName: 'x' });
    expect(asked[0]).toMatchObject({
      path: 'POST /v1/auth/login',
      body: { handle: 'ada', password: 'secret', device: { name: 'x' } },
    });
    expect(await account.getToken()).toBe('access-1');
    await clock.pass(HOUR - 60_001);
    expect(await account.getToken()).toBe('access-1');
    await clock.pass(1);
    expect(await Promise.all([account.getToken(), account.getToken()])).toEqual(['access-2', 'access-2']);
    expect(asked.slice(1)).toMatchObject([
      {
        path: 'POST /v1/auth/refresh',
        body: { refreshToken: 'refresh-1', attempt: expect.stringMatching(/^\w{32}$/) },
      },
    ]);
    // Once before the refresh, with the name of the attempt.
    expect(kept.map((stored) => [stored?.session.accessToken, stored?.attempt !== undefined])).toEqual([
      ['access-1', false],
      ['access-1', true],
      ['access-2', false],
    ]);
  });

  test('a clock that is wrong by a day changes nothing, where the service tells its own', async () => {
    const clock = new FakeClock();
    const server = clock.now() + 86_400_000;
    const headers = { date: new Date(server).toUTCString() };
    const { fetch } = scripted({ body: session(1, server + HOUR), headers });
    const account = createAccount({ url, fetch, clock });
    await account.login({ handle: 'ada', password: 'secret' });
    await clock.pass(HOUR / 2);
    expect(await account.getToken()).toBe('access-1');
  });

  test('a refused refresh ends the session; one that got no answer doesn’t', async () => {
    const clock = new FakeClock();
    const stored = { session: session(1, 0), localExpiry: 0 };
    const kept: unknown[] = [];
    const { fetch } = scripted(new Error('no network'), problem(401, 'session_ended'));
    const account = createAccount({ url, fetch, clock, stored, onChange: (next) => kept.push(next) });
    await expect(account.getToken()).rejects.toMatchObject({ code: 'network' });
    expect(account.session).toBeDefined();
    await expect(account.getToken()).rejects.toMatchObject({ code: 'session_ended' });
    expect(kept).toEqual([{ ...stored, attempt: expect.any(String) }, undefined]);
    await expect(account.getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('a session that another window refreshed is not refreshed again', async () => {
    const clock = new FakeClock();
    const newer = { session: session(2, clock.now() + HOUR), localExpiry: clock.now() + HOUR };
    const { fetch, asked } = scripted();
    const account = createAccount({
      url,
      fetch,
      clock,
      stored: { session: session(1, 0), localExpiry: 0 },
      exclusive: async (run) => {
        account.adopt(newer);
        return run();
      },
    });
    expect(await account.getToken()).toBe('access-2');
    expect(asked).toEqual([]);
  });

  test('log-out tells the service and forgets, whether it hears or not', async () => {
    const clock = new FakeClock();
    for (const answer of [{ status: 204 }, new Error('no network')]) {
      const { fetch, asked } = scripted(answer);
      const stored = { session: session(1, 0), localExpiry: clock.now() + HOUR };
      const account = createAccount({ url, fetch, clock, stored });
      await account.logout();
      expect(account.session).toBeUndefined();
      expect(asked).toMatchObject([{ path: 'POST /v1/auth/logout', token: 'Bearer access-1' }]);
    }
  });
});

describe('the HTTP helper', () => {
  const tokens: boolean[] = [];
  const getToken = async (options?: { readonly force?: boolean }) => {
    tokens.push(options?.force === true);
    return `token-${tokens.length}`;
  };

  test('answers bodies, and undefined where there is none', async () => {
    const { fetch } = scripted({ body: { ok: true } }, { status: 204 });
    const api = createApi({ url, fetch, getToken });
    expect(await api('GET', '/health')).toEqual({ ok: true });
    expect(await api('DELETE', '/devices/x')).toBeUndefined();
  });

  test('a refused token is replaced once', async () => {
    tokens.length = 0;
    const { fetch, asked } = scripted(problem(401, 'unauthenticated'), { body: 1 });
    expect(await createApi({ url, fetch, getToken })('GET', '/users/me')).toBe(1);
    expect(tokens).toEqual([false, true]);
    expect(asked.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('problems become errors with code, detail and waiting time', async () => {
    const cases: [Answer | Error, Partial<ParleyError>][] = [
      [
        problem(429, 'rate_limited', { retryAfter: 7 }),
        { code: 'rate_limited', message: 'D', retryAfter: 7, status: 429 },
      ],
      [problem(404, 'not_found'), { code: 'not_found', status: 404 }],
      [
        { status: 502, headers: { 'retry-after': '3' } },
        { code: 'unavailable', retryAfter: 3 },
      ],
      [new TypeError('fetch failed'), { code: 'network' }],
    ];
    for (const [answer, expected] of cases) {
      const { fetch } = scripted(answer);
      const error = await createApi({ url, fetch, getToken })('GET', '/x').catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ParleyError);
      expect(error).toMatchObject(expected);
    }
  });
});
