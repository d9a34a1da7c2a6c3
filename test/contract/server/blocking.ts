import { expect, test } from 'vitest';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';
import type { Person, Service } from './device.ts';
import { crowd, direct, group } from './people.ts';

const log = async (who: Person, id: string): Promise<Entry[]> =>
  (await who.api<{ entries: Entry[] }>('GET', `/conversations/${id}/log`)).entries;
const list = async (who: Person): Promise<string[]> =>
  (await who.api<{ conversations: Conversation[] }>('GET', '/conversations')).conversations.map(
    ({ id }) => id,
  );

export function blockingContract(open: () => Service): void {
  test('P7: who is blocked is acknowledged, and withheld for good', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const [mine, theirs] = [await ada.connect(), await ben.connect()];
    theirs.say(id, 'before');
    await mine.frame('message');
    mine.send({ type: 'read', conversation: id, seq: 1 });
    await theirs.frame('receipt', ({ read }) => read === 1);
    await ada.api('PUT', `/users/me/blocks/${ben.id}`);
    expect(await ada.api('GET', '/users/me/blocks')).toEqual({ users: [ben.id] });
    theirs.say(id, 'unheard');
    expect(await theirs.acked('unheard')).toMatchObject({ seq: 2 });
    theirs.send({ type: 'react', clientId: 'r', conversation: id, seq: 1, emoji: '👍', on: true });
    await theirs.acked('r');
    await mine.frame('withheld', ({ seq }) => seq === 3);
    expect(await ada.refused('POST', `/conversations/${id}/messages`, said('mine'))).toBe('blocked');
    mine.send({ type: 'read', conversation: id, seq: 3 });
    await expect.poll(async () => (await ada.summary(id)).read).toBe(3);
    await theirs.settle(id);
    expect(Math.max(...theirs.of('receipt').map(({ delivered }) => delivered))).toBe(1);
    expect((await ben.summary(id)).reached).toEqual({ delivered: 1, read: 1 });
    expect(await ada.summary(id)).toMatchObject({ unread: 0, last: { clientId: 'before' } });

    await ada.api('DELETE', `/users/me/blocks/${ben.id}`);
    theirs.say(id, 'heard');
    await mine.frame('message', ({ clientId }) => clientId === 'heard');
    expect((await log(ada, id)).map(({ type }) => type)).toEqual([
      'message',
      'withheld',
      'withheld',
      'message',
    ]);
    expect((await log(ben, id)).map(({ type }) => type)).toEqual(['message', 'message', 'react', 'message']);
    expect((await log(ada, id))[0]).not.toHaveProperty('reactions');
    expect((await log(ben, id))[0]).toHaveProperty('reactions');
    const { messages } = await ada.api<{ messages: Entry[] }>('GET', `/conversations/${id}/messages`);
    expect(messages.map(({ seq }) => seq)).toEqual([1, 4]);
  });

  test('P7: invitations of who is blocked go nowhere, and they can not tell', async () => {
    const { ada, ben, cyd } = await crowd(open());
    await ada.api('PUT', `/users/me/blocks/${ben.id}`);
    const line = await ada.connect();
    const id = await direct(ben, ada);
    const crew = await group(ben, ada, cyd);
    await ben.say(id, 'hello');
    await ben.say(crew, 'hello');
    expect(await ben.summary(crew)).toMatchObject({ memberCount: 3 });
    expect(await list(ada)).toEqual([]);
    expect(await ada.refused('GET', `/conversations/${id}`)).toBe('not_found');
    expect(await ada.refused('GET', `/conversations/${crew}`)).toBe('not_found');
    await line.settle(crew);
    expect(line.of('batch')).toEqual([]);
    expect(line.of('message')).toEqual([]);
    // Somebody else invites her: then she is in.
    await cyd.say(crew, 'hi');
    expect(await cyd.refused('PUT', `/conversations/${crew}/members/${ada.id}`)).toBe('forbidden');
    await ben.api('PUT', `/conversations/${crew}/members/${cyd.id}`, { role: 'admin' });
    await cyd.api('PUT', `/conversations/${crew}/members/${ada.id}`);
    expect(await list(ada)).toEqual([crew]);
    // In groups both go on seeing what is said.
    await ben.say(crew, 'again');
    expect((await ada.summary(crew)).last).toMatchObject({ clientId: 'again' });
  });

  test('nobody blocks themselves', async () => {
    const { ada } = await crowd(open());
    expect(await ada.refused('PUT', `/users/me/blocks/${ada.id}`)).toBe('bad_request');
  });
}

const said = (text: string) => ({ clientId: text, content: { kind: 'text', text } });
