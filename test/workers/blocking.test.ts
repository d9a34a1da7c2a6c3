/** Who is blocked reaches nobody and can't tell. */
import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { three, two } from './support/people.ts';
import {
  ask,
  block,
  direct,
  get,
  group,
  listed,
  messages,
  post,
  setMember,
  summary,
  textOf,
  unblock,
  wholeLog,
} from './support/site.ts';

describe('P7 in a direct conversation', () => {
  test('P7 sends are acknowledged to who is blocked and withheld on every road of the other', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [mine, theirs] = [await Line.open(ada), await Line.open(bob)];
    await theirs.say(conversation, 'before');
    await mine.reaches(conversation, 1);
    mine.send({ type: 'read', conversation, seq: 1 });
    await theirs.first('receipt', (r) => r.read === 1);
    expect((await block(ada, bob)).status).toBe(204);
    expect((await get(ada, '/v1/users/me/blocks')).body).toEqual({ users: [bob.id] });

    expect(await theirs.say(conversation, 'unheard')).toMatchObject({ seq: 2, state: 'sent' });
    expect(await post(bob, conversation, 'by_http')).toBe(3);
    await ask(bob, 'POST', '/v1/poll', {
      frames: [{ type: 'hello' }, { type: 'send', clientId: 'p', conversation, content: textOf('unheard') }],
    });
    await mine.reaches(conversation, 4);
    expect(mine.of('withheld')).toMatchObject([{ seq: 2 }, { seq: 3 }, { seq: 4 }]);
    expect(Object.keys(mine.of('withheld')[0] ?? {}).sort()).toEqual([
      'conversation',
      'cursor',
      'seq',
      'type',
    ]);
    expect((await wholeLog(ada, conversation)).map((e) => e.type)).toEqual([
      'message',
      'withheld',
      'withheld',
      'withheld',
    ]);
    expect((await messages(ada, conversation)).map((m) => m.clientId)).toEqual(['before']);
    const seen = await summary(ada, conversation);
    expect(seen).toMatchObject({ unread: 0, head: 4 });
    expect(seen.last).toMatchObject({ clientId: 'before' });
    mine.send({ type: 'pull', conversation, after: 0 });
    await mine.first('batch', (b) => b.entries.length === 4);
    const poll = await ask(ada, 'POST', '/v1/poll', { cursor: 0, frames: [], wait: 5 });
    expect(poll.text).not.toMatch(/unheard|by_http/);
    for (const frame of mine.frames) expect(JSON.stringify(frame)).not.toMatch(/unheard|by_http/);
    // The one who is blocked sees everything as before.
    expect(await wholeLog(bob, conversation)).toMatchObject(Array(4).fill({ type: 'message' }));
    expect((await summary(bob, conversation)).last).toMatchObject({ clientId: 'p' });
  });

  test('P7 no receipts come back while blocked, and old ones stay', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [mine, theirs] = [await Line.open(ada), await Line.open(bob)];
    await theirs.say(conversation, 'm1');
    await theirs.first('receipt', (r) => r.delivered === 1);
    await block(ada, bob);
    await theirs.say(conversation, 'm2');
    await mine.reaches(conversation, 2);
    mine.send({ type: 'read', conversation, seq: 2 });
    await expect.poll(async () => (await summary(ada, conversation)).read).toBe(2);
    const { members } = (await get(bob, `/v1/conversations/${conversation}/members`)).body;
    expect(members).toContainEqual({ user: ada.id, role: 'member', delivered: 1, read: 0 });
    await theirs.fence();
    expect(theirs.of('receipt').every((r) => r.delivered <= 1 && r.read === 0)).toBe(true);
    const again = await Line.open(bob, { hello: { cursor: 0 } });
    expect(again.of('receipt').every((r) => r.delivered <= 1 && r.read === 0)).toBe(true);
  });

  test('P7 nothing they do to older messages is seen, but a deletion takes the text away', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [mine, theirs] = [await Line.open(ada), await Line.open(bob)];
    for (const id of ['m1', 'm2']) await theirs.say(conversation, id);
    await mine.say(conversation, 'm3');
    await block(ada, bob);
    theirs.send({ type: 'edit', clientId: 'e', conversation, seq: 1, content: textOf('unheard') });
    theirs.send({ type: 'react', clientId: 'r', conversation, seq: 3, emoji: 'unheard', on: true });
    theirs.send({ type: 'delete', clientId: 'd', conversation, seq: 2 });
    await theirs.ack('d');
    await mine.reaches(conversation, 6);
    for (const look of ['messages', 'log', 'messages?around=1', 'log?after=0'])
      expect((await get(ada, `/v1/conversations/${conversation}/${look}`)).text).not.toMatch(/unheard/);
    expect((await get(ada, '/v1/conversations')).text).not.toMatch(/unheard/);
    for (const frame of mine.frames) expect(JSON.stringify(frame)).not.toMatch(/unheard/);
    const shown = await messages(ada, conversation);
    expect(shown.map((m) => m.content)).toEqual([textOf('m1'), { kind: 'deleted' }, textOf('m3')]);
    expect(shown[2]?.['reactions'] ?? {}).toEqual({});
    // On their side it all happened.
    const own = await messages(bob, conversation);
    expect(own[0]?.content).toEqual(textOf('unheard'));
    expect(own[2]?.['reactions']).toEqual({ unheard: [bob.id] });
  });

  test('P7 after unblocking, what was withheld stays so and new messages come through', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [mine, theirs] = [await Line.open(ada), await Line.open(bob)];
    await block(ada, bob);
    await theirs.say(conversation, 'unheard');
    theirs.send({ type: 'react', clientId: 'r1', conversation, seq: 1, emoji: '+', on: true });
    await theirs.ack('r1');
    expect((await unblock(ada, bob)).status).toBe(204);
    await theirs.say(conversation, 'heard');
    // What is about a withheld message would tell what that said.
    theirs.send({ type: 'edit', clientId: 'e1', conversation, seq: 1, content: textOf('unheard, again') });
    await theirs.ack('e1');
    await mine.reaches(conversation, 4);
    expect((await wholeLog(ada, conversation)).map((e) => e.type)).toEqual([
      'withheld',
      'withheld',
      'message',
      'withheld',
    ]);
    expect((await messages(ada, conversation)).map((m) => m.clientId)).toEqual(['heard']);
    expect(await summary(ada, conversation)).toMatchObject({ unread: 1 });
    await mine.say(conversation, 'hello');
    await theirs.reaches(conversation, 5);
    mine.send({ type: 'react', clientId: 'r2', conversation, seq: 1, emoji: '+', on: true });
    expect(await mine.error('not_found')).toMatchObject({ clientId: 'r2' });
    mine.send({ type: 'send', clientId: 'q', conversation, content: textOf('re'), replyTo: 1 });
    expect(await mine.error('bad_request')).toMatchObject({ clientId: 'q' });
  });

  test('P7 blocking and unblocking again and again, and somebody never met', async () => {
    const [ada, bob] = await two();
    for (const change of [block, block, unblock, unblock, block])
      expect((await change(ada, bob)).status).toBe(204);
    const conversation = await direct(bob, ada);
    expect(await post(bob, conversation, 'unheard')).toBe(1);
    expect(await listed(ada)).toEqual([]);
    const line = await Line.open(ada, { hello: { cursor: 0 } });
    expect(line.of('batch')).toEqual([]);
    await unblock(ada, bob);
    await post(bob, conversation, 'heard');
    expect(await line.reaches(conversation, 2)).toMatchObject([{ type: 'withheld' }, { type: 'message' }]);
    expect((await listed(ada)).map((c) => c.id)).toEqual([conversation]);
  });
});

describe('P7 in groups', () => {
  test('P7 an invitation by somebody who is blocked goes nowhere; to them it looks accepted', async () => {
    const [ada, bob, cy] = await three();
    await block(ada, bob);
    const line = await Line.open(ada);
    const made = await group(bob, [ada, cy]);
    const other = await group(bob, [cy]);
    expect((await setMember(bob, other, ada.id)).status).toBe(200);
    await post(bob, made, 'unheard');
    for (const conversation of [made, other]) {
      expect((await summary(bob, conversation)).members?.map((m) => m.user)).toContain(ada.id);
      expect((await get(ada, `/v1/conversations/${conversation}`)).status).toBe(404);
      expect((await get(ada, `/v1/conversations/${conversation}/log`)).status).toBe(404);
    }
    expect(await listed(ada)).toEqual([]);
    await line.fence();
    expect(
      line.frames.some((f) => JSON.stringify(f).includes(made) || JSON.stringify(f).includes(other)),
    ).toBe(false);
    const fresh = await Line.open(ada, { hello: { cursor: 0 } });
    expect(fresh.of('batch')).toEqual([]);
    // By somebody else the same invitation arrives.
    await setMember(bob, made, cy.id, 'admin');
    expect((await setMember(cy, made, ada.id)).status).toBe(200);
    await line.first('batch', (b) => b.conversation === made);
    await post(cy, made, 'heard');
    await line.first('message', (m) => m.conversation === made && m.clientId === 'heard');
  });

  test('P7 where both are members already, both go on seeing what is said', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(cy, [ada, bob]);
    const [mine, theirs] = [await Line.open(ada), await Line.open(bob)];
    await block(ada, bob);
    await theirs.say(conversation, 'to_all');
    expect(await mine.reaches(conversation, 1)).toMatchObject([{ type: 'message', from: bob.id }]);
    await mine.say(conversation, 'to_you_too');
    expect(await theirs.reaches(conversation, 2)).toMatchObject([{ type: 'message', from: ada.id }]);
  });
});
