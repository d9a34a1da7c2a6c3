import { expect, test } from 'vitest';
import { connected, converse, people } from '../../../bench/cost/people.ts';
import { World } from '../../../bench/cost/world.ts';

const MINUTE_MS = 60_000;

/** Two people who are connected, and whose conversation of one message has been quiet for hours. */
async function two() {
  const world = new World();
  const [ada, bob] = await people(world, ['ada', 'bob']);
  if (!ada || !bob) throw new Error('two people, please');
  const conversation = converse(world, 'direct', ['ada', 'bob']);
  ada.client.send(conversation, 'first');
  world.clock.advance(180 * MINUTE_MS);
  world.bill.clear();
  return { world, ada, bob, conversation };
}

test('after each pause the objects of both classes are made anew, and messages get through', async () => {
  const { world, ada, bob, conversation } = await two();
  for (let i = 0; i < 5; i++) {
    ada.client.send(conversation, `${i}`);
    world.clock.advance(5 * MINUTE_MS);
  }
  expect(Object.fromEntries(world.bill.wakes)).toMatchObject({
    'user: send': 5,
    'conversation: append': 5,
  });
  expect(world.bill.wakes.get('user: deliver')).toBeGreaterThanOrEqual(5);
  expect(bob.client.timeline(conversation).last).toBe(6);
  expect(ada.client.delivery(conversation, 6)).toBe('read');
});

test('messages in quick succession find the objects in memory', async () => {
  const { world, ada, conversation } = await two();
  for (let i = 0; i < 20; i++) {
    ada.client.send(conversation, `${i}`);
    world.clock.advance(5_000);
  }
  expect(Object.fromEntries(world.bill.wakes)).toEqual({
    'user: send': 1,
    'conversation: append': 1,
    'user: deliver': 1,
  });
});

test('the runtime answers pings: a silent line is known to live, and nobody wakes', async () => {
  const { world, ada, bob } = await two();
  world.clock.advance(60 * MINUTE_MS);
  expect(world.bill.sum('wakes')).toBe(0);
  expect(world.bill.sum('frames')).toBe(0);
  for (const { name, client } of [ada, bob]) {
    expect(client.state.name).toBe('online');
    const [socket] = world.user(name).sockets.values();
    expect(world.clock.now() - (socket?.lastPing ?? 0)).toBeLessThanOrEqual(16_000);
  }
});

test('a line that closes while its object is out of memory is known to the one that wakes', async () => {
  const { world, bob } = await two();
  bob.client.close();
  world.clock.advance(1_000);
  expect(world.bill.wakes.get('user: close')).toBe(1);
  // What its device has is written down.
  expect(world.bill.sum('rows')).toBeGreaterThan(0);
  expect(world.user('bob').sockets.size).toBe(0);
  expect(world.user('bob').attachments.all().size).toBe(0);
});

test('who comes back misses nothing', async () => {
  const { world, ada, bob, conversation } = await two();
  bob.client.close();
  world.clock.advance(5 * MINUTE_MS);
  for (let i = 0; i < 3; i++) {
    ada.client.send(conversation, `${i}`);
    world.clock.advance(2 * MINUTE_MS);
  }
  expect(bob.client.timeline(conversation).last).toBe(1);
  bob.client.start();
  await connected(world, [bob]);
  expect(bob.client.timeline(conversation)).toMatchObject({ last: 4, gaps: [] });
  expect(ada.client.delivery(conversation, 4)).toBe('read');
});

test('a device that is brought an entry a second time is counted', async () => {
  const { world, ada, bob, conversation } = await two();
  ada.client.send(conversation, 'again');
  world.clock.advance(5_000);
  expect(world.bill.sum('repeats')).toBe(0);
  const [socket] = world.user(bob.name).sockets.values();
  const entry = { type: 'message', conversation, seq: 2 };
  socket?.deliver(JSON.stringify(entry));
  socket?.deliver(JSON.stringify({ type: 'batch', conversation, entries: [{ ...entry, seq: 1 }, entry] }));
  socket?.deliver(JSON.stringify({ type: 'receipt', conversation, seq: 2, delivered: 2, read: 2 }));
  expect(Object.fromEntries(world.bill.repeats)).toEqual({ message: 1, batch: 2 });
  // One's own are known from the acknowledgement.
  const [own] = world.user(ada.name).sockets.values();
  own?.deliver(JSON.stringify(entry));
  expect(world.bill.repeats.get('message')).toBe(2);
});
