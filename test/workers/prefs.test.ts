/** How a user keeps a conversation: the same on all devices, whatever happens to them. */
import { abortAllDurableObjects, evictDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { breakDelivery, userObject } from './support/objects.ts';
import { type Person, quickDevice, three, two } from './support/people.ts';
import {
  ask,
  block,
  direct,
  expectStatus,
  get,
  group,
  listed,
  post,
  removeMember,
  setMember,
  summary,
  unblock,
} from './support/site.ts';

const tryChange = (who: Person, conversation: string, change: unknown) =>
  ask(who, 'PATCH', `/v1/conversations/${conversation}/prefs`, change);

async function change(who: Person, conversation: string, body: object): Promise<object> {
  return expectStatus(await tryChange(who, conversation, body), 200).body;
}

const told = (line: Line) => line.of('prefs').map((f) => f.prefs);

describe('preferences', () => {
  test('P4 are answered, told to every connection, and in the list and the conversation', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const lines = await Promise.all([ada, ada, await quickDevice(ada)].map((who) => Line.open(who)));
    const other = await Line.open(bob);
    const at = Date.now();
    const prefs = await change(ada, conversation, { pinned: true, mutedUntil: at + 3_600_000, unread: true });
    expect(prefs).toEqual({ pinned: expect.any(Number), mutedUntil: at + 3_600_000, unread: true });
    for (const line of lines) {
      const frame = await line.first('prefs');
      expect(frame).toMatchObject({ conversation, prefs });
      expect(frame.cursor).toBeGreaterThan((await line.first('synced')).cursor);
    }
    expect((await summary(ada, conversation)).prefs).toEqual(prefs);
    expect((await listed(ada)).map((c) => c.prefs)).toEqual([prefs]);
    // Nobody else's business (P7).
    expect((await summary(bob, conversation)).prefs).toBeUndefined();
    await other.fence();
    expect(other.of('prefs')).toEqual([]);
    // The same pair asks for it again.
    const again = await ask(ada, 'POST', '/v1/conversations', { kind: 'direct', members: [bob.id] });
    expect(again).toMatchObject({ status: 200, body: { prefs } });
  });

  test('P4 reach a device that was away with its resume, and one whose socket died before the frame', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const laptop = await quickDevice(ada);
    const line = await Line.open(laptop, { hello: { cursor: 0 } });
    const { cursor } = await line.first('synced');
    await change(ada, conversation, { archived: true });
    await line.first('prefs');
    // As if the frame had never arrived: the cursor it kept is that of before.
    await evictDurableObject(userObject(ada.id), { webSockets: 'close' });
    await change(ada, conversation, { pinned: true });
    const back = await Line.open(laptop, { hello: { cursor, heads: { [conversation]: 0 } } });
    expect(told(back)).toMatchObject([{ archived: true, pinned: expect.any(Number) }]);
    const synced = await back.first('synced');
    expect(back.frames.indexOf(synced)).toBe(back.frames.length - 1);
    back.close();
    // What it has does not come again.
    const third = await Line.open(laptop, { hello: { cursor: synced.cursor } });
    expect(third.of('prefs')).toEqual([]);
  });

  test('P4 all of them come to cursor 0 and to a device never seen; none to a new one, which lists', async () => {
    const [ada, bob, cy] = await three();
    const [one, two_] = [await direct(ada, bob), await direct(ada, cy)];
    await change(ada, one, { pinned: true });
    await change(ada, two_, { unread: true });
    const { cursor } = await (await Line.open(ada, { hello: { cursor: 0 } })).first('synced');
    for (const hello of [{ cursor: 0 }, { cursor }]) {
      const line = await Line.open(await quickDevice(ada), { hello });
      const conversations = line.of('prefs').map((f) => f.conversation);
      expect(conversations.sort()).toEqual([one, two_].sort());
    }
    expect((await Line.open(await quickDevice(ada))).of('prefs')).toEqual([]);
  });

  test('P1 P4 outlive the object, also in the middle of everything', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const prefs = await change(ada, conversation, { pinned: true, archived: true });
    await abortAllDurableObjects();
    expect((await summary(ada, conversation)).prefs).toEqual(prefs);
    expect(told(await Line.open(ada, { hello: { cursor: 0 } }))).toEqual([prefs]);
  });

  test('P4 a poll session is told too', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const poll = async (body: object) =>
      expectStatus(await ask(ada, 'POST', '/v1/poll', { cursor: 0, frames: [], ...body }), 200).body as {
        session: string;
        n: number;
        frames: { type: string; prefs?: object }[];
      };
    let { session, n, frames } = await poll({});
    const waiting = (async () => {
      while (!frames.some((f) => f.type === 'prefs')) {
        const next = await poll({ session, n, wait: 20 });
        ({ session, n } = next);
        frames = [...frames, ...next.frames];
      }
    })();
    await change(ada, conversation, { unread: true });
    await waiting;
    expect(frames.find((f) => f.type === 'prefs')).toMatchObject({ prefs: { unread: true } });
  });

  test('reading clears the mark as unread, on every device, also for who has read everything before', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    await post(bob, conversation, 'm1');
    const [phone, laptop] = [await Line.open(ada), await Line.open(await quickDevice(ada))];
    for (let round = 1; round <= 2; round++) {
      await change(ada, conversation, { unread: true, archived: true });
      phone.send({ type: 'read', conversation, seq: 1 });
      for (const line of [phone, laptop])
        await line.until('cleared', () => told(line).length === 2 * round && told(line).at(-1));
      expect(told(laptop).at(-1)).toEqual({ archived: true });
    }
    phone.send({ type: 'received', conversation, seq: 1 });
    await change(ada, conversation, { unread: true });
    await laptop.fence();
    expect((await summary(ada, conversation)).prefs).toEqual({ archived: true, unread: true });
  });
});

describe('P7 only members have any', () => {
  test('a stranger, a former member and a caller of nothing are told not_found', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob]);
    for (const [who, id] of [
      [cy, conversation],
      [ada, 'g_none'],
    ] as const)
      expect(await tryChange(who, id, { pinned: true })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    await change(bob, conversation, { pinned: true, mutedUntil: 1 });
    const line = await Line.open(bob);
    expectStatus(await removeMember(ada, conversation, bob.id), 204);
    await line.first('member', (m) => m.change === 'removed');
    expect(await line.first('prefs')).toMatchObject({ prefs: {} });
    expect((await tryChange(bob, conversation, { pinned: false })).status).toBe(404);
    expectStatus(await setMember(ada, conversation, bob.id), 200);
    await line.until('back', () => line.of('batch').some((b) => b.conversation === conversation));
    expect((await summary(bob, conversation)).prefs).toBeUndefined();
  });

  test('a member whose object was not told yet can set them, by asking the conversation', async () => {
    const [ada, bob] = await two();
    const fault = breakDelivery(bob.id, 'throws');
    const conversation = await group(ada, [bob]);
    expect(await change(bob, conversation, { archived: true })).toEqual({ archived: true });
    fault.heal();
    expect((await summary(bob, conversation)).prefs).toEqual({ archived: true });
  });
});

test('P8 bad input gets its error, names the field and changes nothing', async () => {
  const [ada, bob] = await two();
  const conversation = await direct(ada, bob);
  const prefs = await change(ada, conversation, { pinned: true, mutedUntil: 9 });
  const line = await Line.open(ada);
  for (const [field, bad] of [
    ['mutedUntil', { pinned: false, mutedUntil: 'tomorrow' }],
    ['mutedUntil', { mutedUntil: -1 }],
    ['mutedUntil', { mutedUntil: 1.5 }],
    ['mutedUntil', { mutedUntil: true }],
    ['pinned', { pinned: 1 }],
    ['archived', { archived: null }],
    ['unread', { unread: 'yes' }],
  ] as const) {
    const answer = await tryChange(ada, conversation, bad);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect(String(answer.body['detail']).startsWith(field)).toBe(true);
  }
  expect((await tryChange(ada, conversation, [])).status).toBe(400);
  expect((await tryChange(ada, conversation, { x: 'y'.repeat(70_000) })).status).toBe(413);
  expect(await change(ada, conversation, {})).toEqual(prefs);
  await line.fence();
  expect(line.of('prefs')).toEqual([]);
});

describe('P6 reached', () => {
  test('is what the other, or every other member, has confirmed and read', async () => {
    const [ada, bob, cy] = await three();
    const [pair, room, alone] = [await direct(ada, bob), await group(ada, [bob, cy]), await group(ada, [])];
    const reached = async (conversation: string) => (await summary(ada, conversation)).reached;
    expect(await reached(pair)).toEqual({ delivered: 0, read: 0 });
    for (const conversation of [pair, room, alone])
      for (const id of ['m1', 'm2']) await post(ada, conversation, id);
    const [b, c] = [
      await Line.open(bob, { hello: { cursor: 0 }, confirm: false }),
      await Line.open(cy, { hello: { cursor: 0 }, confirm: false }),
    ];
    const watcher = await Line.open(ada);
    for (const conversation of [pair, room]) b.send({ type: 'read', conversation, seq: 2 });
    await watcher.first('receipt', (r) => r.conversation === pair && r.read === 2);
    expect(await reached(pair)).toEqual({ delivered: 2, read: 2 });
    expect(await reached(room)).toEqual({ delivered: 0, read: 0 });
    c.send({ type: 'received', conversation: room, seq: 2 });
    c.send({ type: 'read', conversation: room, seq: 1 });
    await watcher.first('receipt', (r) => r.conversation === room && r.read === 1 && r.delivered === 2);
    expect(await reached(room)).toEqual({ delivered: 2, read: 1 });
    expect(await reached(alone)).toEqual({ delivered: 0, read: 0 });
    const list = await listed(ada);
    expect(list.find((one) => one.id === room)?.reached).toEqual({ delivered: 2, read: 1 });
  });

  test('P7 is frozen for somebody who is blocked, as receipts are', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    await post(ada, conversation, 'm1');
    const b = await Line.open(bob, { hello: { cursor: 0 }, confirm: false });
    const a = await Line.open(ada);
    b.send({ type: 'read', conversation, seq: 1 });
    await a.first('receipt', (r) => r.read === 1);
    await block(bob, ada);
    await post(ada, conversation, 'm2');
    await b.first('withheld');
    b.send({ type: 'read', conversation, seq: 2 });
    await expect.poll(async () => (await summary(bob, conversation)).read).toBe(2);
    expect((await summary(ada, conversation)).reached).toEqual({ delivered: 1, read: 1 });
    await unblock(bob, ada);
  });
});

test('GET /v1/users?ids= answers those that exist, in the order asked for', async () => {
  const [ada, bob, cy] = await three();
  const found = async (query: string) =>
    (await get(ada, `/v1/users?${query}`)).body as unknown as { id: string }[];
  const ids = [cy.id, 'u_nobody', ada.id, bob.id, cy.id];
  const users = await found(`ids=${ids.join(',')}`);
  expect(users.map((u) => u.id)).toEqual([cy.id, ada.id, bob.id]);
  expect(users[2]).toEqual(expectStatus(await get(ada, `/v1/users/${bob.id}`), 200).body);
  expect(await found(`ids=${encodeURIComponent(`${ada.id},${bob.id}`)}`)).toHaveLength(2);
  const most = Array.from({ length: 99 }, (_, i) => `u_${i}`);
  expect(await found(`ids=${[...most, ada.id].join(',')}`)).toHaveLength(1);
  for (const bad of [
    'ids=',
    'ids=a,',
    'ids=a%20b',
    `ids=${[...most, 'x', 'y'].join(',')}`,
    `ids=a&ids=b`,
    `ids=${ada.id}&handle=${bob.handle}`,
  ]) {
    const answer = await get(ada, `/v1/users?${bad}`);
    expect(answer, bad).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect(String(answer.body['detail'])).toContain('ids');
  }
});
