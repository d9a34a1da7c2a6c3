import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import { TestWorker } from './support.ts';

const worker = new TestWorker({ PARLEY_LIMITS: '{"groupMembers":4,"textBytes":64}' });
let ada: Session;
let bob: Session;
let eve: Session;

beforeAll(async () => {
  [ada, bob, eve] = await Promise.all([worker.register(), worker.register(), worker.register()]);
});
beforeEach(() => {
  worker.users.asked.length = 0;
});

const ask = (method: string, path: string, body?: unknown) =>
  worker.ask(method, path, { token: ada.accessToken, ...(body === undefined ? {} : { body }) });
/** What the UserObject was asked, besides whether the device is still welcome. */
const requests = () =>
  worker.users.asked.map((one) => one.request).filter((request) => request.op !== 'check');
const content = { kind: 'text', text: 'hello' };

describe('a request reaches the UserObject of the caller', () => {
  test.each([
    ['GET', '/v1/conversations', undefined, { op: 'list', limit: 100 }],
    [
      'GET',
      '/v1/conversations?limit=7&before=1700000000000.x',
      undefined,
      { op: 'list', limit: 7, before: '1700000000000.x' },
    ],
    ['GET', '/v1/conversations/c_1', undefined, { op: 'get', conversation: 'c_1' }],
    ['PATCH', '/v1/conversations/c_1', { title: 'New' }, { op: 'rename', conversation: 'c_1', title: 'New' }],
    [
      'GET',
      '/v1/conversations/c_1/messages',
      undefined,
      { op: 'history', conversation: 'c_1', view: 'messages', limit: 100 },
    ],
    [
      'GET',
      '/v1/conversations/c_1/messages?around=5&limit=3',
      undefined,
      { op: 'history', conversation: 'c_1', view: 'messages', limit: 3, around: 5 },
    ],
    [
      'GET',
      '/v1/conversations/c_1/log?after=0',
      undefined,
      { op: 'history', conversation: 'c_1', view: 'log', limit: 100, after: 0 },
    ],
    [
      'GET',
      '/v1/conversations/c_1/members?after=u_9',
      undefined,
      { op: 'members', conversation: 'c_1', limit: 100, after: 'u_9' },
    ],
    [
      'DELETE',
      '/v1/conversations/c_1/members/u_9',
      undefined,
      { op: 'removeMember', conversation: 'c_1', user: 'u_9' },
    ],
    ['GET', '/v1/users/me/blocks', undefined, { op: 'blocks' }],
    ['PUT', '/v1/users/me/blocks/u_9', undefined, { op: 'block', user: 'u_9', on: true }],
    ['DELETE', '/v1/users/me/blocks/u_9', undefined, { op: 'block', user: 'u_9', on: false }],
    [
      'POST',
      '/v1/conversations/c_1/messages',
      { clientId: 'm1', content, replyTo: 2, after: 'm0' },
      {
        op: 'send',
        conversation: 'c_1',
        message: { type: 'message', clientId: 'm1', content, replyTo: 2, after: 'm0' },
      },
    ],
  ])('%s %s', async (method, path, body, request) => {
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status: 200, body: { made: 'by the object' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(worker.users.asked).toEqual([{ user: ada.user.id, device: ada.device.id, request }]);
  });

  test('and its failures come back as problems', async () => {
    worker.users.answer = { ok: false, code: 'rate_limited', detail: 'slower', retryAfter: 3 };
    const answer = await ask('GET', '/v1/conversations/c_1');
    worker.users.answer = { ok: true, status: 200, body: '{"made":"by the object"}' };
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer).toMatchObject({
      status: 429,
      body: {
        status: 429,
        code: 'rate_limited',
        title: 'Too many requests',
        detail: 'slower',
        retryAfter: 3,
      },
    });
  });

  test('and an answer without a body stays without one', async () => {
    worker.users.answer = { ok: true, status: 204, body: '' };
    const answer = await ask('DELETE', '/v1/conversations/c_1/members/u_9');
    worker.users.answer = { ok: true, status: 200, body: '{"made":"by the object"}' };
    expect(answer).toMatchObject({ status: 204, text: '' });
  });
});

describe('when the UserObject throws', () => {
  const error = (properties: object) => Object.assign(new Error('secret'), properties);

  test('what is retryable is tried once more, on a new stub', async () => {
    worker.users.stubs = 0;
    worker.users.failures.push(error({ retryable: true }));
    expect((await ask('GET', '/v1/conversations/c_1')).status).toBe(200);
    expect(worker.users.stubs).toBe(2);
  });

  test.each([
    ['retryable twice', [{ retryable: true }, { retryable: true }], 2, 'unavailable'],
    ['not retryable', [{}], 1, 'unavailable'],
    ['overloaded', [{ overloaded: true, retryable: true }], 1, 'overloaded'],
  ])('P9 %s: %j', async (_, failures, stubs, code) => {
    worker.users.stubs = 0;
    worker.users.failures.push(...failures.map(error));
    const answer = await ask('GET', '/v1/conversations/c_1');
    expect(answer).toMatchObject({ status: 503, body: { code, retryAfter: expect.any(Number) } });
    expect(answer.text).not.toContain('secret');
    expect(worker.users.stubs).toBe(stubs);
    expect(worker.users.failures).toEqual([]);
  });
});

describe('POST /conversations', () => {
  const create = (body: unknown) => ask('POST', '/v1/conversations', body);

  test('takes ids and handles, folds repeats, and leaves the caller out', async () => {
    const members = [bob.user.id, `@${bob.user.handle}`, `@${eve.user.handle}`, ada.user.id, bob.user.id];
    expect((await create({ kind: 'group', members, title: 'Trio' })).status).toBe(200);
    const [request, more] = requests();
    expect(more).toBeUndefined();
    expect(request).toMatchObject({ op: 'create', kind: 'group', mode: 'server', title: 'Trio' });
    expect(request?.op === 'create' && [...request.members].sort()).toEqual(
      [bob.user.id, eve.user.id].sort(),
    );
  });

  test('makes a direct one with exactly one other', async () => {
    expect((await create({ kind: 'direct', members: [`@${bob.user.handle}`, ada.user.id] })).status).toBe(
      200,
    );
    expect(requests()).toEqual([{ op: 'create', kind: 'direct', mode: 'server', members: [bob.user.id] }]);
  });

  test('P8 refuses what can not be, by name', async () => {
    const bad = { status: 400, body: { code: 'bad_request' } };
    expect(await create({ kind: 'direct', members: [] })).toMatchObject(bad);
    expect(await create({ kind: 'direct', members: [ada.user.id] })).toMatchObject(bad);
    expect(await create({ kind: 'direct', members: [bob.user.id, eve.user.id] })).toMatchObject(bad);
    expect(
      await create({ kind: 'direct', members: Array.from({ length: 1000 }, (_, i) => `u_${i}`) }),
    ).toMatchObject(bad);
    expect(await create({ kind: 'channel', members: [] })).toMatchObject({
      ...bad,
      body: { detail: expect.stringContaining('not available yet') },
    });
    expect(await create({ kind: 'group', members: [], mode: 'encrypted' })).toMatchObject({
      ...bad,
      body: { detail: expect.stringContaining('mode') },
    });
    expect(await create({ kind: 'group' })).toMatchObject({
      ...bad,
      body: { detail: expect.stringContaining('members') },
    });
    expect(await create({ kind: 'group', members: ['not an id'] })).toMatchObject({
      ...bad,
      body: { detail: expect.stringContaining('members[0]') },
    });
    expect(await create({ kind: 'club', members: [] })).toMatchObject({
      ...bad,
      body: { detail: expect.stringContaining('kind') },
    });
    expect(requests()).toEqual([]);
  });

  test('P8 names whom nobody knows', async () => {
    const byId = await create({ kind: 'group', members: [bob.user.id, 'u_nobody'] });
    expect(byId).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: expect.stringContaining('u_nobody') },
    });
    const byHandle = await create({ kind: 'direct', members: ['@no_such_handle'] });
    expect(byHandle.body).toMatchObject({
      code: 'not_found',
      detail: expect.stringContaining('@no_such_handle'),
    });
    expect(requests()).toEqual([]);
  });

  test('P8 a group has its limit, the caller counted', async () => {
    const more = await Promise.all([worker.register(), worker.register()]);
    const people = [bob, eve, ...more].map((one) => one.user.id);
    expect((await create({ kind: 'group', members: people.slice(0, 3) })).status).toBe(200);
    expect(await create({ kind: 'group', members: people })).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    });
    const crowd = Array.from({ length: 200 }, (_, i) => `u_${i}`);
    expect(await create({ kind: 'group', members: crowd })).toMatchObject({
      status: 413,
      body: { code: 'too_large' },
    });
  });

  test('resolves more members than a statement takes parameters', async () => {
    const big = new TestWorker();
    const members = [...Array.from({ length: 300 }, (_, i) => `u_none_${i}`), bob.user.id];
    const answer = await big.ask('POST', '/v1/conversations', {
      token: ada.accessToken,
      body: { kind: 'group', members },
    });
    expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining('u_none_0') } });
  });
});

describe('PUT a member', () => {
  const put = (ref: string, body?: unknown) => ask('PUT', `/v1/conversations/c_1/members/${ref}`, body);

  test('by id or handle, with or without a role', async () => {
    await put(bob.user.id);
    await put(`@${bob.user.handle}`, {});
    await put(`%40${bob.user.handle}`, { role: 'admin' });
    const request = { op: 'setMember', conversation: 'c_1', user: bob.user.id };
    expect(requests()).toEqual([request, request, { ...request, role: 'admin' }]);
  });

  test('P8 refuses whom nobody knows, and roles that are none', async () => {
    expect((await put('u_nobody')).status).toBe(404);
    expect(await put(bob.user.id, { role: 'king' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('role') },
    });
    expect((await put('not%20an%20id')).status).toBe(400);
    expect(requests()).toEqual([]);
  });
});

describe('P8 a malformed request never reaches an object', () => {
  test.each([
    ['GET', '/v1/conversations/c_1/messages?limit=0', 'limit'],
    ['GET', '/v1/conversations/c_1/messages?limit=101', 'limit'],
    ['GET', '/v1/conversations/c_1/messages?limit=ten', 'limit'],
    ['GET', '/v1/conversations/c_1/messages?limit=1&limit=2', 'limit'],
    ['GET', '/v1/conversations/c_1/messages?before=0', 'before'],
    ['GET', '/v1/conversations/c_1/messages?before=', 'before'],
    ['GET', '/v1/conversations/c_1/messages?before=1e3', 'before'],
    ['GET', '/v1/conversations/c_1/messages?before=5&after=2', 'after'],
    ['GET', '/v1/conversations/c_1/log?around=5', 'around'],
    ['GET', '/v1/conversations/c_1/members?limit=-1', 'limit'],
    ['GET', '/v1/conversations?before=', 'before'],
    ['GET', '/v1/conversations/not%20an%20id', 'conversation'],
    ['GET', `/v1/conversations/${'x'.repeat(65)}`, 'conversation'],
    ['DELETE', '/v1/conversations/c_1/members/@handle', 'user'],
    ['PUT', '/v1/users/me/blocks/..', ''],
  ])('%s %s', async (method, path, field) => {
    const answer = await ask(method, path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body['detail']).toContain(field);
    expect(worker.users.asked).toEqual([]);
  });

  test.each([
    [{ content }, 'clientId'],
    [{ clientId: 'a b', content }, 'clientId'],
    [{ clientId: 'm1' }, 'content'],
    [{ clientId: 'm1', content: { kind: 'text', text: '' } }, 'content.text'],
    [{ clientId: 'm1', content: { kind: 'deleted' } }, 'content.kind'],
    [{ clientId: 'm1', content, replyTo: 0 }, 'replyTo'],
    [{ clientId: 'm1', content: { kind: 'text', text: '\ud800' } }, 'content.text'],
  ])('a message %j', async (body, field) => {
    const answer = await ask('POST', '/v1/conversations/c_1/messages', body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'bad_request', detail: expect.stringContaining(field) },
    });
    expect(worker.users.asked).toEqual([]);
  });

  test('a text above the limit, counted in bytes', async () => {
    const send = (text: string) =>
      ask('POST', '/v1/conversations/c_1/messages', { clientId: 'm1', content: { kind: 'text', text } });
    expect((await send('é'.repeat(32))).status).toBe(200);
    expect(await send('é'.repeat(33))).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  test('oneself blocked', async () => {
    expect((await ask('PUT', `/v1/users/me/blocks/${ada.user.id}`)).status).toBe(400);
  });
});
