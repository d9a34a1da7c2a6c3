/** Bodies, unknown routes, CORS, the web app's shell, and the two live routes. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { VERSION } from '../../../schema/protocol/release.ts';
import worker from '../../../worker/index.ts';
import { CountedTelemetry } from '../../support/counted-telemetry.ts';
import { TestWorker } from './support.ts';

const site = new TestWorker({ PARLEY_LIMITS: '{"frameBytes":2048}' });
let ada: Session;

beforeAll(async () => {
  ada = await site.register();
});
beforeEach(() => {
  site.users.asked.length = 0;
  site.users.polls.length = 0;
  site.users.upgrades.length = 0;
});

describe('P8 bodies', () => {
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    site.ask('POST', '/v1/conversations/c_1/messages', { token: ada.accessToken, body, headers });
  const message = '{"clientId":"m1","content":{"kind":"text","text":"hi"}}';

  test('JSON is taken under every name it has', async () => {
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'application/vnd.api+json',
      'text/json',
    ]) {
      expect((await send(message, { 'content-type': type })).status).toBe(200);
    }
  });

  test.each([
    ['another type', message, { 'content-type': 'text/plain' }],
    ['broken JSON', '{"clientId":', {}],
    ['nothing', '', {}],
    ['no object', '7', {}],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), {}],
  ])('%s is bad_request', async (_, body, headers) => {
    expect(await send(body, headers)).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect(site.users.asked).toEqual([]);
  });

  test('one that says it is too large is not read', async () => {
    let read = 0;
    const body = new ReadableStream({
      pull: (controller) => void controller.enqueue(new Uint8Array(++read)),
    });
    const answer = await send(body, { 'content-length': '1000000' });
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(read).toBeLessThan(3);
  });

  test('one that never ends is given up at the limit', async () => {
    let sent = 0;
    const chunk = new Uint8Array(512).fill(0x20);
    const body = new ReadableStream({
      pull(controller) {
        sent += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    expect(await send(body)).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(sent).toBeLessThan(3 * 2048);
  });

  test('deep nesting does no harm', async () => {
    expect((await send(`{"clientId":"m1","content":${'['.repeat(900)}${']'.repeat(900)}}`)).status).toBe(400);
  });
});

describe('routes', () => {
  test('health says the version', async () => {
    expect(await site.ask('GET', '/v1/health')).toMatchObject({
      status: 200,
      body: { ok: true, version: VERSION },
    });
  });

  test.each([
    ['GET', '/v1'],
    ['GET', '/v1/nothing'],
    ['DELETE', '/v1/health'],
    ['GET', '/v1/auth/login'],
    ['POST', '/v1/users/me'],
  ])('P8 %s %s is not_found', async (method, path) => {
    const answer = await site.ask(method, path, { token: ada.accessToken });
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', status: 404 } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test('requests are counted by how they end, and measured', async () => {
    const telemetry = new CountedTelemetry();
    const counted = new TestWorker({ TELEMETRY: telemetry });
    await counted.ask('GET', '/v1/health');
    await counted.ask('GET', '/v1/nothing');
    await counted.ask('GET', '/v1/users/me');
    counted.users.failures.push(new Error('gone'));
    await counted.ask('GET', '/v1/conversations', { token: ada.accessToken });
    await counted.ask('POST', '/v1/poll', { token: ada.accessToken, body: { frames: [] } });
    await counted.ask('GET', '/not/of/the/api');
    expect(telemetry.counts).toEqual({
      'worker.request.ok': 2,
      'worker.request.refused': 2,
      'worker.request.failed': 1,
    });
    expect(telemetry.durations['worker.request']).toHaveLength(4);
  });

  test('an exception is internal and leaks nothing', async () => {
    const broken = { ...site.env, PARLEY_SIGNING_KEY: 'short' };
    const answer = await worker.fetch(new Request('https://parley.test/v1/health'), broken);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'internal' });
    expect(text).not.toMatch(/PARLEY|KEY|short/);
  });

  test('any origin may ask and read the answers', async () => {
    const preflight = await site.ask('OPTIONS', '/v1/conversations', {
      headers: { origin: 'https://product.test', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    for (const token of [ada.accessToken, 'nonsense']) {
      const answer = await site.ask('GET', '/v1/users/me', {
        token,
        headers: { origin: 'https://product.test' },
      });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('GET /ws', () => {
  const upgrade = (headers: Record<string, string>) => site.ask('GET', '/v1/ws', { headers });
  const websocket = { upgrade: 'websocket' };

  test('hands over with the token of a sub-protocol', async () => {
    const protocols = `parley.v1, parley.bearer.${ada.accessToken}`;
    expect((await upgrade({ ...websocket, 'sec-websocket-protocol': protocols })).text).toBe('upgraded');
    const [request] = site.users.upgrades;
    expect(request?.headers.get('upgrade')).toBe('websocket');
    expect(request?.headers.get('x-parley-user')).toBe(ada.user.id);
    expect(request?.headers.get('x-parley-device')).toBe(ada.device.id);
    expect(request?.headers.get('x-parley-protocol')).toBe('parley.v1');
  });

  test('P7 lets no such header in from outside', async () => {
    await upgrade({
      ...websocket,
      authorization: `Bearer ${ada.accessToken}`,
      'x-parley-user': 'u_victim',
      'x-parley-device': 'd_victim',
      'x-parley-protocol': 'other',
      'x-parley-anything': 'else',
    });
    const headers = site.users.upgrades[0]?.headers;
    const ours = [...(headers ?? [])].filter(([name]) => name.startsWith('x-parley'));
    expect(Object.fromEntries(ours)).toEqual({
      'x-parley-user': ada.user.id,
      'x-parley-device': ada.device.id,
    });
  });

  test.each([
    ['no upgrade', {}, 400, 'bad_request'],
    ['no token', websocket, 401, 'unauthenticated'],
    [
      'a bad token',
      { ...websocket, 'sec-websocket-protocol': 'parley.v1, parley.bearer.x' },
      401,
      'unauthenticated',
    ],
    [
      'another version',
      { ...websocket, 'sec-websocket-protocol': 'parley.v9, parley.bearer.x' },
      426,
      'unsupported_version',
    ],
    [
      'a token alone',
      { ...websocket, 'sec-websocket-protocol': 'parley.bearer.x' },
      426,
      'unsupported_version',
    ],
  ])('P8 %s', async (_, headers, status, code) => {
    expect(await upgrade(headers)).toMatchObject({ status, body: { code } });
    expect(site.users.upgrades).toEqual([]);
  });
});

describe('POST /poll', () => {
  const poll = (body: unknown) => site.ask('POST', '/v1/poll', { token: ada.accessToken, body });

  test('hands the frames on as text', async () => {
    const frames = [
      { type: 'hello', cursor: 3 },
      { type: 'new in version 2', x: [1] },
    ];
    expect((await poll({ frames, cursor: 3, heads: { c_1: 5 }, session: 's', n: 2, wait: 9 })).status).toBe(
      200,
    );
    await poll({ frames: [] });
    expect(site.users.polls).toEqual([
      {
        frames: frames.map((frame) => JSON.stringify(frame)),
        cursor: 3,
        heads: { c_1: 5 },
        session: 's',
        n: 2,
        wait: 9,
      },
      { frames: [], wait: 0 },
    ]);
  });

  test.each([
    [{}, 'frames'],
    [{ frames: ['text'] }, 'frames[0]'],
    [{ frames: [], wait: 26 }, 'wait'],
    [{ frames: Array.from({ length: 101 }, () => ({})) }, 'frames'],
  ])('P8 %j is bad_request', async (body, field) => {
    expect(await poll(body)).toMatchObject({ status: 400, body: { detail: expect.stringContaining(field) } });
    expect(site.users.polls).toEqual([]);
  });
});

describe('outside /v1', () => {
  const files = new Map([
    ['/', ['text/html; charset=utf-8', '<!doctype html>']],
    ['/about.html', ['text/html', '<p>']],
    ['/assets/main-0123abcd.js', ['text/javascript', 'run()']],
    ['/assets/main-0123abcd.js.map', ['application/json', '{}']],
    ['/sw.js', ['text/javascript', 'cache()']],
    ['/manifest.webmanifest', ['application/manifest+json', '{}']],
    ['/openapi.json', ['application/json', '{}']],
  ]);
  const ASSETS = {
    async fetch(request: Request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/assets/moved') return Response.redirect('https://parley.test/assets/moved/', 307);
      const [type, text] = files.get(pathname) ?? [];
      const headers = { 'content-type': type ?? '', 'cache-control': 'public, max-age=0', etag: '"1"' };
      if (!type) return new Response('none', { status: 404 });
      return request.headers.has('if-none-match')
        ? new Response(null, { status: 304, headers })
        : new Response(text, { headers });
    },
  };
  const get = async (path: string, method = 'GET', headers = {}) => {
    const request = new Request(`https://parley.test${path}`, { method, headers });
    const response = await worker.fetch(request, { ...site.env, ASSETS });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  test.each(['/', '/index.html', '/c/some-conversation', '/settings', '/settings/devices', '/v1x'])(
    '%s is the shell, under a strict policy, and asked for anew each time',
    async (path) => {
      const { status, headers, text } = await get(path);
      expect({ status, text }).toEqual({ status: 200, text: '<!doctype html>' });
      const policy = new Map(
        (headers.get('content-security-policy') ?? '')
          .split('; ')
          .map((one) => [one.split(' ', 1)[0], one.slice(one.indexOf(' ') + 1)]),
      );
      expect(policy.get('default-src')).toBe("'none'");
      for (const kind of ['script-src', 'style-src', 'worker-src', 'manifest-src', 'font-src'])
        expect(policy.get(kind), kind).toBe("'self'");
      expect(policy.get('connect-src')).toBe("'self' ws://parley.test wss://parley.test");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect(policy.get('base-uri')).toBe("'none'");
      expect([...policy.values()].join()).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-cache');
    },
  );

  test('every page has the policy, files need none', async () => {
    expect((await get('/about.html')).headers.get('content-security-policy')).toContain('script-src');
    expect((await get('/openapi.json')).headers.get('content-security-policy')).toBeNull();
  });

  test.each([
    ['/assets/main-0123abcd.js', 'public, max-age=31536000, immutable'],
    ['/assets/main-0123abcd.js.map', 'public, max-age=31536000, immutable'],
    ['/sw.js', 'no-cache'],
    ['/manifest.webmanifest', 'no-cache'],
    ['/openapi.json', 'no-cache'],
  ])('%s is served as it is, with %s', async (path, control) => {
    for (const headers of [{}, { 'if-none-match': '"1"' }]) {
      const answer = await get(path, 'GET', headers);
      expect(answer.status).toBe('if-none-match' in headers ? 304 : 200);
      expect(answer.headers.get('cache-control')).toBe(control);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('etag')).toBe('"1"');
    }
    expect((await get(path)).text).toBe(files.get(path)?.[1]);
    expect((await get(path, 'HEAD')).headers.get('cache-control')).toBe(control);
  });

  test.each(['/main-0123.js', '/assets/x.js', '/assets/x', '/assets/', '/assets/c/some', '/c/x.css'])(
    'P8 %s, which is missing, is never the shell, and never kept',
    async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, text } = await get(path, method);
        expect(status).toBe(404);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('content-type')).toBe('application/problem+json');
        expect(text).not.toContain('<');
      }
    },
  );

  test('a redirect is not kept for a year', async () => {
    const { status, headers } = await get('/assets/moved');
    expect([status, headers.get('cache-control')]).toEqual([307, 'no-cache']);
  });

  test('nothing is written there', async () => {
    expect((await get('/', 'POST')).status).toBe(404);
  });
});
