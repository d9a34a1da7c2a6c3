import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  autoTransport,
  type Client,
  createClient,
  memoryStore,
  type TimelineItem,
} from '../../../client/index.ts';
import { createTestServer, createVirtualClock, type TestUser } from '../../../client/testing/index.ts';
import { seededRandom } from '../../../client/testing/random.ts';

/** The whole SDK, store and long polling included, against the server in memory with everything that can go wrong. */

interface Sent {
  readonly conversation: string;
  readonly clientId: string;
}

interface Device {
  readonly who: TestUser;
  client: Client;
  /** In the order they were made; the last may have died with the program before they were kept. */
  readonly sent: Sent[];
  /** `conversation seq` of what others said, in the order the app was told. */
  readonly told: string[];
  restart(): Promise<void>;
}

function world(seed: number) {
  const random = seededRandom(seed);
  const clock = createVirtualClock();
  const server = createTestServer({ clock, seed });
  const people = ['ada', 'ben', 'cyd'].map((handle) => server.addUser({ handle }));
  const ids = people.map(({ user }) => user.id);
  const conversations = [
    ...['k1', 'k2', 'k3'].map((title) => server.addConversation({ kind: 'group', members: ids, title }).id),
    server.addConversation({ kind: 'direct', members: ids.slice(0, 2) }).id,
  ];
  const device = (who: TestUser): Device => {
    const store = memoryStore();
    const told: string[] = [];
    const start = (): Client => {
      const client = createClient({
        ...server,
        transport: autoTransport(server.transport),
        getToken: who.getToken,
        clock,
        random,
        store,
        tabs: 'none',
      });
      client.on('message', ({ conversation, seq, from }) => {
        if (from !== who.user.id) told.push(`${conversation} ${seq}`);
      });
      // Somebody logs in again.
      client.on('state', ({ name }) => name === 'needs-auth' && client.start());
      for (const id of conversations) client.conversation(id).timeline.subscribe(() => {});
      client.start();
      return client;
    };
    const made: Device = {
      who,
      client: start(),
      sent: [],
      told,
      async restart() {
        made.client.close();
        await clock.advance(2);
        made.client = start();
      },
    };
    return made;
  };
  const [ada, ben, cyd] = people as [TestUser, TestUser, TestUser];
  const devices = [ada, server.addDevice(ada.user.id), ben, cyd].map(device);
  return { random, clock, server, conversations, devices };
}

type World = ReturnType<typeof world>;

async function live({ random, clock, server, conversations, devices }: World, steps: number): Promise<void> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  await clock.advance(2000);
  server.faults.set({ drop: 0.02, duplicate: 0.1, refuse: 0.05, expire: 0.01, delay: 200 });
  for (let i = 0; i < steps; i++) {
    const device = pick(devices);
    const mine = conversations.filter((id) => server.isMember(id, device.who.user.id));
    const conversation = pick(mine);
    const what = random();
    if (what < 0.5) {
      const send = device.client.conversation(conversation).send(`text ${i}`);
      send.acked.catch(() => {});
      device.sent.push({ conversation, clientId: send.clientId });
    } else if (what < 0.56) device.client.conversation(conversation).read();
    else if (what < 0.66) server.faults.disconnect(pick(devices).who.user.id, pick([1006, 1012, 4401]));
    else if (what < 0.7) server.faults.silence(device.who.user.id);
    else if (what < 0.78) await device.restart();
    else if (what < 0.8) server.faults.expireTokens();
    else if (what < 0.83) {
      server.faults.down();
      await clock.advance(random() * 5000);
      server.faults.up();
    } else if (what < 0.86) server.faults.blockWebSockets(random() < 0.7);
    else if (what < 0.9) device.client.wake();
    else await clock.advance(random() * 3000);
    if (random() < 0.3) await clock.advance(random() * 100);
  }
  server.faults.calm();
  await clock.advance(400_000);
}

const seqOf = (item: TimelineItem): number | undefined => ('seq' in item ? item.seq : undefined);

test('P2 P3 P4 P5: whatever happens, everything is stored once, in order, and everybody has all of it', async () => {
  let compared = 0;
  let resent = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const all = world(seed);
      const { server, conversations, devices } = all;
      server.tap(({ direction, text }) => {
        if (direction === 'down' && text.includes('"duplicate":true')) resent++;
      });
      await live(all, 120);
      for (const { who, client, sent, told } of devices) {
        const user = who.user.id;
        expect(client.connection.get().name).toBe('online');
        for (const id of conversations) {
          if (!server.isMember(id, user)) continue;
          const log = server.log(id, user);
          const { items } = client.conversation(id).timeline.get();
          // Nothing waits any more, and what is shown is the end of the log.
          expect(items.filter(({ type }) => type === 'pending')).toEqual([]);
          const shown = items.map(seqOf).filter((seq) => seq !== undefined);
          expect(shown).toEqual(log.map(({ seq }) => seq).slice(log.length - shown.length));
          const made = sent.filter(({ conversation }) => conversation === id);
          const stored = made.map(({ clientId }) => server.sent(id, user, clientId));
          expect(stored).not.toContain(undefined);
          expect(stored).toEqual([...stored].sort((a = 0, b = 0) => a - b));
          expect(new Set(stored).size).toBe(stored.length);
          // Everything that others said was told, once and in order.
          const others = log.filter((entry) => entry.type === 'message' && entry.from !== user);
          const lines = told.filter((line) => line.startsWith(`${id} `));
          expect(lines).toEqual(others.map(({ seq }) => `${id} ${seq}`));
          compared += log.length;
        }
      }
      // Nobody said what nobody sent.
      const sent = devices.flatMap((device) => device.sent).length;
      expect(conversations.flatMap((id) => server.log(id))).toHaveLength(sent);
    }),
    { numRuns: Number(process.env.SDK_RUNS ?? 40), seed: 11 },
  );
  // A guard: the runs did real work.
  expect(compared).toBeGreaterThan(2000);
  expect(resent).toBeGreaterThan(20);
});
