import { runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { alarmOf, conversationObject } from './support/objects.ts';
import { person, quickDevice, two } from './support/people.ts';
import { ask, block, direct, get, group, listed, summary } from './support/site.ts';

describe('a direct conversation', () => {
  test('P3 asked for from both sides and many times at once is one', async () => {
    const [ada, bob] = await two();
    const body = (other: { id: string }) => ({ kind: 'direct', members: [other.id] });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? ask(ada, 'POST', '/v1/conversations', body(bob))
          : ask(bob, 'POST', '/v1/conversations', body(ada)),
      ),
    );
    expect(new Set(answers.map((a) => a.body['id'])).size).toBe(1);
    expect(answers.filter((a) => a.status === 201)).toHaveLength(1);
    expect(answers.filter((a) => a.status === 200)).toHaveLength(19);
    for (const who of [ada, bob])
      await expect.poll(async () => (await listed(who)).map((c) => c.id)).toEqual([answers[0]?.body['id']]);
  });

  test('P4 is announced to devices that are connected, as one that is empty', async () => {
    const [ada, bob] = await two();
    const line = await Line.open(bob);
    const conversation = await direct(ada, bob);
    const batch = await line.first('batch', (b) => b.conversation === conversation);
    expect(batch).toMatchObject({ entries: [], head: 0 });
  });

  test('P4 is found by a device that was away', async () => {
    const [ada, bob] = await two();
    const before = await Line.open(bob);
    const { cursor } = await before.first('synced');
    before.close();
    await before.closed;
    const conversation = await direct(ada, bob);
    const back = await Line.open(bob, { hello: { cursor } });
    expect(back.of('batch').map((b) => b.conversation)).toEqual([conversation]);
  });

  test('P8 needs exactly one other user, who exists', async () => {
    const [ada, bob] = await two();
    const make = (members: string[]) => ask(ada, 'POST', '/v1/conversations', { kind: 'direct', members });
    for (const members of [[], [ada.id], [bob.id, 'u_nobody']])
      expect([400, 404]).toContain((await make(members)).status);
    expect(await make(['u_nobody'])).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await make([`@${bob.handle}`, bob.id, ada.id])).toMatchObject({ status: 201 });
  });

  test('P7 started by somebody who is blocked stays unknown to the one who blocks', async () => {
    const [ada, bob] = await two();
    await block(bob, ada);
    const line = await Line.open(bob);
    const conversation = await direct(ada, bob);
    expect(await listed(bob)).toEqual([]);
    expect((await get(bob, `/v1/conversations/${conversation}`)).status).toBe(404);
    expect((await listed(ada)).map((c) => c.id)).toEqual([conversation]);
    await line.fence();
    expect(line.of('batch')).toEqual([]);
    // Bob may still write first to somebody he blocked and unblocked: it is the same conversation.
    expect(await direct(bob, ada)).toBe(conversation);
    expect((await listed(bob)).map((c) => c.id)).toEqual([conversation]);
  });
});

describe('the other devices of who creates a conversation', () => {
  test('P4 hear of it at once when they are connected, as of one that is empty', async () => {
    const [ada, bob] = await two();
    const [asking, other] = [await Line.open(ada), await Line.open(await quickDevice(ada))];
    for (const conversation of [await group(ada, []), await group(ada, [bob]), await direct(ada, bob)])
      for (const line of [asking, other]) {
        const batch = await line.first('batch', (b) => b.conversation === conversation);
        expect(batch).toMatchObject({ entries: [], head: 0 });
      }
    // Once: the conversation's own call follows and finds it known.
    await Promise.all([asking.fence(), other.fence()]);
    for (const line of [asking, other]) expect(line.of('batch')).toHaveLength(3);
  });

  test('P4 find it when they come back', async () => {
    const [ada, bob] = await two();
    const laptop = await quickDevice(ada);
    const [phone, before] = [await Line.open(ada), await Line.open(laptop)];
    const { cursor } = await before.first('synced');
    before.close();
    await before.closed;
    const made = [await group(ada, []), await group(ada, [bob]), await direct(ada, bob)];
    await phone.fence();
    const back = await Line.open(laptop, { hello: { cursor } });
    expect(
      back
        .of('batch')
        .map((b) => b.conversation)
        .sort(),
    ).toEqual([...made].sort());
    for (const batch of back.of('batch')) expect(batch).toMatchObject({ entries: [], head: 0 });
  });

  test('P4 find it also when nobody was connected', async () => {
    const ada = await person();
    const before = await Line.open(ada);
    const { cursor } = await before.first('synced');
    before.close();
    await before.closed;
    const conversation = await group(ada, []);
    const back = await Line.open(ada, { hello: { cursor } });
    expect(back.of('batch')).toMatchObject([{ conversation, entries: [], head: 0 }]);
  });
});

test('P4 alarms end: none is left once everything is settled', async () => {
  const [ada, bob] = await two();
  const conversation = await group(ada, [bob]);
  const [from, to] = [await Line.open(ada), await Line.open(bob)];
  expect(await alarmOf(conversation)).not.toBeNull();
  await from.say(conversation, 'm1');
  await to.reaches(conversation, 1);
  await from.first('receipt', (r) => r.delivered === 1);
  // One's own message is settled when the object says so with its next report; two alarms are enough for that.
  expect(await runDurableObjectAlarm(conversationObject(conversation))).toBe(true);
  await from.fence();
  await runDurableObjectAlarm(conversationObject(conversation));
  expect(await alarmOf(conversation)).toBeNull();
  expect(await runDurableObjectAlarm(conversationObject(conversation))).toBe(false);
  // And begin again with the next burst.
  await from.say(conversation, 'm2');
  expect(await alarmOf(conversation)).not.toBeNull();
  expect(await summary(ada, conversation)).toMatchObject({ head: 2 });
});
