import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { newHandle, sessionIn, TestWorker } from './support.ts';

const issuer = 'https://product.test';
const audience = 'parley-test';
let keys: CryptoKeyPair;
let worker: TestWorker;

beforeAll(async () => {
  keys = (await generateKeyPair('ES256', { extractable: true })) as CryptoKeyPair;
  const others = await Promise.all(
    (['ES384', 'RS256', 'PS256', 'EdDSA'] as const).map(async (alg) => {
      const pair = await generateKeyPair(alg, { extractable: true });
      more.set(alg, pair.privateKey);
      return { ...(await exportJWK(pair.publicKey)), alg, kid: alg };
    }),
  );
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'one' };
  worker = workerWith(JSON.stringify({ keys: [jwk, ...others] }));
});

const more = new Map<string, CryptoKey>();
const workerWith = (jwks: string, limits = '{}', signingKey?: string) =>
  new TestWorker({
    PARLEY_LIMITS: limits,
    ...(signingKey === undefined ? {} : { PARLEY_SIGNING_KEY: signingKey }),
    PARLEY_EXCHANGE_JWKS: jwks,
    PARLEY_EXCHANGE_ISSUER: issuer,
    PARLEY_EXCHANGE_AUDIENCE: audience,
  });

interface Claims {
  readonly sub?: string | undefined;
  readonly iss?: string;
  readonly aud?: string;
  /** Seconds from now. */
  readonly exp?: number | undefined;
  readonly nbf?: number;
  readonly name?: unknown;
  readonly handle?: unknown;
}

const seconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;

function claimsOf(given: Claims): Record<string, unknown> {
  const { exp, nbf, ...rest } = { sub: 'ada', iss: issuer, aud: audience, exp: 300, ...given };
  return {
    ...rest,
    ...(exp === undefined ? {} : { exp: seconds(exp) }),
    ...(nbf === undefined ? {} : { nbf: seconds(nbf) }),
  };
}

const sign = (
  claims: Claims = {},
  header: { alg: string; kid?: string } = { alg: 'ES256', kid: 'one' },
  key?: CryptoKey | Uint8Array,
) => new SignJWT(claimsOf(claims)).setProtectedHeader(header).sign(key ?? keys.privateKey);

const exchange = (token: string, on = worker) =>
  on.ask('POST', '/v1/auth/exchange', { body: { token, device: { name: 'embedded' } } });

const subject = () => crypto.randomUUID();

describe('a token of the product', () => {
  test('makes the user at first sight and is that user from then on', async () => {
    const sub = subject();
    const handle = newHandle();
    const first = await exchange(await sign({ sub, name: 'Ada Lovelace', handle }));
    expect(first).toMatchObject({
      status: 200,
      body: { user: { handle, name: 'Ada Lovelace' }, device: { name: 'embedded' } },
    });
    const again = sessionIn(await exchange(await sign({ sub, name: 'Somebody Else', handle: newHandle() })));
    expect(again.user).toEqual(first.body['user']);
    expect(again.device).not.toEqual(first.body['device']);
    expect((await worker.ask('GET', '/v1/users/me', { token: again.accessToken })).body).toEqual(again.user);
  });

  test.each(['ES384', 'RS256', 'PS256', 'EdDSA'])('is taken when signed with %s', async (alg) => {
    const token = await sign({ sub: subject() }, { alg, kid: alg }, more.get(alg));
    expect((await exchange(token)).status).toBe(200);
  });

  test('is one user when two first sights meet', async () => {
    const token = await sign({ sub: subject(), name: 'Twice Seen' });
    const both = await Promise.all([exchange(token), exchange(token), exchange(token)]);
    expect(new Set(both.map((one) => sessionIn(one).user.id)).size).toBe(1);
  });

  test('gets another handle when its own is taken, bad or missing', async () => {
    const handle = newHandle();
    const handles: string[] = [];
    for (const claims of [
      { handle },
      { handle },
      { handle: 'No Such Håndle!' },
      { handle: 7 },
      { name: 'Zoë' },
      {},
    ]) {
      handles.push(sessionIn(await exchange(await sign({ sub: subject(), ...claims }))).user.handle);
    }
    expect(handles[0]).toBe(handle);
    expect(handles[1]).toMatch(new RegExp(`^${handle}_[a-z0-9]+$`));
    expect(new Set(handles).size).toBe(handles.length);
    for (const one of handles) expect(one).toMatch(/^[a-z0-9_.]{3,32}$/);
  });

  test('its user has no password: a log-in is answered as for nobody', async () => {
    const handle = newHandle();
    await exchange(await sign({ sub: subject(), handle }));
    const [theirs, nobodys] = await Promise.all([worker.login(handle), worker.login(newHandle())]);
    expect(theirs?.text).toBe(nobodys?.text);
    expect(theirs?.status).toBe(401);
  });

  test('may be a minute late or early by its clock', async () => {
    expect((await exchange(await sign({ sub: subject(), exp: -30 }))).status).toBe(200);
    expect((await exchange(await sign({ sub: subject(), nbf: 30 }))).status).toBe(200);
  });
});

describe('the same token of the product again', () => {
  const devicesOf = async (token: string, on = worker) =>
    JSON.parse((await on.ask('GET', '/v1/devices', { token })).text) as { readonly id: string }[];

  test('is the same device with the same chain of refresh tokens, however often it comes', async () => {
    const token = await sign({ sub: subject() });
    const first = sessionIn(await exchange(token));
    const again = sessionIn(await exchange(token));
    expect(again.device).toEqual(first.device);
    expect(again.refreshToken).toBe(first.refreshToken);
    const refreshed = sessionIn(await worker.refresh(first.refreshToken, 'a1'));
    const late = sessionIn(await exchange(token));
    expect(late.refreshToken).toBe(refreshed.refreshToken);
    for (const { accessToken } of [first, again, refreshed, late])
      expect(await devicesOf(accessToken)).toHaveLength(1);
    expect((await worker.refresh(late.refreshToken, 'a2')).status).toBe(200);
  });

  test('P9 ten at the same moment are one device, also where one more is one too many', async () => {
    const small = workerWith(worker.env.PARLEY_EXCHANGE_JWKS ?? '', '{"devices":2}');
    const sub = subject();
    const [old, newer] = [
      sessionIn(await exchange(await sign({ sub, name: 'one' }), small)),
      sessionIn(await exchange(await sign({ sub, name: 'two' }), small)),
    ];
    const token = await sign({ sub, name: 'three' });
    const all = (await Promise.all(Array.from({ length: 10 }, () => exchange(token, small)))).map(sessionIn);
    expect(new Set(all.map(({ device }) => device.id)).size).toBe(1);
    expect(new Set(all.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    const left = (await devicesOf(newer.accessToken, small)).map(({ id }) => id);
    expect(left.sort()).toEqual([newer.device.id, all[0]?.device.id].sort());
    expect(small.users.removed).toEqual(new Set([old.device.id]));
  });

  test('another token of the same person is another device', async () => {
    const sub = subject();
    const [one, two] = [await sign({ sub, exp: 300 }), await sign({ sub, exp: 301 })];
    const devices = [sessionIn(await exchange(one)), sessionIn(await exchange(two))].map((s) => s.device.id);
    expect(new Set(devices).size).toBe(2);
  });

  test('P8 when its session has ended, it begins another one, and the old refresh tokens stay dead', async () => {
    const token = await sign({ sub: subject() });
    const first = sessionIn(await exchange(token));
    await worker.ask('POST', '/v1/auth/logout', { token: first.accessToken });
    const second = sessionIn(await exchange(token));
    expect(second.device.id).not.toBe(first.device.id);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await worker.refresh(first.refreshToken, 'a1')).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
    expect((await worker.refresh(second.refreshToken, 'a2')).status).toBe(200);
  });

  test('so it does when only the object knows that the session has ended', async () => {
    const token = await sign({ sub: subject() });
    const first = sessionIn(await exchange(token));
    worker.users.removed.add(first.device.id);
    const second = sessionIn(await exchange(token));
    expect(second.device.id).not.toBe(first.device.id);
    expect(await devicesOf(second.accessToken)).toHaveLength(1);
  });

  test('so it does when a version before this has rotated, or under another signing key', async () => {
    const token = await sign({ sub: subject() });
    const first = sessionIn(await exchange(token));
    await worker.env.DB.prepare('UPDATE devices SET current = ? WHERE id = ?')
      .bind('of an older version', first.device.id)
      .run();
    const second = sessionIn(await exchange(token));
    expect(second.device.id).not.toBe(first.device.id);
    expect(sessionIn(await exchange(token)).device).toEqual(second.device);
    const other = workerWith(worker.env.PARLEY_EXCHANGE_JWKS ?? '', '{}', 'BBBB'.repeat(11));
    expect(sessionIn(await exchange(token, other)).device).not.toEqual(second.device);
  });

  test('P8 once it has run out it is refused, whatever it began', async () => {
    const token = await sign({ sub: subject(), exp: 300 });
    expect((await exchange(token)).status).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 400_000 });
    try {
      expect(await exchange(token)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    } finally {
      vi.useRealTimers();
    }
  });

  test('P9 an object that can not be reached ends nothing', async () => {
    const token = await sign({ sub: subject() });
    const first = sessionIn(await exchange(token));
    worker.users.failures.push(new Error('gone'));
    expect((await exchange(token)).status).toBe(503);
    expect(sessionIn(await exchange(token)).device).toEqual(first.device);
  });

  test('P8 nothing of the token is stored', async () => {
    const token = await sign({ sub: subject() });
    const { user } = sessionIn(await exchange(token));
    const rows = await worker.env.DB.prepare('SELECT * FROM devices WHERE user_id = ?').bind(user.id).all();
    for (const part of token.split('.')) expect(JSON.stringify(rows.results)).not.toContain(part);
  });
});

describe('P8 refused as unauthenticated', () => {
  const refused = async (token: string) => {
    const answer = await exchange(token);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    return String(answer.body['detail']);
  };

  test('expired beyond the skew, or not yet good', async () => {
    expect(await refused(await sign({ exp: -120 }))).toContain('exp');
    expect(await refused(await sign({ nbf: 120 }))).toContain('nbf');
  });

  test('without an end', async () => {
    expect(await refused(await sign({ exp: undefined }))).toContain('exp');
  });

  test('of another issuer, or for somebody else', async () => {
    expect(await refused(await sign({ iss: 'https://evil.test' }))).toContain('iss');
    expect(await refused(await sign({ aud: 'another-product' }))).toContain('aud');
  });

  test('about nobody', async () => {
    expect(await refused(await sign({ sub: undefined }))).toContain('sub');
    expect(await refused(await sign({ sub: '' }))).toContain('sub');
    expect(await refused(await sign({ sub: 'x'.repeat(257) }))).toContain('sub');
  });

  test('signed by HS256 with the public key as the secret', async () => {
    const spki = new TextEncoder().encode(await exportSPKI(keys.publicKey));
    await refused(await sign({}, { alg: 'HS256', kid: 'one' }, spki));
    const jwk = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    await refused(await sign({}, { alg: 'HS256' }, jwk));
  });

  test('by HS256 even when a secret stands among the keys', async () => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const on = workerWith(
      JSON.stringify({ keys: [{ kty: 'oct', kid: 's', k: Buffer.from(secret).toString('base64url') }] }),
    );
    const token = await sign({}, { alg: 'HS256', kid: 's' }, secret);
    expect(await exchange(token, on)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  test('not signed at all', async () => {
    await refused(new UnsecuredJWT(claimsOf({})).encode());
    const [, payload] = (await sign()).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    await refused(`${header}.${payload}.`);
  });

  test('signed by another key, with or without our key id', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await refused(await sign({}, { alg: 'ES256', kid: 'one' }, privateKey));
    await refused(await sign({}, { alg: 'ES256', kid: 'two' }, privateKey));
  });

  test('changed after it was signed, or no token', async () => {
    const [header, , signature] = (await sign()).split('.');
    const other = Buffer.from(JSON.stringify(claimsOf({ sub: 'root' }))).toString('base64url');
    await refused(`${header}.${other}.${signature}`);
    await refused('nonsense');
    await refused('a.b.c');
  });

  test('an access token of our own', async () => {
    const { accessToken } = await worker.register();
    await refused(accessToken);
  });
});

test('a token of the product opens no route by itself', async () => {
  const answer = await worker.ask('GET', '/v1/users/me', { token: await sign() });
  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});

test('without the settings there is no exchange', async () => {
  expect(await exchange(await sign(), new TestWorker())).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
});

describe('keys behind a URL', () => {
  afterEach(() => vi.restoreAllMocks());
  const on = () => workerWith(`https://product.test/${crypto.randomUUID()}.json`);

  test.each([
    ['the host is down', () => Promise.reject(new Error('connect ECONNREFUSED secret-host'))],
    ['it answers with an error', async () => new Response('secret-host is broken', { status: 500 })],
    ['it answers with something else', async () => Response.json({ keys: 'secret-host' })],
  ])('P9 %s: unavailable, and nothing leaks', async (_, answer) => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
    const got = await exchange(await sign(), on());
    expect(got).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(got.text).not.toContain('secret-host');
  });

  test('are fetched and kept', async () => {
    const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'ES256', kid: 'one' };
    const fetched = vi
      .spyOn(globalThis, 'fetch')
      .mockImplementation(async () => Response.json({ keys: [jwk] }));
    const same = on();
    expect((await exchange(await sign({ sub: subject() }), same)).status).toBe(200);
    expect((await exchange(await sign({ sub: subject() }), same)).status).toBe(200);
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

test('half of the settings is a mistake that shows at once, and says nothing to outsiders', async () => {
  const half = new TestWorker({ PARLEY_EXCHANGE_JWKS: 'https://product.test/jwks.json' });
  const answer = await half.ask('GET', '/v1/health');
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
  expect(answer.text).not.toContain('PARLEY');
});
