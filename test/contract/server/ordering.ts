import { expect, test } from 'vitest';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import type { Service } from './device.ts';
import { crowd, direct, group } from './people.ts';

const text = (said: string) => ({ kind: 'text', text: said });
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

export function orderingContract(open: () => Service): void {
  test('P1 P2: one order, without gap or repeat, the same for everybody', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const id = await group(ada, ben, cyd);
    const lines = await Promise.all([ada.connect(), ben.connect(), cyd.connect()]);
    for (let i = 0; i < 10; i++) for (const [n, line] of lines.entries()) line.say(id, `m${n}-${i}`);
    await ben.say(id, 'over-http');
    const clientIds = lines.flatMap((_, n) => numbers(0, 9).map((i) => `m${n}-${i}`));
    const acks = await Promise.all(
      clientIds.map((clientId, i) => lines[Math.floor(i / 10)]!.acked(clientId)),
    );
    const { entries } = await ada.api<{ entries: Entry[] }>('GET', `/conversations/${id}/log`);
    expect(entries.map(({ seq }) => seq)).toEqual(numbers(1, 31));
    for (const ack of acks)
      expect(entries[ack.seq - 1]).toMatchObject({ type: 'message', clientId: ack.clientId, at: ack.at });
    expect((await cyd.api<{ entries: Entry[] }>('GET', `/conversations/${id}/log`)).entries).toEqual(entries);
    for (const [n, line] of lines.entries()) {
      const own = [ada, ben, cyd][n]!.id;
      const theirs = entries.filter((entry) => entry.type === 'message' && entry.from !== own);
      await line.until(() => new Set(line.of('message').map(({ seq }) => seq)).size >= theirs.length);
      // The sending device gets its own as the ack alone; what Ben sent by HTTP reaches his socket too.
      for (const message of line.of('message')) {
        const { cursor, ...entry } = message;
        expect(cursor).toBeGreaterThan(0);
        expect(entry).toEqual(entries[message.seq - 1]);
        if (message.from === own) expect(message.clientId).toBe('over-http');
      }
    }
  });

  test('P3: a repeat over any transport is one message with its first answer', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const line = await ada.connect();
    line.say(id, 'once');
    const first = await line.acked('once');
    expect(first).not.toHaveProperty('duplicate');
    line.say(id, 'once');
    const again = await line.frame('ack', ({ duplicate }) => duplicate === true);
    expect(again).toEqual({ ...first, duplicate: true });
    const http = { clientId: 'once', content: { text: 'once', kind: 'text' } };
    expect(await ada.ask('POST', `/conversations/${id}/messages`, http)).toEqual({
      status: 200,
      body: { seq: first.seq, at: first.at, duplicate: true },
    });
    const other = { clientId: 'once', content: text('twice') };
    expect(await ada.refused('POST', `/conversations/${id}/messages`, other)).toBe('client_id_reused');
    line.send({ type: 'react', clientId: 'once', conversation: id, seq: 1, emoji: '👍', on: true });
    expect(await line.failed('once')).toBe('client_id_reused');
    // It is the sender's own: somebody else may use the same.
    expect(await ben.say(id, 'once')).toMatchObject({ seq: 2 });
    expect((await ben.summary(id)).head).toBe(2);
  });

  test('P5: what names its predecessor waits for it, and not for ever', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const line = await ada.connect();
    line.say(id, 'second', { after: 'first' });
    line.say(id, 'third', { after: 'second' });
    line.say(id, 'first');
    const seqs = await Promise.all(
      ['first', 'second', 'third'].map(async (name) => (await line.acked(name)).seq),
    );
    expect(seqs).toEqual([1, 2, 3]);
    line.say(id, 'orphan', { after: 'nobody' });
    expect(await line.failed('orphan')).toBe('conflict');
    expect((await ada.summary(id)).head).toBe(3);
  });

  test('P3: edits, deletions and reactions are entries, and the message shows what they made of it', async () => {
    const { ada, ben, cyd } = await crowd(open());
    const id = await group(ada, ben, cyd);
    const [mine, theirs] = [await ben.connect(), await cyd.connect()];
    const about = { conversation: id, seq: 1 };
    mine.say(id, 'draft');
    await mine.acked('draft');
    mine.send({ type: 'edit', clientId: 'e1', ...about, content: text('final') });
    await mine.acked('e1');
    theirs.send({ type: 'react', clientId: 'r1', ...about, emoji: '👍', on: true });
    theirs.send({ type: 'react', clientId: 'r2', ...about, emoji: '🎉', on: true });
    theirs.send({ type: 'react', clientId: 'r3', ...about, emoji: '🎉', on: false });
    await theirs.acked('r3');
    theirs.send({ type: 'edit', clientId: 'e2', ...about, content: text('hijacked') });
    expect(await theirs.failed('e2')).toBe('forbidden');
    theirs.send({ type: 'delete', clientId: 'd1', ...about });
    expect(await theirs.failed('d1')).toBe('forbidden');
    const { messages } = await ada.api<{ messages: object[] }>('GET', `/conversations/${id}/messages`);
    expect(messages).toMatchObject([
      {
        seq: 1,
        ordinal: 1,
        content: text('final'),
        editedAt: expect.any(Number),
        reactions: { '👍': [cyd.id] },
      },
    ]);
    await theirs.frame('edit', ({ target }) => target === 1);
    // An owner moderates.
    const owner = await ada.connect();
    owner.send({ type: 'delete', clientId: 'd2', ...about });
    await owner.acked('d2');
    mine.send({ type: 'edit', clientId: 'e3', ...about, content: text('too late') });
    expect(await mine.failed('e3')).toBe('conflict');
    mine.send({ type: 'react', clientId: 'r4', conversation: id, seq: 99, emoji: '👍', on: true });
    expect(await mine.failed('r4')).toBe('not_found');
    const { entries } = await cyd.api<{ entries: Entry[] }>('GET', `/conversations/${id}/log`);
    expect(entries).toMatchObject([
      { type: 'message', content: { kind: 'deleted' }, deletedAt: expect.any(Number) },
      { type: 'edit', by: ben.id, target: 1, content: { kind: 'deleted' } },
      { type: 'react', by: cyd.id, target: 1, emoji: '👍', on: true },
      { type: 'react', emoji: '🎉', on: true },
      { type: 'react', emoji: '🎉', on: false },
      { type: 'delete', by: ada.id, target: 1 },
    ]);
    expect(entries[0]).not.toHaveProperty('reactions');
    expect(entries[0]).not.toHaveProperty('editedAt');
    // A late repeat of the first send is still recognised.
    mine.say(id, 'draft');
    await mine.frame('ack', (ack) => ack.clientId === 'draft' && ack.duplicate === true);
  });
}
