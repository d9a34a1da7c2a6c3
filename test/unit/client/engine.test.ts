import { describe, expect, test } from 'vitest';
import { PING } from '../../../client/decode.ts';
import { createHeadless, type Headless, type HeadlessOptions } from '../../../client/headless.ts';
import { ParleyError } from '../../../client/index.ts';
import { socketUrl } from '../../../client/transport.ts';
import { PING as WIRE_PING } from '../../../schema/protocol/codec.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeServer } from './fake-server.ts';

function setup() {
  const clock = new FakeClock();
  const server = new FakeServer(clock, () => 0.5);
  server.create('c', ['ada', 'bob']);
  const connect = async (user: string, more: Partial<HeadlessOptions> = {}): Promise<Headless> => {
    const client = createHeadless({
      url: 'http://fake',
      getToken: async () => `${user}/${user}-device`,
      transport: server.transport,
      fetch: server.fetchAs(user),
      clock,
      random: () => 0.5,
      ...more,
    });
    client.start();
    await clock.pass(100);
    return client;
  };
  const sent = (user: string, type: string): unknown[] =>
    server.seen.filter((seen) => seen.user === user && seen.frame.type === type).map((seen) => seen.frame);
  return { clock, server, connect, sent };
}

test('the ping is the text the runtime answers', () => {
  expect(PING).toBe(WIRE_PING);
});

test('frames of a later version are ignored, and those after them are not', async () => {
  const { clock, connect, server } = setup();
  const bob = await connect('bob');
  const errors: unknown[] = [];
  bob.on('error', (error) => errors.push(error));
  const [socket] = server.sockets;
  for (const frame of [{ type: 'hologram', conversation: 'c', seq: 7, cursor: 90 }, [1], null, 'x'])
    socket?.onmessage?.({ data: JSON.stringify(frame) } as never);
  server.say('c', 'ada', 'x');
  await clock.pass(100);
  expect(bob.timeline('c')).toMatchObject({ last: 1, gaps: [] });
  expect(bob.state.name).toBe('online');
  expect(errors).toEqual([]);
});

test('the socket’s address follows the service’s', () => {
  expect(socketUrl('https://chat.example/')).toBe('wss://chat.example/v1/ws');
  expect(socketUrl('http://127.0.0.1:8787')).toBe('ws://127.0.0.1:8787/v1/ws');
});

describe('sending', () => {
  test('P1: acked resolves with the number, and the own message is in the timeline', async () => {
    const { clock, connect } = setup();
    const ada = await connect('ada');
    const { clientId, acked } = ada.send('c', 'hello', { replyTo: 7 });
    expect(ada.pending('c')).toEqual([{ clientId, content: { kind: 'text', text: 'hello' }, replyTo: 7 }]);
    await clock.pass(100);
    expect(await acked).toEqual({ seq: 1, at: expect.any(Number), duplicate: false });
    expect(ada.pending('c')).toEqual([]);
    expect(ada.timeline('c').messages).toMatchObject([{ seq: 1, from: 'ada', clientId, replyTo: 7 }]);
  });

  test('P3: the same clientId is one message, and a retry of old is told as such', async () => {
    const { clock, connect, server } = setup();
    const ada = await connect('ada');
    const first = ada.send('c', 'hello', { clientId: 'k' });
    expect(ada.send('c', 'hello', { clientId: 'k' }).acked).toBe(first.acked);
    await clock.pass(100);
    const again = ada.send('c', 'hello', { clientId: 'k' });
    await clock.pass(100);
    expect(await again.acked).toMatchObject({ seq: 1, duplicate: true });
    expect(server.log('c').entries).toHaveLength(1);
  });

  test('what is refused for good rejects, and is told with its words', async () => {
    const { clock, connect } = setup();
    const ada = await connect('ada');
    const failures: unknown[] = [];
    ada.on('failed', ({ error, op }) => failures.push([error.code, op.type === 'send' && op.content]));
    const { acked } = ada.send('c', 'forbidden');
    await clock.pass(100);
    await expect(acked).rejects.toMatchObject({ code: 'forbidden' });
    await expect(ada.send('c', 'x'.repeat(70_000)).acked).rejects.toMatchObject({ code: 'too_large' });
    expect(failures).toMatchObject([
      ['forbidden', { text: 'forbidden' }],
      ['too_large', {}],
    ]);
  });

  test('closing rejects what has no answer', async () => {
    const { connect } = setup();
    const ada = await connect('ada');
    const { acked } = ada.send('c', 'hello');
    ada.close();
    await expect(acked).rejects.toMatchObject({ code: 'closed' });
    await expect(ada.online()).rejects.toBeInstanceOf(ParleyError);
  });

  test('P4: an own message whose ack was lost is settled by the log, and not said again', async () => {
    const { clock, connect, server, sent } = setup();
    const ada = await connect('ada');
    ada.send('c', 'one');
    await clock.pass(100);
    const { acked, clientId } = ada.send('c', 'two');
    server.say('c', 'ada', 'x');
    const [socket] = server.sockets;
    const stored = server.log('c').entries[1];
    // The service stored it and died before it could say so.
    Object.assign(stored ?? {}, { clientId });
    if (socket) server.kill(socket);
    await clock.pass(5000);
    expect(await acked).toMatchObject({ seq: 2 });
    expect(sent('ada', 'send')).toHaveLength(2);
  });

  test('the announced rate is kept', async () => {
    const { clock, connect, server, sent } = setup();
    server.limits = { sendRate: 10, sendBurst: 5, frameRate: 100, frameBurst: 300, frameBytes: 65_536 };
    const ada = await connect('ada');
    for (let i = 0; i < 20; i++) ada.send('c', `${i}`);
    await clock.pass(50);
    expect(sent('ada', 'send')).toHaveLength(5);
    await clock.pass(2000);
    expect(server.log('c').entries).toHaveLength(20);
  });
});

describe('receiving', () => {
  test('confirms once for many, and reads when the app says so', async () => {
    const { clock, connect, server, sent } = setup();
    const [ada, bob] = [await connect('ada'), await connect('bob')];
    for (let i = 0; i < 10; i++) server.say('c', 'ada', `${i}`);
    await clock.pass(100);
    expect(sent('bob', 'received')).toEqual([{ type: 'received', conversation: 'c', seq: 10 }]);
    expect(ada.delivery('c', 10)).toBe('delivered');
    bob.read('c', 10);
    await clock.pass(100);
    expect(sent('bob', 'read')).toEqual([{ type: 'read', conversation: 'c', seq: 10 }]);
    expect(ada.delivery('c', 10)).toBe('read');
  });

  test('a repeat of what was applied is confirmed again', async () => {
    const { clock, connect, server, sent } = setup();
    await connect('bob');
    const entry = server.say('c', 'ada', 'x');
    await clock.pass(100);
    const [socket] = server.sockets;
    socket?.onmessage?.({ data: JSON.stringify({ ...entry, cursor: 1 }) } as never);
    await clock.pass(100);
    expect(sent('bob', 'received')).toHaveLength(2);
  });

  test('confirms during a resume, since the service waits for it', async () => {
    const { clock, connect, server, sent } = setup();
    server.say('c', 'ada', 'x');
    const bob = await connect('bob', { resume: { cursor: 0, heads: {} }, gather: 0 });
    const order = server.seen.filter(({ user }) => user === 'bob').map(({ frame }) => frame.type);
    expect(bob.state.name).toBe('online');
    expect(order).toEqual(['hello', 'received']);
    expect(sent('bob', 'received')).toHaveLength(1);
    await clock.pass(1000);
  });

  test('something of an unlisted conversation is told, and listed ones are kept up to date', async () => {
    const { clock, connect, server } = setup();
    const bob = await connect('bob');
    const unlisted: string[] = [];
    bob.on('unlisted', ({ conversation }) => unlisted.push(conversation));
    server.say('c', 'ada', 'one');
    await clock.pass(100);
    expect(unlisted).toEqual(['c']);
    expect(await bob.loadConversation('c')).toMatchObject({ id: 'c', head: 1 });
    server.say('c', 'ada', 'two');
    await clock.pass(100);
    expect(unlisted).toEqual(['c']);
    expect(bob.conversation('c')).toMatchObject({ head: 2, unread: 1 });
  });

  test('history is loaded page by page, down to the beginning', async () => {
    const { clock, connect, server } = setup();
    for (let i = 1; i <= 25; i++) server.say('c', 'ada', `${i}`);
    const bob = await connect('bob');
    await bob.listConversations();
    expect(bob.timeline('c').entries).toEqual([]);
    expect(await bob.loadOlder('c', 10)).toEqual({ loaded: 10, more: true });
    expect(await Promise.all([bob.loadOlder('c', 10), bob.loadOlder('c', 10)])).toEqual([
      { loaded: 10, more: true },
      { loaded: 10, more: true },
    ]);
    expect(await bob.loadOlder('c', 10)).toEqual({ loaded: 5, more: false });
    expect(await bob.loadOlder('c', 10)).toEqual({ loaded: 0, more: false });
    expect(bob.timeline('c').entries).toEqual(server.log('c').entries);
    await clock.pass(100);
  });

  test('P4: a cut resume tells its gap, and the gap can be loaded', async () => {
    const { clock, connect, server } = setup();
    for (let i = 1; i <= 3; i++) server.say('c', 'ada', `${i}`);
    const early = await connect('bob', { resume: { cursor: 0, heads: {} } });
    const { resume } = early;
    early.close();
    for (let i = 4; i <= 30; i++) server.say('c', 'ada', `${i}`);
    const bob = createHeadless({
      url: 'http://fake',
      getToken: async () => 'bob/bob-device',
      transport: server.transport,
      fetch: server.fetchAs('bob'),
      clock,
      resume,
      limit: 10,
    });
    bob.start();
    await clock.pass(100);
    expect(bob.timeline('c').gaps).toEqual([{ from: 4, to: 20 }]);
    while ((await bob.loadOlder('c', 7)).more);
    expect(bob.timeline('c').entries).toEqual(server.log('c').entries);
  });
});

describe('the connection', () => {
  test('a fresh token is asked for when the service refuses the last', async () => {
    const { clock, server, connect } = setup();
    const forced: (boolean | undefined)[] = [];
    const ada = await connect('ada', {
      getToken: async (options) => {
        forced.push(options?.force);
        return 'ada/ada-device';
      },
    });
    for (const socket of [...server.sockets]) server.kill(socket, 4401);
    await clock.pass(100);
    expect(ada.state.name).toBe('online');
    expect(forced).toEqual([false, true]);
  });

  test.each([
    ['session_ended', 'closed'],
    ['unauthenticated', 'needs-auth'],
    ['network', 'reconnecting'],
  ])('getToken that fails with %s leads to %s', async (code, name) => {
    const { connect } = setup();
    const ada = await connect('ada', { getToken: () => Promise.reject(new ParleyError(code, '')) });
    expect(ada.state.name).toBe(name);
  });

  test('a closed client can begin again', async () => {
    const { clock, connect } = setup();
    const ada = await connect('ada');
    ada.close();
    expect(ada.state).toEqual({ name: 'closed', reason: 'stopped' });
    ada.start();
    await clock.pass(100);
    await ada.online();
    expect(ada.state.name).toBe('online');
  });

  test('pings keep coming, and a dead line is left', async () => {
    const { clock, connect, server, sent } = setup();
    const ada = await connect('ada');
    await clock.pass(60_000);
    expect(sent('ada', 'ping')).toHaveLength(4);
    for (const socket of server.sockets) socket.onmessage = null;
    const states: string[] = [];
    ada.on('state', ({ name }) => states.push(name));
    await clock.pass(35_000);
    expect(states).toEqual(['reconnecting', 'connecting', 'online']);
  });

  test('what is open on the screen is said again after a reconnect', async () => {
    const { clock, connect, server, sent } = setup();
    const ada = await connect('ada');
    ada.focus('c');
    for (const socket of [...server.sockets]) server.kill(socket);
    await clock.pass(5000);
    expect(sent('ada', 'focus')).toHaveLength(2);
  });
});
