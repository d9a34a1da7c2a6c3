import { describe, expect, test } from 'vitest';
import { PING } from '../../../client/decode.ts';
import { PollSocket } from '../../../client/poll-socket.ts';
import { attach, type SocketLike, type Transport } from '../../../client/transport.ts';
import { fail } from '../../../schema/protocol/errors.ts';
import { FakeClock, seeded } from './fake-clock.ts';
import { FakePolls, type Fate, problem } from './fake-polls.ts';

/** The other end: it answers `{echo: x}` by `{back: x}`, and says what it is told to. */
class Echo implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  readonly heard: string[] = [];

  send(text: string): void {
    this.heard.push(text);
    const { echo, type } = JSON.parse(text) as { echo?: number; type?: string };
    if (type === 'hello') this.say({ type: 'welcome', limits: { frameBytes: 1000 } });
    if (echo !== undefined) this.say({ back: echo });
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }

  close(): void {}
}

function setup(options: { readonly token?: string; readonly seed?: number } = {}) {
  const clock = new FakeClock();
  const sockets: Echo[] = [];
  const sock: Transport = () => {
    const socket = new Echo();
    sockets.push(socket);
    return socket;
  };
  const polls = new FakePolls(clock, sock);
  const told: string[] = [];
  const forced: boolean[] = [];
  const socket = new PollSocket(
    'ws://fake/v1/ws',
    options.token ?? 'token',
    {
      getToken: async ({ force = false } = {}) => {
        forced.push(force);
        return 'token';
      },
      fetch: polls.fetch,
      clock,
      random: seeded(options.seed ?? 1),
    },
    { heard: () => {}, doubted: () => {}, over: () => told.push('over') },
  );
  attach(socket, {
    opened: () => socket.send('{"type":"hello"}'),
    text: (text) => told.push(text),
    closed: ({ code, reason }) => told.push(`closed ${code} ${reason}`),
  });
  const backs = (): number[] =>
    told.flatMap((text) => (text.startsWith('{"back":') ? [Number(text.slice(8, -1))] : []));
  const echo = (n: number): void => socket.send(JSON.stringify({ echo: n }));
  return { clock, polls, sockets, socket, told, backs, echo, forced };
}

const up = async (options?: Parameters<typeof setup>[0]) => {
  const all = setup(options);
  await all.clock.pass(100);
  expect(all.told).toEqual(['{"type":"welcome","limits":{"frameBytes":1000}}']);
  return all;
};
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
/** The fates of the next requests; then all is well again. */
const next = (polls: FakePolls, ...fates: Fate[]): void => {
  polls.fate = () => fates.shift() ?? 'arrives';
};

describe('a poll is a socket', () => {
  test('hello goes first, alone; then one request waits for news', async () => {
    const { polls, sockets } = await up();
    expect(polls.requests.map(({ session, frames, wait }) => [session, frames.length, wait])).toEqual([
      [undefined, 1, 0],
      ['session-0', 0, 12],
    ]);
    expect(polls.open).toBe(1);
    expect(sockets).toHaveLength(1);
  });

  test('what is said at one moment shares a request, which does not wait for the one under way', async () => {
    const { clock, polls, echo, backs } = await up();
    for (const i of range(5)) echo(i);
    await clock.pass(50);
    expect(polls.requests.at(-2)).toMatchObject({ wait: 0, frames: range(5).map((i) => ({ echo: i })) });
    expect(backs()).toEqual(range(5));
    expect(polls.open).toBe(1);
  });

  test('news comes at once', async () => {
    const { clock, sockets, told } = await up();
    await clock.pass(5000);
    sockets[0]?.say({ news: 1 });
    await clock.pass(20);
    expect(told.at(-1)).toBe('{"news":1}');
  });

  test('at most 100 frames and the bytes of a body at a time, in order, one request after the other', async () => {
    const { clock, polls, echo, backs, socket, sockets } = await up();
    const before = polls.requests.length;
    for (const i of range(250)) echo(i);
    await clock.pass(500);
    const posts = polls.requests.slice(before).filter(({ frames }) => frames.length > 0);
    expect(posts.map(({ frames }) => frames.length)).toEqual([100, 100, 50]);
    expect(backs()).toEqual(range(250));
    // The welcome said 1000 bytes a frame, so 4000 a body.
    for (const i of range(6)) socket.send(JSON.stringify({ i, long: 'ä'.repeat(450) }));
    await clock.pass(200);
    const long = polls.requests.filter(({ frames }) => frames.some((frame) => 'long' in frame));
    expect(long.map(({ frames }) => frames.length)).toEqual([3, 3]);
    for (const body of long) expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThanOrEqual(4000);
    expect(sockets[0]?.heard.filter((text) => text.includes('long'))).toHaveLength(6);
  });

  test('closed from here: nothing is under way any more and nothing comes', async () => {
    const { clock, polls, socket, told } = await up();
    socket.close();
    await clock.pass(60_000);
    expect(polls.open).toBe(0);
    expect(told.slice(1)).toEqual(['over']);
  });
});

describe('P4: requests and answers that get lost', () => {
  test.each(['lost', 'answer lost'] as const)('%s: the same again with the same number', async (fate) => {
    const { clock, polls, echo, backs, sockets, told } = await up();
    const before = polls.requests.length;
    next(polls, fate, fate);
    echo(1);
    await clock.pass(5000);
    const posts = polls.requests.slice(before).filter(({ frames }) => frames.length > 0);
    expect(posts.map(({ frames }) => frames)).toEqual(Array(3).fill([{ echo: 1 }]));
    // Where it arrived each time, it was answered each time; that is for the ids of the frames to sort out.
    expect(backs()).toEqual(fate === 'lost' ? [1] : [1, 1, 1]);
    expect(sockets).toHaveLength(1);
    expect(told.join()).not.toContain('closed');
  });

  test('whatever is lost, everything said there is heard here, in order and once', async () => {
    let lost = 0;
    for (const seed of range(150)) {
      const random = seeded(seed);
      const { clock, polls, sockets, told, socket, echo } = await up({ seed });
      polls.fate = () => {
        const luck = random();
        if (luck < 0.4) lost++;
        return luck < 0.2 ? 'lost' : luck < 0.4 ? 'answer lost' : 'arrives';
      };
      const said: number[] = [];
      for (const i of range(40)) {
        polls.lag = 1 + random() * 30;
        if (random() < 0.3) echo(i);
        if (random() < 0.1) socket.send(PING);
        said.push(i);
        sockets[0]?.say({ news: i });
        await clock.pass(random() * 60);
        if (told.at(-1)?.startsWith('closed')) break;
      }
      polls.fate = () => 'arrives';
      await clock.pass(20_000);
      const heard = told.flatMap((text) => (text.startsWith('{"news":') ? [Number(text.slice(8, -1))] : []));
      if (told.at(-1)?.startsWith('closed')) expect(heard).toEqual(said.slice(0, heard.length));
      else expect(heard).toEqual(said);
    }
    expect(lost).toBeGreaterThan(500);
  });

  test('a line that stays dead is a closed socket after a few tries', async () => {
    const { clock, polls, told } = await up();
    const before = polls.requests.length;
    polls.fate = () => 'lost';
    await clock.pass(40_000);
    expect(told.slice(1)).toEqual(['over', 'closed 1006 network']);
    expect(polls.requests.length - before).toBe(4);
  });

  test('a request without an answer is given up some time after it should have come', async () => {
    const { clock, polls, told } = await up();
    polls.lag = 1_000_000;
    await clock.pass(12_000 + 22_000 * 4 + 15_000);
    expect(told.slice(1)).toEqual(['over', 'closed 1006 network']);
  });

  test('a session that the service forgot is a lost connection', async () => {
    const { clock, polls, told, sockets } = await up();
    polls.restart();
    await clock.pass(5000);
    expect(told.slice(1)).toEqual(['over', 'closed 1006 ']);
    expect(sockets).toHaveLength(2);
  });

  test('a service that says so itself is taken at its word', async () => {
    const { clock, polls, told } = await up();
    polls.restart(fail('unavailable', 'restarted'));
    await clock.pass(5000);
    expect(told.slice(1)).toEqual(['over', 'closed 1013 unavailable']);
  });

  test('another session in an answer closes with 1006, and its frames are not believed', async () => {
    const { clock, polls, told } = await up();
    next(polls, Response.json({ session: 'other', n: 9, frames: [{ type: 'welcome' }] }));
    await clock.pass(30_000);
    expect(told.slice(1)).toEqual(['over', 'closed 1006 ']);
  });

  test('before there is a session a failure is a closed socket at once', async () => {
    const { clock, polls, told } = setup();
    polls.fate = () => 'lost';
    await clock.pass(1000);
    expect(told).toEqual(['over', 'closed 1006 network']);
  });

  test('a page of the network instead of an answer is no answer', async () => {
    const { clock, polls, told, echo, backs } = await up();
    const page = () => new Response('<h1>Welcome to the hotel</h1>');
    next(polls, page(), page());
    echo(7);
    await clock.pass(5000);
    expect(backs()).toEqual([7]);
    expect(told.join()).not.toContain('closed');
  });
});

describe('the error table', () => {
  test.each([
    [fail('session_ended', ''), 'closed 4403 session_ended'],
    [fail('unsupported_version', ''), 'closed 4426 unsupported_version'],
    [fail('overloaded', ''), 'closed 1013 overloaded'],
    [fail('unavailable', ''), 'closed 1013 unavailable'],
    [fail('bad_request', ''), 'closed 1008 bad_request'],
    [fail('not_found', ''), 'closed 1008 not_found'],
  ])('%o', async (failure, expected) => {
    const { clock, polls, told } = await up();
    next(polls, problem(failure));
    await clock.pass(20_000);
    expect(told.slice(1)).toEqual(['over', expected]);
  });

  test('how long to wait comes before the close, as on a socket', async () => {
    const { clock, polls, told } = await up();
    next(polls, problem(fail('rate_limited', 'slowly', 7)));
    await clock.pass(20_000);
    expect(JSON.parse(told[1] ?? '')).toEqual({
      type: 'error',
      code: 'rate_limited',
      detail: 'slowly',
      retryAfter: 7,
    });
    expect(told.slice(2)).toEqual(['over', 'closed 4429 rate_limited']);
  });

  test.each([
    [401, 'closed 4401 odd'],
    [429, 'closed 4429 odd'],
    [503, 'closed 1013 odd'],
    [418, 'closed 1008 odd'],
  ])('a code of a later version goes by its status: %i', async (status, expected) => {
    const { clock, polls, told } = await up();
    next(polls, Response.json({ code: 'odd' }, { status }));
    await clock.pass(20_000);
    expect(told.slice(1)).toEqual(['over', expected]);
  });

  test('a token that ran out is renewed, as a socket would have outlived it', async () => {
    const { clock, polls, told, echo, backs, forced } = await up({ token: 'token' });
    next(polls, problem(fail('unauthenticated', 'expired')));
    echo(3);
    await clock.pass(100);
    expect(forced).toEqual([true]);
    expect(backs()).toEqual([3]);
    next(polls, problem(fail('unauthenticated', '')), problem(fail('unauthenticated', '')));
    echo(4);
    await clock.pass(100);
    expect(told.at(-1)).toBe('closed 4401 unauthenticated');
  });

  test('without a session that is the business of whoever opened it', async () => {
    const { clock, polls, told, forced } = setup();
    next(polls, problem(fail('unauthenticated', '')));
    await clock.pass(100);
    expect(told).toEqual(['over', 'closed 4401 unauthenticated']);
    expect(forced).toEqual([]);
  });
});

describe('pings', () => {
  const pongs = (told: readonly string[]): number => told.filter((text) => text === '{"type":"pong"}').length;

  test('are answered here as long as polls are answered, without a request of their own', async () => {
    const { clock, polls, told, socket } = await up();
    for (let i = 0; i < 8; i++) {
      await clock.pass(15_000);
      socket.send(PING);
    }
    await clock.pass(10);
    expect(pongs(told)).toBe(8);
    expect(polls.requests.every(({ wait }, i) => i === 0 || wait === 12)).toBe(true);
  });

  test('are not answered when nothing has come for long', async () => {
    const { clock, polls, told, socket } = await up();
    polls.lag = 1_000_000;
    await clock.pass(30_000);
    socket.send(PING);
    await clock.pass(5000);
    expect(pongs(told)).toBe(0);
  });

  test('after a doubt only the service answers', async () => {
    const { clock, polls, told, socket } = await up();
    socket.doubt();
    socket.send(PING);
    expect(pongs(told)).toBe(0);
    await clock.pass(30);
    expect(pongs(told)).toBe(1);
    expect(polls.requests.filter(({ wait }) => wait === 0)).toHaveLength(2);
    polls.lag = 100_000;
    socket.doubt();
    socket.send(PING);
    await clock.pass(5000);
    expect(pongs(told)).toBe(1);
  });

  test('a doubt ends the pause after a failure', async () => {
    const { clock, polls, socket, echo, backs } = await up({ seed: 3 });
    next(polls, 'lost', 'lost', 'lost');
    echo(1);
    await clock.pass(8);
    const asked = polls.requests.length;
    socket.doubt();
    await clock.pass(0);
    expect(polls.requests.length).toBeGreaterThan(asked);
    await clock.pass(10_000);
    expect(backs()).toEqual([1]);
  });
});
