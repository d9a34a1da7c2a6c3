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
const workerWith = (jwks: string) =>
  new TestWorker({
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
