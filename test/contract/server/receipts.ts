import { expect, test } from 'vitest';
import type { Service } from './device.ts';
import { crowd, direct, group } from './people.ts';

export function receiptContract(open: () => Service): void {
  test('P6: in a direct conversation each sees the marks of the other, which only move forward', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const [mine, theirs] = [await ada.connect(), await ben.connect()];
    for (const name of ['a', 'b', 'c']) mine.say(id, name);
    await theirs.frame('message', ({ seq }) => seq === 3);
    theirs.send({ type: 'received', conversation: id, seq: 2 });
    await mine.frame(
      'receipt',
      ({ user, delivered, read }) => user === ben.id && delivered === 2 && read === 0,
    );
    theirs.send({ type: 'read', conversation: id, seq: 3 });
    await mine.frame('receipt', ({ delivered, read }) => delivered === 3 && read === 3);
    theirs.send({ type: 'received', conversation: id, seq: 1 });
    theirs.send({ type: 'read', conversation: id, seq: 900 });
    await theirs.settle(id);
    expect(await ben.summary(id)).toMatchObject({ delivered: 3, read: 3, unread: 0 });
    expect(await ada.summary(id)).toMatchObject({ delivered: 0, reached: { delivered: 3, read: 3 } });
    const { members } = await ada.api<{ members: object[] }>('GET', `/conversations/${id}/members`);
    expect(members).toContainEqual({ user: ben.id, role: 'member', delivered: 3, read: 3 });
    for (const { delivered, read } of mine.of('receipt')) expect(read).toBeLessThanOrEqual(delivered);
    // Who comes back is told with the batch.
    const again = await ada.connect({ cursor: 0 });
    expect(again.of('receipt')).toMatchObject([{ conversation: id, user: ben.id, delivered: 3, read: 3 }]);
  });

  test('P6: in a group the sender gets counts, and the marks that everybody has reached', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const id = await group(ada, ben, cyd);
    const lines = await Promise.all([ada.connect(), ben.connect(), cyd.connect()]);
    const [mine, bens, cyds] = lines;
    mine!.say(id, 'm1');
    mine!.say(id, 'm2');
    await Promise.all([bens, cyds].map((line) => line!.frame('message', ({ seq }) => seq === 2)));
    bens!.send({ type: 'read', conversation: id, seq: 2 });
    const first = await mine!.frame('receipt', ({ readCount }) => readCount === 1);
    expect(first).toMatchObject({ seq: 2, deliveredCount: 1, delivered: 0, read: 0 });
    expect(first).not.toHaveProperty('user');
    cyds!.send({ type: 'received', conversation: id, seq: 1 });
    await mine!.frame('receipt', ({ delivered, read }) => delivered === 1 && read === 0);
    cyds!.send({ type: 'read', conversation: id, seq: 2 });
    await mine!.frame(
      'receipt',
      ({ read, readCount, deliveredCount }) => read === 2 && readCount === 2 && deliveredCount === 2,
    );
    expect(await ada.summary(id)).toMatchObject({ reached: { delivered: 2, read: 2 } });
    expect(await ben.summary(id)).toMatchObject({ reached: { delivered: 0, read: 0 }, unread: 0 });
  });

  test('unread counts what others said after the read mark', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    for (const name of ['a', 'b']) await ada.say(id, name);
    await ben.say(id, 'mine');
    await ada.say(id, 'c');
    expect(await ben.summary(id)).toMatchObject({ unread: 3, head: 4, last: { clientId: 'c' } });
    const line = await ben.connect();
    line.send({ type: 'read', conversation: id, seq: 2 });
    await expect.poll(async () => (await ben.summary(id)).unread).toBe(1);
  });
}
