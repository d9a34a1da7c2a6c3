import { expect, test } from 'vitest';
import type { Service } from './device.ts';
import { crowd, direct, group } from './people.ts';

const said = (text: string) => ({ clientId: text, content: { kind: 'text', text } });

export function membershipContract(open: () => Service): void {
  test('P7: who joins sees all of it, who goes gets a farewell and then nothing', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const id = await group(ada, ben);
    for (const name of ['m1', 'm2', 'm3']) await ada.say(id, name);
    const line = await cyd.connect();
    const added = await ada.ask('PUT', `/conversations/${id}/members/@${cyd.session.user.handle}`);
    expect(added).toEqual({ status: 200, body: { user: cyd.id, role: 'member', delivered: 0, read: 0 } });
    const news = await line.frame('batch');
    expect(news).toMatchObject({ conversation: id, head: 4, gapBefore: 0 });
    expect(news.entries.at(-1)).toMatchObject({
      type: 'member',
      user: cyd.id,
      by: ada.id,
      change: 'added',
      role: 'member',
    });
    expect(await cyd.api('GET', `/conversations/${id}/log?after=0`)).toMatchObject({ head: 4 });
    const cursorBefore = (await cyd.connect()).of('welcome')[0]!.cursor;

    expect((await ada.ask('DELETE', `/conversations/${id}/members/${cyd.id}`)).status).toBe(204);
    expect(await line.frame('member')).toMatchObject({ seq: 5, user: cyd.id, by: ada.id, change: 'removed' });
    await ben.say(id, 'among-us');
    for (const [method, path, body] of [
      ['GET', `/conversations/${id}`],
      ['GET', `/conversations/${id}/log`],
      ['GET', `/conversations/${id}/messages`],
      ['GET', `/conversations/${id}/members`],
      ['PATCH', `/conversations/${id}`, { title: 'Mine' }],
      ['PATCH', `/conversations/${id}/prefs`, { pinned: true }],
      ['POST', `/conversations/${id}/messages`, said('late')],
      ['PUT', `/conversations/${id}/members/${cyd.id}`],
      ['DELETE', `/conversations/${id}/members/${ben.id}`],
    ] as const)
      expect(await cyd.refused(method, path, body), `${method} ${path}`).toBe('not_found');
    line.say(id, 'late');
    expect(await line.failed('late')).toBe('not_found');
    await line.settle(id);
    expect(line.of('message')).toEqual([]);
    const again = await cyd.connect({ cursor: cursorBefore, heads: { [id]: 4 } });
    expect(again.of('batch')).toMatchObject([
      { conversation: id, head: 5, entries: [{ type: 'member', seq: 5 }] },
    ]);
    expect(again.of('batch')[0]!.entries).toHaveLength(1);
    expect(await cyd.api('GET', '/conversations')).toEqual({ conversations: [] });

    await ada.api('PUT', `/conversations/${id}/members/${cyd.id}`);
    await again.frame('batch', ({ head }) => head === 7);
    expect(await cyd.summary(id)).toMatchObject({ head: 7, memberCount: 3 });
  });

  test('roles: who may do what, and a group keeps an owner', async () => {
    const { ada, ben, cyd, eve } = await crowd(open());
    const id = await group(ada, ben, cyd);
    const member = (user: string): string => `/conversations/${id}/members/${user}`;
    expect(await ben.refused('PUT', member(eve.id))).toBe('forbidden');
    expect(await ben.refused('PATCH', `/conversations/${id}`, { title: 'Mine' })).toBe('forbidden');
    expect(await ben.refused('DELETE', member(cyd.id))).toBe('forbidden');
    expect(await ada.refused('PUT', member(ada.id), { role: 'member' })).toBe('conflict');
    expect(await ada.refused('DELETE', member(eve.id))).toBe('not_member');
    expect(await ada.refused('PUT', member('nobody'))).toBe('not_found');
    expect(await ada.api('PUT', member(ben.id), { role: 'admin' })).toMatchObject({ role: 'admin' });
    expect(await ben.refused('PUT', member(cyd.id), { role: 'admin' })).toBe('forbidden');
    expect(await ben.refused('DELETE', member(ada.id))).toBe('forbidden');
    expect(await ben.api('PATCH', `/conversations/${id}`, { title: 'Ours' })).toMatchObject({
      title: 'Ours',
    });
    expect((await ada.ask('DELETE', member(ada.id))).status).toBe(204);
    const { entries } = await ben.api<{ entries: object[] }>('GET', `/conversations/${id}/log`);
    expect(entries).toMatchObject([
      { type: 'member', user: ben.id, change: 'role', role: 'admin' },
      { type: 'conversation', by: ben.id, title: 'Ours' },
      { type: 'member', user: ben.id, by: ada.id, change: 'role', role: 'owner' },
      { type: 'member', user: ada.id, by: ada.id, change: 'left' },
    ]);
    expect((await ben.summary(id)).members).toEqual([
      { user: ben.id, role: 'owner' },
      { user: cyd.id, role: 'member' },
    ]);
  });

  test('a direct conversation keeps its two, and there is one for each pair', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const made = await ada.ask('POST', '/conversations', {
      kind: 'direct',
      members: [`@${ben.session.user.handle}`],
      title: 'x',
    });
    expect(made.status).toBe(201);
    expect(made.body).not.toHaveProperty('title');
    const again = await ben.ask('POST', '/conversations', { kind: 'direct', members: [ada.id, ben.id] });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      id: (made.body as { id: string }).id,
      kind: 'direct',
      mode: 'server',
    });
    const id = await direct(ada, ben);
    expect(await ada.refused('PUT', `/conversations/${id}/members/${cyd.id}`)).toBe('forbidden');
    expect(await ada.refused('DELETE', `/conversations/${id}/members/${ada.id}`)).toBe('forbidden');
    expect(await ada.refused('PATCH', `/conversations/${id}`, { title: 'x' })).toBe('forbidden');
  });
}
