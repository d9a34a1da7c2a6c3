import { describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { person, three, two } from './support/people.ts';
import {
  ask,
  expectStatus,
  get,
  group,
  listed,
  messages,
  post,
  removeMember,
  setMember,
  summary,
  wholeLog,
} from './support/site.ts';

const rename = (who: { token: string }, c: string, title: string) =>
  ask(who, 'PATCH', `/v1/conversations/${c}`, { title });

describe('a group', () => {
  test('P2 is made with its members and roles, and announced to them', async () => {
    const [ada, bob, cy] = await three();
    const line = await Line.open(bob);
    const c = await group(ada, [bob, cy], 'Lunch');
    expect(await line.first('batch', (b) => b.conversation === c)).toMatchObject({ entries: [], head: 0 });
    const made = await summary(cy, c);
    expect(made).toMatchObject({
      kind: 'group',
      mode: 'server',
      title: 'Lunch',
      memberCount: 3,
      head: 0,
      unread: 0,
    });
    expect(made.members).toEqual([
      { user: ada.id, role: 'owner' },
      { user: bob.id, role: 'member' },
      { user: cy.id, role: 'member' },
    ]);
    for (const who of [ada, bob, cy])
      await expect.poll(async () => (await listed(who)).map((one) => one.id)).toEqual([c]);
  });

  test('P2 P7 who joins sees the whole history and live entries from then on', async () => {
    const [ada, bob, cy] = await three();
    const c = await group(ada, [bob]);
    const line = await Line.open(cy);
    for (const id of ['one', 'two', 'three']) await post(ada, c, id);
    expect(expectStatus(await setMember(ada, c, `@${cy.handle}`), 200).body).toEqual({
      user: cy.id,
      role: 'member',
      delivered: 0,
      read: 0,
    });
    const batch = await line.first('batch', (b) => b.conversation === c);
    expect(batch.entries.at(-1)).toMatchObject({
      type: 'member',
      seq: 4,
      by: ada.id,
      user: cy.id,
      change: 'added',
    });
    expect(batch.gapBefore).toBe(0);
    expect((await wholeLog(cy, c)).map((e) => e.seq)).toEqual([1, 2, 3, 4]);
    await post(bob, c, 'after');
    expect((await line.reaches(c, 5)).at(-1)).toMatchObject({ clientId: 'after' });
    // Twice changes nothing.
    expectStatus(await setMember(ada, c, cy.id), 200);
    expect(await summary(ada, c)).toMatchObject({ head: 5, memberCount: 3 });
  });

  test('P8 members add nobody, rename nothing, give no roles and remove nobody', async () => {
    const [ada, bob, cy] = await three();
    const stranger = await person();
    const c = await group(ada, [bob, cy]);
    const forbidden = { status: 403, body: { code: 'forbidden' } };
    expect(await setMember(bob, c, stranger.id)).toMatchObject(forbidden);
    expect(await setMember(bob, c, cy.id, 'admin')).toMatchObject(forbidden);
    expect(await setMember(bob, c, bob.id, 'owner')).toMatchObject(forbidden);
    expect(await removeMember(bob, c, cy.id)).toMatchObject(forbidden);
    expect(await removeMember(bob, c, ada.id)).toMatchObject(forbidden);
    expect(await rename(bob, c, 'Mine')).toMatchObject(forbidden);
    expect(await summary(ada, c)).toMatchObject({ head: 0, memberCount: 3, title: 'A group' });
  });

  test('P2 roles: admins add, remove members and rename; only owners change roles', async () => {
    const [ada, bob, cy] = await three();
    const other = await person();
    const c = await group(ada, [bob, cy]);
    const line = await Line.open(cy);
    expectStatus(await setMember(ada, c, bob.id, 'admin'), 200);
    await line.first('member', (m) => m.change === 'role' && m.user === bob.id && m.role === 'admin');
    expectStatus(await setMember(bob, c, other.id), 200);
    expect(await setMember(bob, c, cy.id, 'admin')).toMatchObject({ status: 403 });
    expect(await removeMember(bob, c, ada.id)).toMatchObject({ status: 403 });
    expectStatus(await removeMember(bob, c, other.id), 204);
    expect(expectStatus(await rename(bob, c, 'Dinner'), 200).body).toMatchObject({ title: 'Dinner' });
    await line.first('conversation', (f) => f.title === 'Dinner' && f.by === bob.id);
    expectStatus(await setMember(ada, c, bob.id, 'member'), 200);
    expect(await setMember(ada, c, ada.id, 'member')).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect(await rename(bob, c, 'Supper')).toMatchObject({ status: 403 });
    const log = await wholeLog(cy, c);
    expect(log.map((e) => [e.seq, e.type, e['change'] ?? e['title']])).toEqual([
      [1, 'member', 'role'],
      [2, 'member', 'added'],
      [3, 'member', 'removed'],
      [4, 'conversation', 'Dinner'],
      [5, 'member', 'role'],
    ]);
  });

  test('P7 who leaves gets one entry that says so, and nothing after it', async () => {
    const [ada, bob, cy] = await three();
    const c = await group(ada, [bob, cy]);
    const [lines, gone] = [await Line.open(ada), await Line.open(bob)];
    await lines.say(c, 'hello');
    await gone.reaches(c, 1);
    expectStatus(await removeMember(bob, c, bob.id), 204);
    await gone.first('member', (m) => m.change === 'left' && m.user === bob.id && m.by === bob.id);
    await lines.say(c, 'secret');
    expect((await summary(cy, c)).memberCount).toBe(2);
    await gone.fence();
    expect(gone.log(c).map((e) => e.type)).toEqual(['message', 'member']);
    expect(await removeMember(bob, c, bob.id)).toMatchObject({ status: 404 });
    expect(await listed(bob)).toEqual([]);
  });

  test('P2 the last owner who leaves hands over to the longest-serving admin, else member', async () => {
    const [ada, bob, cy] = await three();
    const dan = await person();
    const c = await group(ada, [bob, cy, dan]);
    expectStatus(await setMember(ada, c, cy.id, 'admin'), 200);
    expectStatus(await removeMember(ada, c, ada.id), 204);
    expect((await summary(bob, c)).members).toContainEqual({ user: cy.id, role: 'owner' });
    expectStatus(await removeMember(cy, c, cy.id), 204);
    expect((await summary(bob, c)).members).toEqual([
      { user: bob.id, role: 'owner' },
      { user: dan.id, role: 'member' },
    ]);
    expect((await wholeLog(dan, c)).map((e) => [e['change'], e['user']])).toEqual([
      ['role', cy.id],
      ['role', cy.id],
      ['left', ada.id],
      ['role', bob.id],
      ['left', cy.id],
    ]);
    expectStatus(await removeMember(bob, c, bob.id), 204);
    expectStatus(await removeMember(dan, c, dan.id), 204);
    expect((await get(dan, `/v1/conversations/${c}`)).status).toBe(404);
  });

  test('P4 P7 who was removed and is added again gets live entries again, and reads all of it', async () => {
    const [ada, bob] = await two();
    const c = await group(ada, [bob]);
    const line = await Line.open(bob);
    await post(ada, c, 'one');
    await line.reaches(c, 1);
    expectStatus(await removeMember(ada, c, bob.id), 204);
    await line.reaches(c, 2);
    await post(ada, c, 'two');
    expectStatus(await setMember(ada, c, bob.id), 200);
    await post(ada, c, 'three');
    await line.first('message', (m) => m.clientId === 'three');
    expect((await messages(bob, c)).map((m) => m.clientId)).toEqual(['one', 'two', 'three']);
    expect((await listed(bob)).map((one) => one.id)).toEqual([c]);
  });

  test('P6 receipts of a group are gathered as counts; the marks of each are listed', async () => {
    const [ada, bob, cy] = await three();
    const c = await group(ada, [bob, cy]);
    const [from, b, d] = [await Line.open(ada), await Line.open(bob), await Line.open(cy)];
    await from.say(c, 'm1');
    await Promise.all([b.reaches(c, 1), d.reaches(c, 1)]);
    await from.first('receipt', (r) => r.deliveredCount === 2 && r.seq === 1);
    b.send({ type: 'read', conversation: c, seq: 1 });
    const receipt = await from.first('receipt', (r) => r.readCount === 1);
    expect(receipt).toMatchObject({ delivered: 1, read: 0, deliveredCount: 2 });
    expect(receipt.user).toBeUndefined();
    const page = await get(ada, `/v1/conversations/${c}/members?limit=2`);
    expect(page.body).toEqual({
      members: [
        { user: ada.id, role: 'owner', delivered: 1, read: 0 },
        { user: bob.id, role: 'member', delivered: 1, read: 1 },
      ],
      next: bob.id,
    });
    const rest = await get(ada, `/v1/conversations/${c}/members?after=${bob.id}`);
    expect(rest.body).toEqual({ members: [{ user: cy.id, role: 'member', delivered: 1, read: 0 }] });
  });
});
