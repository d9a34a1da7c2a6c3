import { describe, expect, test } from 'vitest';
import { Line, upgrade } from './support/line.ts';
import { person, quickDevice, secondDevice, two } from './support/people.ts';
import { direct, group, post, summary, textOf, wholeLog } from './support/site.ts';

const ascending = (numbers: readonly number[]): boolean =>
  numbers.every((one, i) => i === 0 || one > (numbers[i - 1] ?? 0));

describe('opening', () => {
  test('P4 with the token in a sub-protocol or in the header, the same socket', async () => {
    const ada = await person();
    const offered = await upgrade(ada.token, 'protocol');
    expect(offered.headers.get('sec-websocket-protocol')).toBe('parley.v1');
    offered.webSocket?.accept();
    offered.webSocket?.close();
    const plain = await upgrade(ada.token, 'header');
    expect(plain.headers.get('sec-websocket-protocol')).toBeNull();
    plain.webSocket?.accept();
    plain.webSocket?.close();
    for (const by of ['protocol', 'header'] as const) {
      const line = await Line.open(ada, { by });
      const { user, device } = await line.first('welcome');
      expect({ user, device }).toEqual({ user: ada.id, device: ada.device });
      line.close();
    }
  });

  test('P8 nothing but a hello comes first, and it comes once', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada, { hello: null });
    line.send({ type: 'send', clientId: 'early', conversation, content: textOf('early') });
    expect(await line.error('bad_request')).toMatchObject({ clientId: 'early', conversation });
    line.send({ type: 'hello' });
    await line.first('synced');
    line.send({ type: 'hello' });
    await line.error('bad_request', (e) => e.detail.includes('already'));
    expect(await wholeLog(ada, conversation)).toEqual([]);
  });

  test('P4 the exact ping is answered, by the runtime or by the object', async () => {
    const line = await Line.open(await person());
    line.send('{"type":"ping"}');
    await line.first('pong');
    await line.fence();
  });
});

describe('a conversation between two sockets', () => {
  test('P1 P2 P4 acks, live frames with growing cursors, receipts that only move forward', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    for (let i = 1; i <= 20; i++) {
      const ack = await from.say(conversation, `m${i}`);
      expect(ack).toMatchObject({ seq: i, state: 'sent' });
      expect(ack.duplicate).toBeUndefined();
    }
    const log = await to.reaches(conversation, 20);
    expect(log.map((e) => e.seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(log[0]).toMatchObject({
      type: 'message',
      ordinal: 1,
      from: ada.id,
      clientId: 'm1',
      content: textOf('m1'),
    });
    expect(ascending(to.cursors())).toBe(true);
    await from.first('receipt', (r) => r.delivered === 20);
    to.send({ type: 'read', conversation, seq: 20 });
    await from.first('receipt', (r) => r.read === 20);
    const receipts = from.of('receipt');
    for (const mark of ['delivered', 'read'] as const)
      expect(receipts.every((r, i) => i === 0 || r[mark] >= (receipts[i - 1]?.[mark] ?? 0))).toBe(true);
    expect(receipts.every((r) => r.user === bob.id && r.read <= r.delivered)).toBe(true);
    // The sending connection knows its own messages by their ack alone.
    expect(from.log(conversation)).toEqual([]);
  });

  test('P4 edit, delete and reaction reach the other side as entries', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [from, to] = [await Line.open(ada), await Line.open(bob)];
    await from.say(conversation, 'm1');
    from.send({ type: 'edit', clientId: 'e', conversation, seq: 1, content: textOf('better') });
    await from.ack('e');
    await to.reaches(conversation, 2);
    to.send({ type: 'react', clientId: 'r', conversation, seq: 1, emoji: '+1', on: true });
    await to.ack('r');
    await from.first('react', (f) => f.target === 1 && f.by === bob.id && f.on);
    from.send({ type: 'delete', clientId: 'd', conversation, seq: 1 });
    await from.ack('d');
    const log = await to.reaches(conversation, 4);
    expect(log.map((e) => e.type)).toEqual(['message', 'edit', 'delete']);
  });
});

describe('resume', () => {
  test('P4 a device that comes back gets what it missed and then live frames', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const from = await Line.open(ada);
    const first = await Line.open(bob);
    await from.say(conversation, 'm1');
    await first.reaches(conversation, 1);
    await from.first('receipt', (r) => r.delivered === 1);
    const cursor = Math.max((await first.first('synced')).cursor, ...first.cursors());
    first.close();
    await first.closed;
    for (const id of ['m2', 'm3', 'm4']) await from.say(conversation, id);
    const again = await Line.open(bob, { hello: { cursor, heads: { [conversation]: 1 } } });
    expect((await again.reaches(conversation, 4)).map((e) => e.seq)).toEqual([2, 3, 4]);
    await from.say(conversation, 'm5');
    expect((await again.reaches(conversation, 5)).map((e) => e.seq)).toEqual([2, 3, 4, 5]);
    const synced = await again.first('synced');
    expect(again.cursors().every((one) => one > synced.cursor)).toBe(true);
    expect(synced.cursor).toBeGreaterThan(cursor);
    const nothing = await Line.open(bob, {
      hello: { cursor: Math.max(...again.cursors()), heads: { [conversation]: 5 } },
    });
    expect(nothing.of('batch').flatMap((b) => b.entries)).toEqual([]);
  });

  test('P4 a cut is named and can be paged; a new device gets no batches', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    for (let i = 1; i <= 30; i++) await post(ada, conversation, `m${i}`);
    const line = await Line.open(bob, { hello: { cursor: 0, limit: 10 } });
    const batch = await line.first('batch', (b) => b.conversation === conversation);
    expect(batch).toMatchObject({ gapBefore: 0, head: 30 });
    expect(batch.entries.map((e) => e.seq)).toEqual(Array.from({ length: 10 }, (_, i) => 21 + i));
    line.send({ type: 'pull', conversation, after: 0, before: 21 });
    await line.until('the rest', () => line.log(conversation).length === 30);
    expect(line.log(conversation).map((e) => e.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const fresh = await Line.open(await quickDevice(bob));
    expect(fresh.of('batch')).toEqual([]);
    // It is connected all the same.
    await post(ada, conversation, 'm31');
    await fresh.first('message', (m) => m.seq === 31);
  });
});

describe('several devices of one user', () => {
  test('P4 own sends reach the other devices, and what is read on one is read on all', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const phone = await Line.open(ada);
    const laptop = await Line.open(await secondDevice(ada));
    const other = await Line.open(bob);
    await phone.say(conversation, 'mine');
    expect(await laptop.reaches(conversation, 1)).toMatchObject([{ from: ada.id, clientId: 'mine' }]);
    await other.say(conversation, 'yours');
    await Promise.all([phone.reaches(conversation, 2), laptop.reaches(conversation, 2)]);
    laptop.send({ type: 'read', conversation, seq: 2 });
    await phone.first('receipt', (r) => r.user === ada.id && r.read === 2);
    await other.first('receipt', (r) => r.user === ada.id && r.read === 2);
    expect(await summary(ada, conversation)).toMatchObject({ unread: 0, read: 2, delivered: 2 });
    await post(ada, conversation, 'by_http');
    await Promise.all([phone.reaches(conversation, 3), laptop.reaches(conversation, 3)]);
    expect(phone.log(conversation).map((e) => e.seq)).toEqual([2, 3]);
    for (const line of [phone, laptop, other]) expect(ascending(line.cursors())).toBe(true);
  });

  test('P4 a device that was away learns of own sends too', async () => {
    const [ada, bob] = await two();
    const conversation = await group(ada, [bob]);
    const away = await secondDevice(ada);
    const before = await Line.open(away);
    const { cursor } = await before.first('synced');
    before.close();
    await before.closed;
    const phone = await Line.open(ada);
    await phone.say(conversation, 'one');
    const back = await Line.open(away, { hello: { cursor } });
    expect(await back.reaches(conversation, 1)).toMatchObject([{ clientId: 'one' }]);
  });
});
