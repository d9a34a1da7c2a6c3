/** P9: what is down takes nothing else along. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, test, vi } from 'vitest';
import { brokenDatabase } from './identity/support.ts';
import { Line } from './support/line.ts';
import { breakConversation, breakDelivery, conversationObject, userObject } from './support/objects.ts';
import { three, two } from './support/people.ts';
import {
  ask,
  block,
  direct,
  expectStatus,
  group,
  listed,
  messages,
  post,
  removeMember,
  site,
  summary,
  wholeLog,
} from './support/site.ts';

describe('P9 with D1 failing every call', () => {
  test('P9 who is signed in goes on: sockets, HTTP, polls, reading, leaving', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await direct(ada, bob);
    const room = await group(ada, [bob, cy]);
    const whole = site.env;
    const log = vi.spyOn(console, 'error').mockReturnValue();
    site.env = { ...whole, DB: brokenDatabase };
    try {
      const [a, b] = [await Line.open(ada), await Line.open(bob)];
      await a.say(conversation, 'm1');
      await b.reaches(conversation, 1);
      b.send({ type: 'read', conversation, seq: 1 });
      await a.first('receipt', (r) => r.read === 1);
      await post(bob, conversation, 'm2');
      await a.reaches(conversation, 2);
      expect((await messages(ada, conversation)).length).toBe(2);
      expect((await wholeLog(bob, conversation)).length).toBe(2);
      expect((await listed(ada)).map((c) => c.id).sort()).toEqual([conversation, room].sort());
      expect(await summary(bob, conversation)).toMatchObject({ head: 2 });
      expectStatus(await ask(ada, 'PATCH', `/v1/conversations/${room}`, { title: 'Still here' }), 200);
      expectStatus(await removeMember(cy, room, cy.id), 204);
      expectStatus(await block(ada, bob), 204);
      expectStatus(await ask(bob, 'POST', '/v1/poll', { cursor: 0, frames: [] }), 200);
      const back = await Line.open(bob, { hello: { cursor: 0 } });
      expect(await back.reaches(conversation, 2)).toHaveLength(2);
      // What needs accounts says so, and is done later.
      const create = () => ask(ada, 'POST', '/v1/conversations', { kind: 'group', members: [bob.id] });
      expect(await create()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      site.env = whole;
      expect((await create()).status).toBe(201);
    } finally {
      site.env = whole;
      log.mockRestore();
    }
  });
});

describe.each(['throws', 'hangs'] as const)("P9 a member's object %s at every call", (how) => {
  test('P9 P4 the others are not delayed, and it gets everything when it recovers', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob, cy]);
    const [a, b, c] = [await Line.open(ada), await Line.open(bob), await Line.open(cy)];
    await a.say(conversation, 'm1');
    await Promise.all([b.reaches(conversation, 1), c.reaches(conversation, 1)]);
    const fault = breakDelivery(cy.id, how);
    // Each message is acknowledged and with the others before the broken one has even one of them.
    for (let i = 2; i <= 20; i++) {
      await (i % 2 ? b : a).say(conversation, `m${i}`);
      await (i % 2 ? a : b).until(`m${i}`, () => (i % 2 ? a : b).whole(conversation) >= i);
      expect(c.whole(conversation)).toBe(1);
    }
    await fault.hit();
    // Calls to it are spaced out, not one for every message.
    expect(fault.hits).toBeLessThan(15);
    await a.first('receipt', (r) => r.deliveredCount === 1 && (r.seq ?? 0) >= 19);
    fault.heal();
    await runDurableObjectAlarm(conversationObject(conversation));
    const got = await c.reaches(conversation, 20);
    expect(got.map((e) => e.type === 'message' && e.clientId)).toEqual(
      Array.from({ length: 20 }, (_, i) => `m${i + 1}`),
    );
    expect(c.of('message').map((m) => m.seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    await a.first('receipt', (r) => r.deliveredCount === 2 && (r.seq ?? 0) >= 19);
  });

  test('P9 P4 it recovers by itself: the next message brings what it missed', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [a, b] = [await Line.open(ada), await Line.open(bob)];
    const fault = breakDelivery(bob.id, how);
    for (const id of ['m1', 'm2', 'm3']) await a.say(conversation, id);
    await fault.hit();
    fault.heal();
    await a.say(conversation, 'm4');
    expect((await b.reaches(conversation, 4)).map((e) => e.seq)).toEqual([1, 2, 3, 4]);
  });
});

describe('P9 one conversation that fails', () => {
  test.each(['throws', 'hangs'] as const)('P9 %s: the others of the same user go on', async (how) => {
    const [ada, bob, cy] = await three();
    const [bad, good] = [await direct(ada, bob), await direct(ada, cy)];
    await post(ada, bad, 'b1');
    await post(ada, good, 'g1');
    const [a, c] = [await Line.open(ada), await Line.open(cy)];
    // Bob's calls alone run into it: for him the conversation is out of order.
    const fault = breakConversation('append', bob.id, how);
    const b = await Line.open(bob);
    b.send({ type: 'send', clientId: 'b2', conversation: bad, content: { kind: 'text', text: 'b2' } });
    await fault.hit();
    const other = await direct(bob, cy);
    await a.say(good, 'g2');
    await c.first('message', (m) => m.conversation === good && m.clientId === 'g2');
    expect(b.of('ack')).toEqual([]);
    // Reading is another call, and not touched.
    expect((await messages(bob, bad)).map((m) => m.clientId)).toEqual(['b1']);
    fault.heal();
    await b.error('unavailable', (e) => e.clientId === 'b2');
    b.send({ type: 'send', clientId: 'b2', conversation: bad, content: { kind: 'text', text: 'b2' } });
    expect(await b.first('ack')).toMatchObject({ seq: 2 });
    await b.say(other, 'fine');
  });

  test.each(['throws', 'hangs'] as const)(
    'P9 P4 %s: a resume is through without it soon, and it follows when it answers',
    async (how) => {
      const [ada, bob, cy] = await three();
      const [bad, good] = [await direct(bob, ada), await direct(cy, ada)];
      await post(bob, bad, 'b1');
      await post(cy, good, 'g1');
      const fault = breakConversation('pull', ada.id, how);
      const line = await Line.open(ada, { hello: { cursor: 0 } });
      expect(line.of('batch')).toEqual([]);
      // As long as something is owed the device keeps its own cursor, so that another line would bring it.
      expect(await line.first('synced')).toMatchObject({ cursor: 0 });
      fault.heal();
      await Promise.all([line.reaches(bad, 1), line.reaches(good, 1)]);
      const { cursor } = await line.first('synced', (frame) => frame.cursor > 0);
      // With that one, there is nothing to be asked again.
      const again = await Line.open(ada, { hello: { cursor, heads: { [bad]: 1, [good]: 1 } } });
      expect(again.of('batch')).toEqual([]);
    },
  );

  test('P9 a list that misses one says that it is incomplete', async () => {
    const [ada, bob] = await two();
    await direct(ada, bob);
    const fault = breakConversation('summary', ada.id, 'throws');
    expect(await ask(ada, 'GET', '/v1/conversations')).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    fault.heal();
    expect(await listed(ada)).toHaveLength(1);
  });
});

test('P1 P9 the sender goes away right after the ack: what it was told is kept and delivered', async () => {
  const [ada, bob] = await two();
  const conversation = await direct(ada, bob);
  const [a, b] = [await Line.open(ada), await Line.open(bob)];
  await a.say(conversation, 'm1');
  a.close();
  await evictDurableObject(userObject(ada.id));
  await evictDurableObject(conversationObject(conversation));
  await b.reaches(conversation, 1);
  expect(await wholeLog(bob, conversation)).toMatchObject([{ clientId: 'm1' }]);
});
