import { beforeAll, describe, expect, test } from 'vitest';
import { autoTransport, pollTransport } from '../../../client/auto-transport.ts';
import { createHeadless, type Headless } from '../../../client/headless.ts';
import type { ConnectionState } from '../../../client/index.ts';
import type { SocketLike, Transport } from '../../../client/transport.ts';
import { FakeClock, seeded } from './fake-clock.ts';
import { FakePolls } from './fake-polls.ts';
import { FakeServer } from './fake-server.ts';

// Loaded once, since the fake clock does not wait for files.
beforeAll(() => import('../../../client/poll-transport.ts'));

type Way = 'open' | 'refused' | 'hangs';

/** A socket that a proxy refuses, or never answers for. */
class Blocked implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  send(): void {}
  close(): void {}
}

function setup({ way = 'refused' as Way } = {}) {
  const clock = new FakeClock();
  const server = new FakeServer(clock, seeded(1));
  server.create('c', ['ada', 'bob']);
  const polls = new FakePolls(clock, server.transport);
  const world = { way, upgrades: 0, http: true };
  const webSocket: Transport = (url, token, tools) => {
    world.upgrades++;
    if (world.way === 'open') {
      const listeners: (() => void)[] = [];
      const socket = server.transport(url, token, tools);
      clock.after(1, () => {
        for (const listener of listeners) listener();
      });
      return Object.assign(socket, {
        addEventListener: (_: 'open', listener: () => void) => void listeners.push(listener),
      });
    }
    const socket = new Blocked();
    if (world.way === 'refused') clock.after(1, () => socket.onclose?.({ code: 1006, reason: '' } as never));
    return socket;
  };
  const api = server.fetchAs('ada');
  const fetch: typeof globalThis.fetch = async (input, init) => {
    if (!world.http) throw new TypeError('fetch failed');
    return String(input).endsWith('/poll') ? polls.fetch(input, init) : api(input, init);
  };
  const states: ConnectionState[] = [];
  const connect = (transport: Transport, user = 'ada'): Headless => {
    const client = createHeadless({
      url: 'http://fake',
      getToken: async () => `${user}/${user}-device`,
      transport,
      fetch,
      clock,
      random: () => 0.5,
    });
    if (user === 'ada') client.on('state', (state) => states.push(state));
    client.start();
    return client;
  };
  const names = (): string[] => states.map(({ name }) => name);
  return { clock, server, polls, world, webSocket, connect, states, names };
}

describe('which way to go', () => {
  test('sockets that get through are used, and nothing is polled', async () => {
    const { clock, polls, webSocket, connect, world } = setup({ way: 'open' });
    const ada = connect(autoTransport(webSocket));
    await clock.pass(60_000);
    expect(ada.state.name).toBe('online');
    expect([world.upgrades, polls.requests.length]).toEqual([1, 0]);
  });

  test.each(['refused', 'hangs'] as const)('an upgrade that is %s twice: polls', async (way) => {
    const { clock, polls, webSocket, connect, server } = setup({ way });
    const ada = connect(autoTransport(webSocket));
    await clock.pass(60_000);
    expect(ada.state.name).toBe('online');
    expect(polls.requests.length).toBeGreaterThan(1);
    server.say('c', 'bob', 'hello');
    await clock.pass(100);
    expect(ada.timeline('c').last).toBe(1);
    const { acked } = ada.send('c', 'and back');
    await clock.pass(100);
    expect((await acked).seq).toBe(2);
  });

  test('a socket that opened in between starts the count again', async () => {
    const { clock, polls, webSocket, connect, world, server } = setup();
    const ada = connect(autoTransport(webSocket));
    await clock.pass(100);
    for (let i = 0; i < 4; i++) {
      world.way = 'open';
      await clock.pass(40_000);
      expect(ada.state.name).toBe('online');
      world.way = 'refused';
      for (const socket of [...server.sockets]) server.kill(socket);
      await clock.pass(100);
    }
    expect(polls.requests).toHaveLength(0);
  });

  test('without any network nothing is decided: the first socket that opens is used', async () => {
    const { clock, polls, webSocket, connect, world } = setup();
    world.http = false;
    const ada = connect(autoTransport(webSocket));
    await clock.pass(300_000);
    expect(ada.state).toMatchObject({ name: 'reconnecting', reason: 'network' });
    world.http = true;
    world.way = 'open';
    await clock.pass(31_000);
    expect(ada.state.name).toBe('online');
    expect(polls.requests).toHaveLength(0);
  });

  test('without WebSocket it polls from the start, and so does pollTransport', async () => {
    for (const make of [pollTransport, () => autoTransport(undefined)]) {
      const { clock, polls, connect } = setup();
      const native = globalThis.WebSocket;
      Object.assign(globalThis, { WebSocket: undefined });
      const transport = make();
      Object.assign(globalThis, { WebSocket: native });
      const ada = connect(transport);
      await clock.pass(200);
      expect(ada.state.name).toBe('online');
      await clock.pass(3_600_000);
      expect(ada.state.name).toBe('online');
      expect(polls.requests[0]?.session).toBeUndefined();
      expect(polls.requests.filter(({ session }) => session === undefined)).toHaveLength(1);
    }
  });
});

describe('back to sockets', () => {
  /** Online by polls; `upgrades` counts from here. */
  async function polling() {
    const all = setup();
    const ada = all.connect(autoTransport(all.webSocket));
    await all.clock.pass(60_000);
    expect(ada.state.name).toBe('online');
    all.world.upgrades = 0;
    all.states.length = 0;
    const upgradesAfter = async (ms: number): Promise<number> => {
      await all.clock.pass(ms);
      return all.world.upgrades;
    };
    return { ...all, ada, upgradesAfter };
  }
  const minute = 60_000;

  test('tried beside the polls after 5 minutes, doubling to an hour', async () => {
    const { upgradesAfter, ada, names } = await polling();
    const counts: number[] = [];
    for (const minutes of [5, 10, 20, 40, 60, 60]) counts.push(await upgradesAfter(minutes * minute));
    expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
    expect(ada.state.name).toBe('online');
    expect(names()).toEqual([]);
  });

  test('one that opens is changed over to, with a short `connecting` and nothing lost', async () => {
    const { clock, world, ada, names, polls, server } = await polling();
    world.way = 'open';
    const entries: number[] = [];
    ada.on('entry', ({ entry }) => entries.push(entry.seq));
    const acks: Promise<unknown>[] = [];
    for (let i = 0; i < 300; i++) {
      server.say('c', 'bob', `b${i}`);
      acks.push(ada.send('c', `a${i}`).acked);
      await clock.pass(1000);
    }
    await clock.pass(10_000);
    expect(names()).toEqual(['connecting', 'online']);
    await Promise.all(acks);
    expect(entries).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    const asked = polls.requests.length;
    await clock.pass(10 * minute);
    expect(polls.requests).toHaveLength(asked);
    expect(polls.open).toBe(0);
  });

  test('a wake and a change of the network are reasons to try, now and then', async () => {
    const { upgradesAfter, ada, clock } = await polling();
    ada.wake();
    expect(await upgradesAfter(1000)).toBe(1);
    ada.network(true);
    expect(await upgradesAfter(1000)).toBe(1);
    await clock.pass(57_000);
    ada.network(true);
    expect(await upgradesAfter(1000)).toBe(1);
    await clock.pass(1000);
    ada.network(true);
    expect(await upgradesAfter(1000)).toBe(2);
    expect(ada.state.name).toBe('online');
  });

  test('a connection that is lost while polling comes back by polls, at once', async () => {
    const { ada, polls, clock, world, names } = await polling();
    polls.restart();
    await clock.pass(5000);
    expect(names()).toEqual(['reconnecting', 'connecting', 'online']);
    expect(ada.state.name).toBe('online');
    expect(world.upgrades).toBe(0);
  });

  test('where polls fail and sockets get through by now, it is sockets again', async () => {
    const { ada, world, clock, names, polls } = await polling();
    world.http = false;
    world.way = 'open';
    await clock.pass(90_000);
    expect(names().at(-1)).toBe('online');
    expect(ada.state.name).toBe('online');
    expect(polls.open).toBe(0);
  });

  test('a closed client tries nothing any more', async () => {
    const { ada, upgradesAfter, polls } = await polling();
    ada.close();
    expect(await upgradesAfter(120 * minute)).toBe(0);
    expect(polls.open).toBe(0);
  });
});

test('wake: a dead line is left within 5 s, over polls too', async () => {
  const { clock, polls, connect, states } = setup();
  const ada = connect(pollTransport());
  await clock.pass(5000);
  expect(ada.state.name).toBe('online');
  states.length = 0;
  polls.lag = 1_000_000;
  ada.wake();
  await clock.pass(4900);
  expect(states).toEqual([]);
  polls.lag = 1;
  await clock.pass(200);
  expect(states.map(({ name }) => name)).toEqual(['connecting', 'online']);
});
