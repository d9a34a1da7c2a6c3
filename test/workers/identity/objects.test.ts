/** The Worker in front of the real UserObject. */
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import worker from '../../../worker/index.ts';
import { sessionIn, TestWorker } from './support.ts';

const site = new TestWorker({ USERS: env.USERS });

const upgrade = ({ accessToken }: Session) =>
  worker.fetch(
    new Request('https://parley.test/v1/ws', {
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': `parley.v1, parley.bearer.${accessToken}` },
    }),
    site.env,
  );

/** An open socket, and how it closes. */
async function open(session: Session): Promise<{ socket: WebSocket; closed: Promise<number> }> {
  const socket = (await upgrade(session)).webSocket;
  if (!socket) throw new Error('no socket');
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', (event) => resolve(event.code), { once: true });
  });
  socket.accept();
  return { socket, closed };
}

describe('the socket', () => {
  test('opens with the sub-protocol that was offered', async () => {
    const response = await upgrade(await site.register());
    expect(response.status).toBe(101);
    expect(response.headers.get('sec-websocket-protocol')).toBe('parley.v1');
    response.webSocket?.accept();
    response.webSocket?.close();
  });

  test('speaks for the user and the device of the token', async () => {
    const session = await site.register();
    const { socket } = await open(session);
    const welcome = new Promise((resolve) => {
      socket.addEventListener('message', (event) => resolve(JSON.parse(String(event.data))), { once: true });
    });
    socket.send('{"type":"hello"}');
    expect(await welcome).toMatchObject({
      type: 'welcome',
      user: session.user.id,
      device: session.device.id,
    });
    socket.close();
  });
});

describe('P7 a session that ends', () => {
  test('closes its socket with 4403 and is refused on every road at once', async () => {
    const first = await site.register();
    const lost = sessionIn(await site.login(first.user.handle));
    const { closed } = await open(lost);
    const removed = await site.ask('DELETE', `/v1/devices/${lost.device.id}`, { token: first.accessToken });
    expect(removed.status).toBe(204);
    expect(await closed).toBe(4403);
    const ended = { status: 401, body: { code: 'session_ended' } };
    const token = lost.accessToken;
    expect(await site.ask('GET', '/v1/users/me', { token })).toMatchObject(ended);
    expect(await site.ask('GET', '/v1/conversations', { token })).toMatchObject(ended);
    expect(await site.ask('POST', '/v1/poll', { token, body: { frames: [] } })).toMatchObject(ended);
    expect((await upgrade(lost)).status).toBe(401);
    expect((await site.ask('GET', '/v1/users/me', { token: first.accessToken })).status).toBe(200);
  });

  test('by an old refresh token, too', async () => {
    const first = await site.register();
    const { closed } = await open(first);
    const second = sessionIn(await site.refresh(first.refreshToken));
    sessionIn(await site.refresh(second.refreshToken));
    expect(await site.refresh(first.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'session_ended' },
    });
    expect(await closed).toBe(4403);
  });
});

test('P7 a device that has to make room for another is told so: its sockets close, and nothing reaches it', async () => {
  const small = new TestWorker({ USERS: site.env.USERS, PARLEY_LIMITS: '{"devices":2}' });
  const first = await small.register();
  const second = sessionIn(await small.login(first.user.handle));
  const [gone, stays] = [await open(first), await open(second)];
  const third = sessionIn(await small.login(first.user.handle));
  expect(third.ended).toEqual([first.device]);
  expect(await gone.closed).toBe(4403);
  expect((await upgrade(first)).status).toBe(401);
  expect(stays.socket.readyState).toBe(WebSocket.OPEN);
});

test('two people talk over HTTP alone', async () => {
  const [ada, bob] = [await site.register(), await site.register()];
  const made = await site.ask('POST', '/v1/conversations', {
    token: ada.accessToken,
    body: { kind: 'direct', members: [`@${bob.user.handle}`] },
  });
  expect(made.status).toBe(201);
  const again = await site.ask('POST', '/v1/conversations', {
    token: bob.accessToken,
    body: { kind: 'direct', members: [ada.user.id] },
  });
  expect(again).toMatchObject({ status: 200, body: { id: made.body['id'] } });
  const path = `/v1/conversations/${made.body['id']}/messages`;
  const body = { clientId: 'm1', content: { kind: 'text', text: 'hello' } };
  expect(await site.ask('POST', path, { token: ada.accessToken, body })).toMatchObject({
    status: 201,
    body: { seq: 1 },
  });
  expect(await site.ask('POST', path, { token: ada.accessToken, body })).toMatchObject({
    status: 200,
    body: { seq: 1 },
  });
  expect(await site.ask('GET', path, { token: bob.accessToken })).toMatchObject({
    status: 200,
    body: { messages: [{ seq: 1, from: ada.user.id, content: body.content }], head: 1 },
  });
  const stranger = await site.register();
  const [theirs, nobodys] = [
    await site.ask('GET', path, { token: stranger.accessToken }),
    await site.ask('GET', '/v1/conversations/c_none/messages', { token: stranger.accessToken }),
  ];
  expect(theirs).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(theirs.text).toBe(nobodys.text);
});
