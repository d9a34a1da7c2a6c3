/** Objects leave memory in the middle of things; sockets outlive them. */
import { evictAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { alarmOf, breakDelivery, conversationObject, userObject } from './support/objects.ts';
import { three, two } from './support/people.ts';
import { direct, group, post, textOf, wholeLog } from './support/site.ts';

const ascending = (numbers: readonly number[]): boolean =>
  numbers.every((one, i) => i === 0 || one > (numbers[i - 1] ?? 0));

/** Sends until it is acknowledged, as a client does: an evicted object may have taken a frame along. */
async function insist(line: Line, conversation: string, clientId: string): Promise<void> {
  const frame = { type: 'send', clientId, conversation, content: textOf(clientId) };
  const again = setInterval(() => line.send(frame), 1_000);
  try {
    line.send(frame);
    await line.ack(clientId, conversation);
  } finally {
    clearInterval(again);
  }
}

const ROUNDS = 3;
const EACH = 5;
const COUNT = ROUNDS * EACH + 1;

describe('an object evicted while its sockets hibernate', () => {
  test.each([
    ["the sender's object", (sender: string, _r: string, _c: string) => userObject(sender)],
    ["the receiver's object", (_s: string, receiver: string) => userObject(receiver)],
    ['the conversation', (_s: string, _r: string, conversation: string) => conversationObject(conversation)],
  ])('P1 P2 P4 %s: nothing is lost, order stays, cursors grow', async (_, victim) => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    const stub = victim(ada.id, bob.id, conversation);
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < EACH; i++) await insist(from, conversation, `m${round}-${i}`);
      await evictDurableObject(stub);
    }
    await insist(from, conversation, 'last');
    const rounds = Array.from({ length: ROUNDS }, (_, r) =>
      Array.from({ length: EACH }, (_, i) => `m${r}-${i}`),
    );
    const sent = [...rounds.flat(), 'last'];
    const log = await to.reaches(conversation, COUNT);
    expect(log.map((e) => e.type === 'message' && e.clientId)).toEqual(sent);
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(sent);
    expect(ascending(to.cursors())).toBe(true);
    // What was written before the eviction is known after it: a repeat is a repeat (P3).
    from.send({ type: 'send', clientId: 'm0-0', conversation, content: textOf('m0-0') });
    await from.first('ack', (a) => a.clientId === 'm0-0' && a.duplicate === true && a.seq === 1);
    await from.first('receipt', (r) => r.delivered === COUNT);
  });

  test('P1 P2 P4 all of them at once, while three people talk at the same time', async () => {
    const all = await three();
    const conversation = await group(all[0], all.slice(1));
    const lines = await Promise.all(all.map((who) => Line.open(who)));
    const talk = lines.map(async (line, who) => {
      for (let i = 0; i < 15; i++) await insist(line, conversation, `p${who}-${i}`);
    });
    const done = Promise.all(talk);
    for (let round = 0; round < 3; round++) {
      await lines[0]?.until('some progress', () => (lines[0]?.whole(conversation) ?? 0) >= 10 * (round + 1));
      await evictAllDurableObjects();
    }
    await done;
    const log = await wholeLog(all[0], conversation);
    expect(log.map((e) => e.seq)).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
    for (let who = 0; who < 3; who++)
      expect(log.filter((e) => e.from === all[who]?.id).map((e) => e.clientId)).toEqual(
        Array.from({ length: 15 }, (_, i) => `p${who}-${i}`),
      );
    for (const line of lines) {
      await line.reaches(conversation, 45);
      expect(ascending(line.cursors())).toBe(true);
    }
  });

  test('P4 with its sockets closed: the device comes back and gets the rest', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    await from.say(conversation, 'm1');
    await to.reaches(conversation, 1);
    const cursor = Math.max(...to.cursors());
    await evictDurableObject(userObject(bob.id), { webSockets: 'close' });
    await to.closed;
    await from.say(conversation, 'm2');
    await from.say(conversation, 'm3');
    const back = await Line.open(bob, { hello: { cursor, heads: { [conversation]: 1 } } });
    expect((await back.reaches(conversation, 3)).map((e) => e.seq)).toEqual([2, 3]);
    expect((await back.first('synced')).cursor).toBeGreaterThan(cursor);
  });
});

describe('between commit and fan-out', () => {
  test('P1 P4 the alarm delivers what an evicted conversation had only stored', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    await from.say(conversation, 'm1');
    await to.reaches(conversation, 1);
    const fault = breakDelivery(bob.id, 'throws');
    await from.say(conversation, 'm2');
    await fault.hit();
    await evictDurableObject(conversationObject(conversation));
    fault.heal();
    expect(await runDurableObjectAlarm(conversationObject(conversation))).toBe(true);
    expect((await to.reaches(conversation, 2)).map((e) => e.seq)).toEqual([1, 2]);
  });

  test('P4 an answer that got lost is repeated, and nothing comes twice to the device', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    const fault = breakDelivery(bob.id, 'loses the answer');
    await from.say(conversation, 'm1');
    await to.reaches(conversation, 1);
    await fault.hit();
    fault.heal();
    await runDurableObjectAlarm(conversationObject(conversation));
    await from.say(conversation, 'm2');
    await to.reaches(conversation, 2);
    expect(to.of('message').map((m) => m.seq)).toEqual([1, 2]);
  });

  test('P4 a member who is away is noted once, told no more, and the alarm ends', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    for (let i = 1; i <= 5; i++) await post(ada, conversation, `m${i}`);
    for (let tries = 0; (await alarmOf(conversation)) !== null; tries++) {
      expect(tries).toBeLessThan(10);
      await runDurableObjectAlarm(conversationObject(conversation));
    }
    const back = await Line.open(bob, { hello: { cursor: 0 } });
    expect((await back.reaches(conversation, 5)).length).toBe(5);
    await post(ada, conversation, 'm6');
    await back.reaches(conversation, 6);
  });
});
