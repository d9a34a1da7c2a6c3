import { describe, expect, test } from 'vitest';
import { createAccount } from '../../../../client/auth.ts';
import { createApi } from '../../../../client/http.ts';
import { createTestServer, createVirtualClock } from '../../../../client/testing/index.ts';
import { attach, type SocketLike } from '../../../../client/transport.ts';
import type { Down, DownOf } from '../../../../schema/protocol/down.ts';
import { KNOWS } from '../../../../schema/protocol/knows.ts';
import type { Up } from '../../../../schema/protocol/up.ts';

async function setup(seed = 1) {
  const clock = createVirtualClock();
  const server = createTestServer({ clock, seed });
  const [ada, ben] = [server.addUser({ handle: 'ada' }), server.addUser({ handle: 'ben' })];
  const { id } = server.addConversation({ kind: 'direct', members: [ada.user.id, ben.user.id] });
  return { clock, server, ada, ben, id };
}

type Setup = Awaited<ReturnType<typeof setup>>;

/** One socket of this user, resumed if it opened. */
async function connect({ clock, server }: Setup, who: Setup['ada'], cursor?: number, knows: string[] = []) {
  const frames: Down[] = [];
  const state: { opened: boolean; closed?: number } = { opened: false };
  const socket: SocketLike = server.transport(server.url, await who.getToken());
  const send = (frame: Up): void => socket.send(JSON.stringify(frame));
  attach(socket, {
    opened() {
      state.opened = true;
      send({ type: 'hello', ...(cursor === undefined ? {} : { cursor }), knows });
    },
    text: (text) => frames.push(JSON.parse(text)),
    closed({ code }) {
      state.closed = code;
    },
  });
  await clock.advance(20);
  const of = <T extends Down['type']>(type: T) => frames.filter((f) => f.type === type) as DownOf<T>[];
  return { frames, state, socket, send, of };
}

const say = (conversation: string, clientId: string): Up => ({
  type: 'send',
  clientId,
  conversation,
  content: { kind: 'text', text: clientId },
});

describe('faults on lines', () => {
  test('a dropped frame takes its line with it, and all that was behind it; a resume brings it', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const line = await connect(all, ben);
    const { cursor } = line.of('synced')[0]!;
    server.faults.dropNext({ direction: 'down', type: 'message', user: ben.user.id });
    for (const name of ['one', 'two', 'three']) server.post(id, ada.user.id, name);
    await clock.advance(10);
    expect(line.of('message')).toEqual([]);
    expect(line.state.closed).toBe(1006);
    expect(server.connections(ben.user.id)).toBe(0);
    const again = await connect(all, ben, cursor);
    expect(again.of('batch').flatMap(({ entries }) => entries.map(({ seq }) => seq))).toEqual([1, 2, 3]);
  });

  test('P3: an ack that is lost leaves the message stored, and the repeat is the same', async () => {
    const all = await setup();
    const { clock, server, ada, id } = all;
    server.faults.dropNext({ type: 'ack' });
    const line = await connect(all, ada);
    line.send(say(id, 'hello'));
    await clock.advance(10);
    expect([line.of('ack').length, line.state.closed, server.log(id).length]).toEqual([0, 1006, 1]);
    const again = await connect(all, ada);
    again.send(say(id, 'hello'));
    await clock.advance(10);
    expect(again.of('ack')).toMatchObject([{ seq: 1, duplicate: true }]);
  });

  test('a frame that is lost on the way up was never heard', async () => {
    const all = await setup();
    const { clock, server, ada, id } = all;
    const line = await connect(all, ada);
    server.faults.dropNext({ direction: 'up', type: 'send' });
    line.send(say(id, 'one'));
    line.send(say(id, 'two'));
    await clock.advance(10);
    expect([line.state.closed, server.log(id).length]).toEqual([1006, 0]);
  });

  test('a duplicate is pushed again with a cursor of its own', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const line = await connect(all, ben);
    server.faults.duplicateNext();
    server.post(id, ada.user.id, 'one');
    server.post(id, ada.user.id, 'two');
    await clock.advance(100);
    expect(line.of('message').map(({ seq }) => seq)).toEqual([1, 2, 1]);
    const cursors = line.of('message').map(({ cursor = 0 }) => cursor);
    expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
    expect(new Set(cursors).size).toBe(3);
  });

  test('delays keep the order of a line and of a conversation, and an ack may overtake others', async () => {
    const all = await setup(5);
    const { clock, server, ada, ben, id } = all;
    server.faults.set({ delay: 300 });
    const [adas, bens] = [await connect(all, ada), await connect(all, ben)];
    await clock.advance(2000);
    for (let i = 0; i < 20; i++) {
      adas.send(say(id, `a${i}`));
      bens.send(say(id, `b${i}`));
      await clock.advance(20);
    }
    await clock.advance(10_000);
    const log = server.log(id);
    expect(log).toHaveLength(40);
    for (const { of } of [adas, bens]) {
      const seqs = of('message').map(({ seq }) => seq);
      expect(seqs).toHaveLength(20);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
    const order = adas.frames.flatMap((f) => (f.type === 'message' || f.type === 'ack' ? [f.seq] : []));
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });

  test('refused sends ask to come again, and what was stored before is acknowledged all the same', async () => {
    const all = await setup();
    const { clock, server, ada, id } = all;
    const line = await connect(all, ada);
    line.send(say(id, 'stored'));
    await clock.advance(10);
    server.faults.set({ refuse: 1 });
    for (let i = 0; i < 10; i++) line.send(say(id, `no${i}`));
    line.send(say(id, 'stored'));
    await clock.advance(10);
    expect(new Set(line.of('error').map(({ code }) => code))).toEqual(
      new Set(['rate_limited', 'unavailable']),
    );
    expect(line.of('error').every(({ retryAfter, clientId }) => retryAfter === 1 && clientId)).toBe(true);
    expect(line.of('ack').map(({ duplicate }) => duplicate)).toEqual([undefined, true]);
    expect(server.log(id)).toHaveLength(1);
  });

  test('a line that is silent carries nothing, and nobody is told', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const line = await connect(all, ben);
    server.faults.silence(ben.user.id);
    server.post(id, ada.user.id, 'unheard');
    line.send(say(id, 'into the void'));
    await clock.advance(60_000);
    expect([line.of('message').length, line.state.closed, server.log(id).length]).toEqual([0, undefined, 1]);
    const again = await connect(all, ben);
    server.post(id, ada.user.id, 'heard');
    await clock.advance(10);
    expect(again.of('message')).toHaveLength(1);
  });

  test('lines end with the code that is asked for, also those of one user alone', async () => {
    const all = await setup();
    const { clock, server, ada, ben } = all;
    const [adas, bens] = [await connect(all, ada), await connect(all, ben)];
    server.faults.disconnect(ada.user.id, 4401);
    await clock.advance(1);
    expect([adas.state.closed, bens.state.closed]).toEqual([4401, undefined]);
    server.faults.disconnect();
    await clock.advance(1);
    expect(bens.state.closed).toBe(1006);
  });

  test('another release leaves lines open, and tells those that know how', async () => {
    const all = await setup();
    const { clock, server, ada, ben } = all;
    const [adas, bens] = [
      await connect(all, ada, undefined, ['welcome.again', 'of.tomorrow']),
      await connect(all, ben),
    ];
    server.faults.release(['shout']);
    await clock.advance(10);
    expect(adas.of('welcome').map(({ knows }) => knows)).toEqual([KNOWS, ['shout']]);
    expect(bens.of('welcome').map(({ knows }) => knows)).toEqual([KNOWS]);
    expect([adas.state.closed, bens.state.closed]).toEqual([undefined, undefined]);
  });

  test('upgrades are refused as often as was asked for', async () => {
    const all = await setup();
    const { server, ada } = all;
    server.faults.refuseUpgrades(2);
    const states = [await connect(all, ada), await connect(all, ada), await connect(all, ada)];
    expect(states.map(({ state }) => [state.opened, state.closed])).toEqual([
      [false, 1006],
      [false, 1006],
      [true, undefined],
    ]);
  });

  test('while sockets are blocked polls get through', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const line = await connect(all, ben);
    server.faults.blockWebSockets(true);
    expect((await connect(all, ben)).state).toEqual({ opened: false, closed: 1006 });
    expect(line.state.closed).toBe(1006);
    const api = createApi({ ...server, getToken: ben.getToken });
    const first = await clock.until(
      api<{ session: string; n: number }>('POST', '/poll', { frames: [], wait: 5 }),
    );
    const next = api<{ frames: Down[] }>('POST', '/poll', { ...first, frames: [], wait: 20 });
    server.post(id, ada.user.id, 'by poll');
    expect((await clock.until(next)).frames).toMatchObject([{ type: 'message', seq: 1 }]);
    server.faults.blockWebSockets(false);
    expect((await connect(all, ben)).state.opened).toBe(true);
  });
});

describe('faults on tokens and requests', () => {
  test('expired tokens are refused everywhere, and a forced one is good', async () => {
    const all = await setup();
    const { server, ada } = all;
    const old = await ada.getToken();
    server.faults.expireTokens(ada.user.id);
    const asked: boolean[] = [];
    const api = createApi({
      ...server,
      getToken: async ({ force = false } = {}) => {
        asked.push(force);
        return force ? ada.getToken({ force }) : old;
      },
    });
    expect(await api('GET', '/users/me')).toEqual(ada.user);
    expect(asked).toEqual([false, true]);
    expect(await ada.getToken()).not.toBe(old);
    expect((await connect(all, { ...ada, getToken: async () => old })).state.closed).toBe(1006);
  });

  test('access tokens run out by the clock, and an account refreshes them', async () => {
    const { clock, server } = await setup();
    const account = createAccount({ ...server, clock });
    await account.register({ handle: 'cyd', password: 'correct horse' });
    const first = await account.getToken();
    await clock.advance(20 * 60_000);
    const api = createApi({ ...server, getToken: async () => first });
    await expect(api('GET', '/users/me')).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await account.getToken()).not.toBe(first);
    expect(await createApi({ ...server, getToken: account.getToken })('GET', '/users/me')).toMatchObject({
      handle: 'cyd',
    });
  });

  test('requests fail as often as was asked for, and only those that were meant', async () => {
    const { server, ada, id } = await setup();
    const api = createApi({ ...server, getToken: ada.getToken });
    server.faults.failHttp(1, 'unavailable', { method: 'POST', path: '/v1/conversations' });
    server.faults.failHttp(1, 'network', { path: '/v1/users' });
    server.faults.failHttp(1, 'rate_limited', { path: '/v1/devices' });
    const body = { clientId: 'k', content: { kind: 'text', text: 'x' } };
    await expect(api('POST', `/conversations/${id}/messages`, body)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await expect(api('GET', '/users/me')).rejects.toMatchObject({ code: 'network' });
    await expect(api('GET', '/devices')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 1 });
    expect(server.log(id)).toEqual([]);
    expect(await api('POST', `/conversations/${id}/messages`, body)).toMatchObject({ seq: 1 });
    expect(await api('GET', '/users/me')).toEqual(ada.user);
    expect(await api('GET', '/devices')).toHaveLength(1);
  });

  test('P3: requests that are lost, or come twice, leave one message', async () => {
    const { server, ada, id } = await setup();
    const api = createApi({ ...server, getToken: ada.getToken });
    server.faults.set({ drop: 0.5, duplicate: 0.5 });
    let lost = 0;
    const send = async (clientId: string): Promise<void> => {
      const body = { clientId, content: { kind: 'text', text: clientId } };
      for (;;) {
        const done = await api('POST', `/conversations/${id}/messages`, body).then(
          () => true,
          () => false,
        );
        if (done) return;
        lost++;
      }
    };
    // Fewer than a device may send at once.
    for (let i = 0; i < 12; i++) await send(`m${i}`);
    expect(lost).toBeGreaterThan(3);
    expect(server.log(id).map((entry) => entry.type === 'message' && entry.clientId)).toEqual(
      Array.from({ length: 12 }, (_, i) => `m${i}`),
    );
  });

  test('down is down for everything, and what was stored is there afterwards', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const line = await connect(all, ben);
    const api = createApi({ ...server, getToken: ada.getToken });
    server.post(id, ada.user.id, 'before');
    server.faults.down();
    await clock.advance(10);
    expect(line.state.closed).toBe(1006);
    await expect(api('GET', '/users/me')).rejects.toMatchObject({ code: 'network' });
    expect((await connect(all, ben)).state.opened).toBe(false);
    server.faults.up();
    const again = await connect(all, ben, 0);
    expect(again.of('batch')).toMatchObject([{ entries: [{ seq: 1 }] }]);
  });

  test('a request can be given up', async () => {
    const { clock, server, ben } = await setup();
    const stop = new AbortController();
    const request = server.fetch(`${server.url}/v1/poll`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await ben.getToken()}`, 'content-type': 'application/json' },
      body: '{"frames":[],"wait":25}',
      signal: stop.signal,
    });
    stop.abort();
    await expect(clock.until(request)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('calm ends all of it', async () => {
    const all = await setup();
    const { server, ada } = all;
    server.faults.set({ drop: 1, refuse: 1, delay: 500 });
    server.faults.blockWebSockets(true);
    server.faults.refuseUpgrades(3);
    server.faults.failHttp(3);
    server.faults.down();
    server.faults.calm();
    expect((await connect(all, ada)).of('synced')).toHaveLength(1);
    expect(await createApi({ ...server, getToken: ada.getToken })('GET', '/users/me')).toEqual(ada.user);
  });

  test('the same seed gives the same run', async () => {
    const run = async (): Promise<string[]> => {
      const all = await setup(11);
      const { clock, server, ada, ben, id } = all;
      const seen: string[] = [];
      server.tap(({ direction, text }) => seen.push(`${direction} ${text}`));
      server.faults.set({ delay: 50, refuse: 0.3, duplicate: 0.3 });
      const line = await connect(all, ben);
      for (let i = 0; i < 10; i++) {
        server.post(id, ada.user.id, `m${i}`);
        line.send(say(id, `b${i}`));
        await clock.advance(30);
      }
      await clock.advance(1000);
      return seen;
    };
    const seen = await run();
    expect(seen.length).toBeGreaterThan(30);
    expect(await run()).toEqual(seen);
  });
});

describe('presence and typing', () => {
  test('typing reaches members who have the conversation in focus', async () => {
    const all = await setup();
    const { clock, server, ada, ben, id } = all;
    const [adas, bens] = [await connect(all, ada), await connect(all, ben)];
    adas.send({ type: 'typing', conversation: id, on: true });
    await clock.advance(10);
    expect(bens.of('typing')).toEqual([]);
    bens.send({ type: 'focus', conversation: id });
    adas.send({ type: 'typing', conversation: id, on: false });
    await clock.advance(10);
    expect(bens.of('typing')).toEqual([{ type: 'typing', conversation: id, user: ada.user.id, on: false }]);
    server.block(ben.user.id, ada.user.id);
    adas.send({ type: 'typing', conversation: id, on: true });
    await clock.advance(10);
    expect(bens.of('typing')).toHaveLength(1);
  });

  test('presence of watched users: at once, when it changes, and not for ever', async () => {
    const all = await setup();
    const { clock, server, ada, ben } = all;
    const adas = await connect(all, ada);
    adas.send({ type: 'watch', users: [ben.user.id] });
    await clock.advance(10);
    expect(adas.of('presence')).toEqual([{ type: 'presence', user: ben.user.id, online: false }]);
    const bens = await connect(all, ben);
    bens.socket.close();
    await clock.advance(10);
    expect(adas.of('presence').slice(1)).toEqual([
      { type: 'presence', user: ben.user.id, online: true },
      { type: 'presence', user: ben.user.id, online: false, lastSeen: expect.any(Number) },
    ]);
    await clock.advance(60_000);
    await connect(all, ben);
    expect(adas.of('presence')).toHaveLength(3);
    server.block(ben.user.id, ada.user.id);
    adas.send({ type: 'watch', users: [ben.user.id] });
    await clock.advance(10);
    expect(adas.of('presence').at(-1)).toEqual({ type: 'presence', user: ben.user.id, online: false });
  });
});
