import { beforeAll, describe, expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { type Person, two } from './support/people.ts';
import { direct, type Entry, expectStatus, get, listed, post, textOf, wholeLog } from './support/site.ts';

let ada: Person;
let bob: Person;
let conversation: string;

// Messages 1 to 20, then: 21 an edit of 5, 22 a deletion of 6, 23 a reaction to 7, 24 a message.
beforeAll(async () => {
  [ada, bob] = await two();
  conversation = await direct(ada, bob);
  for (let i = 1; i <= 20; i++) await post(i % 2 ? ada : bob, conversation, `m${i}`);
  const line = await Line.open(ada);
  line.send({ type: 'edit', clientId: 'edit', conversation, seq: 5, content: textOf('better') });
  line.send({ type: 'delete', clientId: 'delete', conversation, seq: 19 });
  line.send({ type: 'react', clientId: 'react', conversation, seq: 7, emoji: '+', on: true });
  await line.ack('react');
  await line.say(conversation, 'm24');
  line.close();
});

const page = async (what: 'messages' | 'log', query: string) => {
  const { body } = expectStatus(await get(bob, `/v1/conversations/${conversation}/${what}${query}`), 200);
  const entries = (body['messages'] ?? body['entries']) as Entry[];
  return { head: body['head'], seqs: entries.map((e) => e.seq), entries };
};
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('history', () => {
  test.each([
    ['', [...from(1, 20), 24]],
    ['?limit=3', [19, 20, 24]],
    ['?before=20&limit=3', [17, 18, 19]],
    ['?before=24&limit=2', [19, 20]],
    ['?before=1', []],
    ['?after=0&limit=4', [1, 2, 3, 4]],
    ['?after=18&limit=10', [19, 20, 24]],
    ['?after=24', []],
    ['?around=10&limit=5', [8, 9, 10, 11, 12]],
    ['?around=1&limit=4', [1, 2]],
    ['?around=24&limit=4', [19, 20, 24]],
    ['?around=22&limit=2', [20, 24]],
  ])('P2 P4 messages%s', async (query, seqs) => {
    expect(await page('messages', query)).toMatchObject({ head: 24, seqs });
  });

  test.each([
    ['', from(1, 24)],
    ['?limit=5', from(20, 24)],
    ['?before=20&limit=3', [17, 18, 19]],
    ['?after=19&limit=3', [20, 21, 22]],
    ['?after=24', []],
  ])('P2 P4 log%s, without gaps', async (query, seqs) => {
    expect(await page('log', query)).toMatchObject({ head: 24, seqs });
  });

  test.each([
    '?limit=0',
    '?limit=101',
    '?limit=x',
    '?before=0',
    '?after=-1',
    '?before=3&after=1',
    '?around=2&after=1',
    '?limit=3&limit=4',
    '?around=0',
  ])('P8 messages%s is bad_request', async (query) => {
    const answer = await get(bob, `/v1/conversations/${conversation}/messages${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request' } });
  });

  test('P4 messages come in their present state, and so does the log', async () => {
    const { entries } = await page('messages', '');
    const at = (seq: number) => entries.find((e) => e.seq === seq);
    expect(at(5)).toMatchObject({ content: textOf('better'), editedAt: expect.any(Number) });
    expect(at(19)).toMatchObject({ content: { kind: 'deleted' }, deletedAt: expect.any(Number) });
    expect(at(7)).toMatchObject({ reactions: { '+': [ada.id] } });
    expect(at(24)).toMatchObject({ ordinal: 21 });
    const log = await wholeLog(bob, conversation);
    expect(log.slice(20, 23)).toMatchObject([
      { type: 'edit', target: 5, content: textOf('better'), by: ada.id },
      { type: 'delete', target: 19 },
      { type: 'react', target: 7, emoji: '+', on: true },
    ]);
    expect(log[4]).toMatchObject({ content: textOf('better') });
  });

  test('P4 both pages lead through all of it, in either direction', async () => {
    for (const what of ['messages', 'log'] as const) {
      const all = (await page(what, '')).seqs;
      const up: number[] = [];
      for (let more = (await page(what, '?after=0&limit=7')).seqs; more.length > 0; ) {
        up.push(...more);
        more = (await page(what, `?after=${up.at(-1)}&limit=7`)).seqs;
      }
      const down: number[] = [];
      for (let more = (await page(what, '?limit=7')).seqs; more.length > 0; ) {
        down.unshift(...more);
        more = (await page(what, `?before=${down[0]}&limit=7`)).seqs;
      }
      expect([up, down]).toEqual([all, all]);
    }
  });

  test('P4 over the socket a pull gives the same entries', async () => {
    const line = await Line.open(bob, { confirm: false });
    const pull = async (ask: object) => {
      const before = line.of('batch').length;
      line.send({ type: 'pull', conversation, ...ask });
      await line.until('batch', () => line.of('batch').length > before);
      const { entries, head, gapBefore } = line.of('batch').at(-1) ?? {};
      return { seqs: entries?.map((e) => e.seq), head, gapBefore };
    };
    expect(await pull({ after: 3, limit: 4 })).toEqual({ seqs: [4, 5, 6, 7], head: 24 });
    expect(await pull({ after: 3, before: 6 })).toEqual({ seqs: [4, 5], head: 24 });
    expect(await pull({ before: 6, limit: 2 })).toMatchObject({ seqs: [4, 5], head: 24 });
    expect(await pull({ limit: 1 })).toMatchObject({ seqs: [24], head: 24 });
    expect(await pull({ after: 24 })).toEqual({ seqs: [], head: 24 });
    expect((await wholeLog(bob, conversation)).map((e) => e.seq)).toEqual(from(1, 24));
  });
});

test('P4 the list of conversations comes newest first and in pages', async () => {
  const [me, other] = await two();
  const others = await Promise.all(Array.from({ length: 7 }, async () => (await two())[0]));
  const ids: string[] = [];
  for (const one of [other, ...others]) {
    const id = await direct(me, one);
    await post(me, id, 'hello');
    ids.unshift(id);
  }
  expect((await listed(me)).map((c) => c.id)).toEqual(ids);
  const paged: unknown[] = [];
  let query = '?limit=3';
  for (;;) {
    const { body } = expectStatus(await get(me, `/v1/conversations${query}`), 200);
    paged.push(...(body['conversations'] as { id: string }[]).map((c) => c.id));
    if (body['next'] === undefined) break;
    query = `?limit=3&before=${body['next']}`;
  }
  expect(paged).toEqual(ids);
});
