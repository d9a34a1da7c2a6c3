import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createHeadless, type Headless, type ResumeState } from '../../../client/headless.ts';
import { pollTransport } from '../../../client/index.ts';
import { FakeClock, seeded } from './fake-clock.ts';
import { FakePolls } from './fake-polls.ts';
import { CALM, FakeServer, type Trouble } from './fake-server.ts';

interface Device {
  client: Headless;
  readonly user: string;
  /** `conversation seq`, in the order the app was told. */
  readonly told: string[];
  readonly sent: { readonly conversation: string; readonly clientId: string; acked?: number; gone?: true }[];
  /** Ends the program and starts it again with what it wrote down. */
  restart(): void;
}

const USERS = ['ada', 'bob', 'cyd'];
// Many for the few messages: what a later message would reveal as missing anyway proves nothing.
const CONVERSATIONS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'];

// Loaded once, since the fake clock does not wait for files.
beforeAll(() => import('../../../client/poll-transport.ts'));

/** `polling`: everybody polls, and requests and answers get lost as well. */
function world(seed: number, polling: boolean) {
  const random = seeded(seed);
  const clock = new FakeClock();
  const server = new FakeServer(clock, random);
  for (const id of CONVERSATIONS) server.create(id, USERS);
  const polls = new FakePolls(clock, server.transport);
  polls.fate = () => {
    const luck = server.trouble === CALM ? 1 : random();
    polls.lag = 1 + random() * 20;
    return luck < 0.03 ? 'lost' : luck < 0.06 ? 'answer lost' : 'arrives';
  };
  let ids = 0;
  const device = (user: string, name: string): Device => {
    const told: string[] = [];
    const start = (resume?: ResumeState): Headless => {
      const client = createHeadless({
        url: 'http://fake',
        getToken: async () => `${user}/${name}`,
        transport: polling ? pollTransport() : server.transport,
        fetch: (input, init) =>
          String(input).endsWith('/poll') ? polls.fetch(input, init) : server.fetchAs(user)(input, init),
        clock,
        random,
        newId: () => `id-${ids++}`,
        window: 4,
        ...(resume ? { resume } : {}),
      });
      client.on('entry', ({ conversation, entry }) => told.push(`${conversation} ${entry.seq}`));
      // Somebody logs in again.
      client.on('state', ({ name }) => name === 'needs-auth' && client.start());
      client.start();
      return client;
    };
    const made: Device = {
      client: start(),
      user,
      told,
      sent: [],
      restart() {
        const { resume } = made.client;
        made.client.close();
        made.client = start(resume);
      },
    };
    return made;
  };
  return { random, clock, server, device, polls };
}

async function run(seed: number, trouble: Trouble, steps: number, polling: boolean) {
  const { random, clock, server, device, polls } = world(seed, polling);
  const devices = [device('ada', 'a1'), device('ada', 'a2'), device('bob', 'b1'), device('cyd', 'c1')];
  await clock.pass(100);
  server.trouble = trouble;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  for (let i = 0; i < steps; i++) {
    const chosen = pick(devices);
    const { client, sent } = chosen;
    const conversation = pick(CONVERSATIONS);
    const what = random();
    if (what < 0.5) {
      const { clientId, acked } = client.send(conversation, `text ${i}`);
      const record: Device['sent'][number] = { conversation, clientId };
      sent.push(record);
      acked.then(
        ({ seq }) => (record.acked = seq),
        () => (record.gone = true),
      );
    } else if (what < 0.55) client.read(conversation, client.timeline(conversation).last);
    else if (what < 0.75) {
      const socket = pick([...server.sockets]);
      if (socket) server.kill(socket, random() < 0.2 ? 4401 : 1006);
    } else if (what < 0.85) chosen.restart();
    else if (what < 0.86) polls.restart();
    else if (what < 0.9) chosen.client.wake();
    else await clock.pass(random() * 2000);
    if (random() < 0.3) await clock.pass(random() * 50);
  }
  server.trouble = CALM;
  await clock.pass(400_000);
  return { devices, server, clock, polls };
}

test.each([
  ['sockets', false, 150],
  ['polls', true, 60],
] as const)(
  'P2 P3 P4 P5: whatever the line does, every device ends with the exact log: %s',
  async (_, polling, numRuns) => {
    let compared = 0;
    let polled = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(0, 0.03, 0.1), async (seed, drop) => {
        const trouble = { drop, lose: 0.05, repeat: 0.1, refuse: 0.05, lag: 200 };
        const { devices, server, polls } = await run(seed, trouble, 120, polling);
        polled += polls.requests.length;
        for (const { client, told, sent, user } of devices) {
          expect(client.state.name).toBe('online');
          for (const conversation of CONVERSATIONS) {
            const { entries, received } = server.log(conversation);
            const view = client.timeline(conversation);
            // A program that was started again shows what came since; the rest is loaded when somebody looks.
            expect(view.floor + view.entries.length).toBe(entries.length);
            while ((await client.loadOlder(conversation)).more);
            // The ordinal of an own message is only known where the count is.
            expect(view.entries.map((entry) => ({ ordinal: entry.seq, ...entry }))).toEqual(entries);
            expect(view.gaps).toEqual([]);
            const lines = told.filter((line) => line.startsWith(conversation));
            expect(lines).toEqual(entries.map((entry) => `${conversation} ${entry.seq}`));
            // What one wrote oneself needs no receipt.
            const others = entries.findLast((entry) => entry.type === 'message' && entry.from !== user);
            expect(received.get(user) ?? 0).toBeGreaterThanOrEqual(others?.seq ?? 0);
            const mine = sent.filter((record) => record.conversation === conversation);
            const stored = mine.map((record) =>
              server.log(conversation).sent.get(`${user} ${record.clientId}`),
            );
            expect(mine.map((record) => record.acked)).toEqual(
              stored.map((seq, i) => (mine[i]?.gone ? undefined : seq)),
            );
            const order = stored.filter((seq) => seq !== undefined);
            expect(order).toEqual([...order].sort((a, b) => a - b));
            compared += entries.length;
          }
        }
      }),
      { numRuns, seed: 7 },
    );
    // A guard: the runs did real work.
    expect(compared).toBeGreaterThan(polling ? 4000 : 10_000);
    expect(polled > 10_000).toBe(polling);
  },
);
