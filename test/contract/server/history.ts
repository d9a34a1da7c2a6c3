import { expect, test } from 'vitest';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';
import type { Person, Service } from './device.ts';
import { crowd, direct, group, newcomers } from './people.ts';

const seqs = async (who: Person, path: string): Promise<number[]> => {
  const page = await who.api<{ messages?: { seq: number }[]; entries?: { seq: number }[] }>('GET', path);
  return (page.messages ?? page.entries ?? []).map(({ seq }) => seq);
};

export function historyContract(open: () => Service): void {
  test('pages of messages and of the log', async () => {
    const { ada, ben } = await crowd(open());
    const id = await group(ada, ben);
    const line = await ada.connect();
    for (let i = 1; i <= 4; i++) await ada.say(id, `m${i}`);
    line.send({
      type: 'edit',
      clientId: 'e',
      conversation: id,
      seq: 1,
      content: { kind: 'text', text: 'x' },
    });
    await line.acked('e');
    for (let i = 6; i <= 9; i++) await ada.say(id, `m${i}`);
    const messages = `/conversations/${id}/messages`;
    expect(await seqs(ben, messages)).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    expect(await seqs(ben, `${messages}?limit=3`)).toEqual([7, 8, 9]);
    expect(await seqs(ben, `${messages}?before=7&limit=3`)).toEqual([3, 4, 6]);
    expect(await seqs(ben, `${messages}?after=3&limit=3`)).toEqual([4, 6, 7]);
    expect(await seqs(ben, `${messages}?after=0&limit=2`)).toEqual([1, 2]);
    expect(await seqs(ben, `${messages}?around=6&limit=4`)).toEqual([3, 4, 6, 7]);
    expect(await seqs(ben, `${messages}?around=6&limit=3`)).toEqual([4, 6, 7]);
    const log = `/conversations/${id}/log`;
    expect(await seqs(ben, log)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await seqs(ben, `${log}?before=6&limit=2`)).toEqual([4, 5]);
    expect(await seqs(ben, `${log}?after=4&limit=2`)).toEqual([5, 6]);
    expect(await seqs(ben, `${log}?before=1`)).toEqual([]);
    for (const query of ['before=0', 'limit=0', 'limit=101', 'limit=many', 'before=2&after=1', 'around=0'])
      expect(await ben.refused('GET', `${messages}?${query}`), query).toBe('bad_request');
    expect(await ben.refused('GET', `${log}?around=2&after=1`)).toBe('bad_request');
  });

  test('the list of conversations, newest first, page by page', async () => {
    const { ada, ben, cyd, eve } = await crowd(open());
    const ids: string[] = [];
    for (const other of [ben, cyd, eve]) {
      const id = await direct(ada, other);
      await other.say(id, 'hello');
      ids.push(id);
      // So that no two have the same time.
      await new Promise((wake) => setTimeout(wake, 3));
    }
    type Page = { conversations: Conversation[]; next?: string };
    const whole = await ada.api<Page>('GET', '/conversations');
    expect(whole.conversations.map(({ id }) => id)).toEqual([...ids].reverse());
    expect(whole).not.toHaveProperty('next');
    const first = await ada.api<Page>('GET', '/conversations?limit=2');
    const rest = await ada.api<Page>('GET', `/conversations?limit=2&before=${first.next}`);
    expect([...first.conversations, ...rest.conversations]).toEqual(whole.conversations);
    expect(rest).not.toHaveProperty('next');
    expect(whole.conversations[0]).toEqual({
      id: ids[2],
      kind: 'direct',
      mode: 'server',
      memberCount: 2,
      members: expect.arrayContaining([{ user: eve.id, role: 'member' }]),
      head: 1,
      delivered: 0,
      read: 0,
      unread: 1,
      reached: expect.any(Object),
      last: expect.objectContaining({ type: 'message', seq: 1, from: eve.id }),
      createdAt: expect.any(Number),
    });
  });

  test('members, page by page', async () => {
    const service = open();
    const [owner, ...others] = await newcomers(service, 'own', 'mem', 'mem', 'mem');
    const id = await group(owner!, ...others);
    type Page = { members: { user: string; role: string }[]; next?: string };
    const first = await owner!.api<Page>('GET', `/conversations/${id}/members?limit=3`);
    expect(first.members[0]).toEqual({ user: owner!.id, role: 'owner', delivered: 0, read: 0 });
    const rest = await owner!.api<Page>('GET', `/conversations/${id}/members?limit=3&after=${first.next}`);
    expect([...first.members, ...rest.members].map(({ user }) => user)).toEqual(
      [owner!, ...others].map((person) => person.id),
    );
    expect(rest).not.toHaveProperty('next');
  });
}
