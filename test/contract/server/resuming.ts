import { expect, test } from 'vitest';
import type { Service } from './device.ts';
import { crowd, direct, group, PASSWORD } from './people.ts';

export function resumeContract(open: () => Service): void {
  test('P4: a new device gets no batches; one that comes back gets what changed, and no more', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const [one, two] = [await direct(ada, ben), await direct(cyd, ben)];
    await ada.say(one, 'a1');
    const first = await ben.connect();
    expect(first.of('batch')).toEqual([]);
    expect(first.of('welcome')).toMatchObject([
      { user: ben.id, device: ben.device, heartbeat: 15_000, limits: { page: 100, resumeMessages: 100 } },
    ]);
    await ada.say(one, 'a2');
    const { cursor = 0 } = await first.frame('message', ({ seq }) => seq === 2);
    first.send({ type: 'received', conversation: one, seq: 2 });
    await first.settle(one);
    await first.hangUp();
    await cyd.say(two, 'c1');
    await cyd.say(two, 'c2');
    const again = await ben.connect({ cursor, heads: { [one]: 2, [two]: 1 } });
    expect(again.of('batch')).toMatchObject([{ conversation: two, head: 2, entries: [{ seq: 2 }] }]);
    expect(again.of('batch')[0]).not.toHaveProperty('gapBefore');
    const { cursor: now } = again.of('synced')[0]!;
    expect(now).toBeGreaterThan(cursor);
    again.send({ type: 'received', conversation: two, seq: 2 });
    await again.settle(two);
    await again.hangUp();
    const third = await ben.connect({ cursor: now, heads: { [one]: 2, [two]: 2 } });
    expect(third.of('batch').flatMap(({ entries }) => entries)).toEqual([]);
  });

  test('P4: the cursor 0 and one that was never given out bring everything', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const ids = [await direct(ada, ben), await group(cyd, ben)];
    for (const id of ids) await (id === ids[0] ? ada : cyd).say(id, 'hello');
    for (const cursor of [0, 9_000_000]) {
      const line = await ben.connect({ cursor });
      expect(
        line
          .of('batch')
          .map(({ conversation }) => conversation)
          .sort(),
      ).toEqual([...ids].sort());
      await line.hangUp();
    }
    const line = await ben.connect({ cursor: 0, heads: { [ids[0]!]: 1 } });
    const brought = line.of('batch').flatMap(({ entries }) => entries);
    expect(brought).toMatchObject([{ conversation: ids[1], seq: 1 }]);
  });

  test('P4: a long absence is cut to the newest, and the cut is named and can be pulled', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    for (let i = 1; i <= 12; i++) await ada.say(id, `m${i}`);
    const line = await ben.connect({ cursor: 0, heads: { [id]: 2 }, limit: 4 });
    expect(line.of('batch')).toMatchObject([
      { conversation: id, head: 12, gapBefore: 2, entries: [9, 10, 11, 12].map((seq) => ({ seq })) },
    ]);
    line.send({ type: 'pull', conversation: id, after: 2, before: 9, limit: 4 });
    const pulled = await line.frame('batch', ({ entries }) => entries[0]?.seq === 3);
    expect(pulled.entries.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
    expect(pulled).not.toHaveProperty('gapBefore');
    line.send({ type: 'pull', conversation: id, before: 9, limit: 3 });
    const newest = await line.frame('batch', ({ entries }) => entries.at(-1)?.seq === 8);
    expect(newest.entries.map(({ seq }) => seq)).toEqual([6, 7, 8]);
  });

  test('P4: a conversation without a word is announced, live and in a resume', async () => {
    const { ada, ben } = await crowd(open());
    const line = await ben.connect();
    const id = await direct(ada, ben);
    expect(await line.frame('batch')).toEqual({ type: 'batch', conversation: id, entries: [], head: 0 });
    const again = await ben.connect({ cursor: 0 });
    expect(again.of('batch')).toEqual([{ type: 'batch', conversation: id, entries: [], head: 0 }]);
  });

  test('P4: a conversation without a word is announced to the devices of who made it, live and in a resume', async () => {
    const { ada, ben } = await crowd(open());
    const laptop = await ada.again(PASSWORD);
    const [phoneLine, laptopLine] = [await ada.connect(), await laptop.connect()];
    const { cursor } = laptopLine.of('synced')[0]!;
    const announced = (conversation: string) => ({ type: 'batch', conversation, entries: [], head: 0 });
    const made = [await group(ada), await group(ada, ben), await direct(ada, ben)];
    for (const line of [phoneLine, laptopLine])
      for (const id of made)
        expect(await line.frame('batch', ({ conversation }) => conversation === id)).toEqual(announced(id));
    // As on a line that lost them all.
    const again = await laptop.connect({ cursor });
    const brought = again
      .of('batch')
      .sort((a, b) => made.indexOf(a.conversation) - made.indexOf(b.conversation));
    expect(brought).toEqual(made.map(announced));
    // Asked for once more it is no news.
    await direct(ada, ben);
    await phoneLine.settle(made[0]!);
    expect(phoneLine.of('batch').filter(({ conversation }) => conversation === made[2])).toHaveLength(1);
  });

  test('P4: each device of a user has a cursor of its own and learns what the others send', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const laptop = await ben.again(PASSWORD);
    expect(laptop.device).not.toBe(ben.device);
    const [phoneLine, laptopLine] = [await ben.connect(), await laptop.connect()];
    phoneLine.say(id, 'from the phone'.replaceAll(' ', '-'));
    await phoneLine.acked('from-the-phone');
    expect(await laptopLine.frame('message')).toMatchObject({ from: ben.id, seq: 1 });
    expect(phoneLine.of('message')).toEqual([]);
    phoneLine.send({ type: 'read', conversation: id, seq: 1 });
    await laptopLine.frame('receipt', (receipt) => receipt.user === ben.id && receipt.read === 1);
  });

  test('P4 P6: what is read on one device is read on another that was away', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const laptop = await ben.again(PASSWORD);
    const [phoneLine, laptopLine] = [await ben.connect(), await laptop.connect()];
    await ada.say(id, 'a1');
    const { cursor = 0 } = await laptopLine.frame('message');
    laptopLine.send({ type: 'received', conversation: id, seq: 1 });
    await laptopLine.settle(id);
    await laptopLine.hangUp();
    await phoneLine.frame('message');
    phoneLine.send({ type: 'read', conversation: id, seq: 1 });
    // Taken, though maybe not reported to the conversation yet.
    await phoneLine.settle(id);
    const again = await laptop.connect({ cursor, heads: { [id]: 1 } });
    expect(again.of('batch').flatMap(({ entries }) => entries)).toEqual([]);
    const mine = { conversation: id, user: ben.id, delivered: 1, read: 1 };
    expect(again.of('receipt')).toMatchObject([mine]);
    // Also one that has everything to fetch; and nobody else is told of it in this form.
    const anew = await laptop.connect({ cursor: 0 });
    expect(anew.of('receipt')).toMatchObject([mine]);
    const theirs = await ada.connect({ cursor: 0 });
    expect(theirs.of('receipt').filter(({ user }) => user === ada.id)).toEqual([]);
  });
}
