import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { breakConversation } from './support/objects.ts';
import { quickDevice, two } from './support/people.ts';
import { ask, direct, textOf, tryPost, wholeLog } from './support/site.ts';

const send = (conversation: string, clientId: string, more: object = {}) => ({
  type: 'send',
  clientId,
  conversation,
  content: textOf(clientId),
  ...more,
});

describe('P3 a message sent again', () => {
  test('P3 over socket, HTTP and poll, from any device: one message, one seq', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const to = await Line.open(bob);
    const phone = await Line.open(ada);
    const laptop = await Line.open(await quickDevice(ada));
    const first = await phone.say(conversation, 'once');
    expect(first).toMatchObject({ seq: 1 });
    for (const line of [phone, laptop]) {
      line.send(send(conversation, 'once'));
      expect(await line.first('ack', (a) => a.duplicate === true)).toMatchObject({ seq: 1, at: first.at });
    }
    expect(await tryPost(ada, conversation, 'once')).toMatchObject({
      status: 200,
      body: { seq: 1, at: first.at, duplicate: true },
    });
    const poll = await ask(ada, 'POST', '/v1/poll', {
      frames: [{ type: 'hello' }, send(conversation, 'once')],
      wait: 5,
    });
    const session = poll.body['session'];
    const more = await ask(ada, 'POST', '/v1/poll', { session, n: poll.body['n'], frames: [], wait: 1 });
    const frames = [...(poll.body['frames'] as object[]), ...(more.body['frames'] as object[])];
    expect(frames).toContainEqual(expect.objectContaining({ type: 'ack', seq: 1, duplicate: true }));
    await phone.say(conversation, 'fence');
    await to.reaches(conversation, 2);
    expect(to.of('message').map((m) => m.clientId)).toEqual(['once', 'fence']);
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(['once', 'fence']);
  });

  test('P3 many times at the same moment, too', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    for (let i = 0; i < 10; i++) line.send(send(conversation, 'once'));
    const posts = await Promise.all(Array.from({ length: 10 }, () => tryPost(ada, conversation, 'once')));
    await line.until('ten acks', () => line.of('ack').length === 10);
    expect(new Set([...line.of('ack').map((a) => a.seq), ...posts.map((p) => p.body['seq'])])).toEqual(
      new Set([1]),
    );
    expect(
      line.of('ack').filter((a) => !a.duplicate).length + posts.filter((p) => p.status === 201).length,
    ).toBe(1);
    expect(await wholeLog(bob, conversation)).toHaveLength(1);
  });

  test('P3 with other content is an error, also after an edit; fields in another order are the same', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    const content = { kind: 'poll', question: 'where?', options: { b: 1, a: [2] } };
    expect(await tryPost(ada, conversation, 'p', { content })).toMatchObject({ status: 201 });
    const turned = { options: { a: [2], b: 1 }, question: 'where?', kind: 'poll' };
    expect(await tryPost(ada, conversation, 'p', { content: turned })).toMatchObject({
      status: 200,
      body: { seq: 1 },
    });
    line.send({ type: 'edit', clientId: 'e', conversation, seq: 1, content: textOf('edited') });
    await line.ack('e');
    expect(await tryPost(ada, conversation, 'p', { content })).toMatchObject({
      status: 200,
      body: { seq: 1 },
    });
    expect(await tryPost(ada, conversation, 'p', { content: textOf('edited') })).toMatchObject({
      status: 409,
      body: { code: 'client_id_reused' },
    });
    // Across types as well: an id stands for one thing.
    line.send({ type: 'react', clientId: 'e', conversation, seq: 1, emoji: '+', on: true });
    await line.error('client_id_reused', (f) => f.clientId === 'e');
    expect(await wholeLog(bob, conversation)).toHaveLength(2);
  });

  test('P3 the answer of the first try got lost: the second one is told the first result', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    const fault = breakConversation('append', ada.id, 'loses the answer');
    line.send(send(conversation, 'm'));
    await line.error('unavailable', (e) => e.clientId === 'm' && e.retryAfter !== undefined);
    fault.heal();
    line.send(send(conversation, 'm'));
    expect(await line.first('ack')).toMatchObject({ seq: 1, duplicate: true });
    expect(await wholeLog(bob, conversation)).toHaveLength(1);
  });

  test('P3 the same clientId of another sender, or elsewhere, is another message', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [a, b] = [await Line.open(ada), await Line.open(bob)];
    expect(await a.say(conversation, 'id')).toMatchObject({ seq: 1 });
    expect(await b.say(conversation, 'id')).toMatchObject({ seq: 2 });
  });
});

describe('P5 one device sends one after the other', () => {
  test('P5 what came before its predecessor waits for it', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    line.send(send(conversation, 'second', { after: 'first' }));
    line.send(send(conversation, 'third', { after: 'second' }));
    line.send(send(conversation, 'first'));
    await line.ack('third');
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(['first', 'second', 'third']);
  });

  test('P5 the predecessor never comes: both are to be sent again in order', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    line.send(send(conversation, 'second', { after: 'first' }));
    const over = tryPost(ada, conversation, 'by_http', { after: 'nothing' });
    expect(await line.error('conflict')).toMatchObject({ clientId: 'second', conversation });
    expect(await over).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await line.say(conversation, 'first');
    line.send(send(conversation, 'second', { after: 'first' }));
    await line.first('ack', (a) => a.clientId === 'second');
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(['first', 'second']);
  });

  test('P5 the first needs a retry: the second does not overtake it', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    const fault = breakConversation('append', ada.id, 'throws');
    line.send(send(conversation, 'first'));
    await line.error('unavailable', (e) => e.clientId === 'first');
    fault.heal();
    line.send(send(conversation, 'second', { after: 'first' }));
    line.send(send(conversation, 'first'));
    await line.first('ack', (a) => a.clientId === 'second');
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(['first', 'second']);
  });
});
