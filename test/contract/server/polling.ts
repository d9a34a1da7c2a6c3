import { expect, test } from 'vitest';
import type { Down, DownOf } from '../../../schema/protocol/down.ts';
import type { Person, Service } from './device.ts';
import { crowd, direct } from './people.ts';

interface Answer {
  readonly session: string;
  readonly n: number;
  readonly frames: Down[];
}

const poll = (who: Person, body: object): Promise<Answer> =>
  who.api<Answer>('POST', '/poll', { frames: [], ...body });
const say = (conversation: string, text: string) => ({
  type: 'send',
  clientId: text,
  conversation,
  content: { kind: 'text', text },
});
const of = <T extends Down['type']>(frames: readonly Down[], type: T): DownOf<T>[] =>
  frames.filter((frame) => frame.type === type) as DownOf<T>[];

export function pollingContract(open: () => Service): void {
  test('P1 P4: the same frames in bodies: a resume, sends, live entries', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    await ada.say(id, 'before');
    let { session, n, frames } = await poll(ben, { cursor: 0, heads: {}, wait: 5 });
    const more = async (body: object): Promise<Down[]> => {
      const next = await poll(ben, { session, n, ...body });
      expect(next.session).toBe(session);
      n = next.n;
      return next.frames;
    };
    while (!of(frames, 'synced').length) frames = [...frames, ...(await more({ wait: 5 }))];
    expect(of(frames, 'welcome')).toMatchObject([{ user: ben.id }]);
    expect(of(frames, 'batch')).toMatchObject([{ conversation: id, entries: [{ seq: 1 }] }]);
    let answered = await more({ frames: [say(id, 'polled')], wait: 5 });
    while (!of(answered, 'ack').length) answered = await more({ wait: 5 });
    expect(of(answered, 'ack')).toMatchObject([{ clientId: 'polled', seq: 2 }]);
    const waiting = more({ wait: 20 });
    await ada.say(id, 'live');
    let live = await waiting;
    while (!of(live, 'message').length) live = await more({ wait: 5 });
    expect(of(live, 'message')).toMatchObject([{ seq: 3, from: ada.id }]);
    expect(await more({ wait: 0 })).toEqual([]);
  });

  test('P4: an answer that was lost comes again', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const first = await poll(ben, { frames: [{ type: 'hello' }], wait: 5 });
    let last = first;
    for (let i = 0; i < 20 && !of(last.frames, 'synced').length; i++)
      last = await poll(ben, { session: first.session, n: last.n, wait: 1 });
    await ada.say(id, 'lost');
    const lost = await poll(ben, { session: first.session, n: last.n, wait: 5 });
    const entries = [
      ...of(lost.frames, 'batch').flatMap((batch) => batch.entries),
      ...of(lost.frames, 'message'),
    ];
    expect(entries).not.toEqual([]);
    const again = await poll(ben, { session: first.session, n: last.n, wait: 5 });
    expect(again.frames.slice(0, lost.frames.length)).toEqual(lost.frames);
    expect(again.n).toBe(lost.n + 1);
  });

  test('P4: a session that is not known begins anew, from the cursor of that body', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    await ada.say(id, 'm1');
    const { session, frames } = await poll(ben, {
      session: 'of-yesterday',
      n: 7,
      cursor: 0,
      heads: {},
      wait: 5,
    });
    expect(session).not.toBe('of-yesterday');
    expect(of(frames, 'welcome')).toHaveLength(1);
    // Nor is somebody else's.
    expect((await poll(ada, { session, n: 1, wait: 0 })).session).not.toBe(session);
  });

  test('P4: a client that leaves ends its session at once; its last frames are taken', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    const { session, n } = await poll(ben, { frames: [{ type: 'hello' }], wait: 5 });
    await poll(ben, { session, n, close: true, frames: [say(id, 'bye')] });
    expect(await ben.refused('POST', '/poll', { session, n, frames: [] })).toBe('not_found');
    expect(await ben.refused('POST', '/poll', { close: true, frames: [] })).toBe('not_found');
    await expect.poll(async () => (await ada.summary(id)).last).toMatchObject({ clientId: 'bye' });
  });

  test('P4: `limit` in the body is that of a hello, and a long backlog comes in pieces', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    for (let i = 1; i <= 40; i++) await ada.say(id, `${i}`.repeat(7000), `m${i}`);
    const small = await poll(ben, { cursor: 0, heads: {}, limit: 3, wait: 5 });
    let { session, n, frames } = small;
    let answers = 1;
    const collect = async (): Promise<void> => {
      while (!of(frames, 'synced').length) {
        const next = await poll(ben, { session, n, wait: 5 });
        n = next.n;
        frames = [...frames, ...next.frames];
        answers++;
      }
    };
    await collect();
    const brought = (): number[] =>
      of(frames, 'batch').flatMap(({ entries }) => entries.map(({ seq }) => seq));
    expect(brought()).toEqual([38, 39, 40]);
    ({ session, n, frames } = await poll(ben, { cursor: 0, heads: {}, wait: 5 }));
    answers = 1;
    await collect();
    expect(brought()).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(answers).toBeGreaterThan(1);
  });

  test('P8: a bad frame in a poll is answered by an error and spoils no other', async () => {
    const { ada, ben } = await crowd(open());
    const id = await direct(ada, ben);
    let { session, n, frames } = await poll(ada, {
      frames: [
        { type: 'hello' },
        { type: 'dance' },
        { type: 'send', clientId: 'bad', conversation: id },
        say(id, 'good'),
      ],
      wait: 5,
    });
    for (let i = 0; i < 20 && !of(frames, 'ack').length; i++) {
      const next = await poll(ada, { session, n, wait: 1 });
      ({ session, n } = next);
      frames = [...frames, ...next.frames];
    }
    expect(of(frames, 'ack')).toMatchObject([{ clientId: 'good', seq: 1 }]);
    expect(of(frames, 'error').map(({ code }) => code)).toEqual(['bad_request', 'bad_request']);
    expect(of(frames, 'error').map(({ clientId }) => clientId)).toEqual([undefined, 'bad']);
    expect(await ada.refused('POST', '/poll', { frames: 'none' })).toBe('bad_request');
    expect(await ada.refused('POST', '/poll', { frames: [], wait: 26 })).toBe('bad_request');
  });
}
