import { abortAllDurableObjects } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { parse } from '../../schema/protocol/codec.ts';
import type { Down, DownOf } from '../../schema/protocol/down.ts';
import { pollResult } from '../../schema/protocol/http-conversations.ts';
import { Line } from './support/line.ts';
import { type Person, three, two } from './support/people.ts';
import { ask, direct, expectStatus, group, post, textOf, wholeLog } from './support/site.ts';

/** A device that polls. */
class Poller {
  readonly frames: Down[] = [];
  session: string | undefined;
  n: number | undefined;
  cursor = 0;
  readonly #who: Person;

  constructor(who: Person) {
    this.#who = who;
  }

  /** One poll. `lost`: its answer never arrives here. */
  async poll(frames: object[] = [], { wait = 0, lost = false } = {}): Promise<Down[]> {
    const { session, n, cursor } = this;
    const body = { session, n, cursor, frames, wait };
    const answer = expectStatus(await ask(this.#who, 'POST', '/v1/poll', body), 200);
    const result = parse(pollResult, answer.text, Number.MAX_SAFE_INTEGER);
    if (!result.ok) throw new Error(result.detail);
    if (lost) return [];
    this.session = result.value.session;
    this.n = result.value.n;
    this.frames.push(...result.value.frames);
    return result.value.frames;
  }

  of<T extends Down['type']>(type: T): DownOf<T>[] {
    return this.frames.filter((frame) => frame.type === type) as DownOf<T>[];
  }

  /** Polls until `look` has a result. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (let i = 0; i < 100; i++) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await this.poll([], { wait: 1 });
    }
    throw new Error(`did not come: ${JSON.stringify(this.frames.slice(-5))}`);
  }
}

const send = (conversation: string, clientId: string) => ({
  type: 'send',
  clientId,
  conversation,
  content: textOf(clientId),
});

describe('long polling', () => {
  test('P1 P2 P4 the same frames: hello, sends, live entries, receipts', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [a, b] = [new Poller(ada), new Poller(bob)];
    await Promise.all([a.poll(), b.poll()]);
    await a.until(() => a.of('synced').length === 1);
    expect(a.of('welcome')).toMatchObject([{ user: ada.id, device: ada.device }]);
    await a.poll([send(conversation, 'm1'), send(conversation, 'm2')]);
    await a.until(() => a.of('ack').length === 2);
    expect(a.of('ack').map((f) => [f.clientId, f.seq])).toEqual([
      ['m1', 1],
      ['m2', 2],
    ]);
    await b.until(() => b.of('message').length === 2);
    await b.poll([{ type: 'read', conversation, seq: 2 }]);
    await a.until(() => a.of('receipt').some((r) => r.read === 2 && r.user === bob.id));
  });

  test('P4 waits until something happens, and answers at once then', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const b = new Poller(bob);
    await b.poll();
    await b.until(() => b.of('synced').length === 1);
    const waiting = b.poll([], { wait: 25 });
    const from = await Line.open(ada);
    await from.say(conversation, 'now');
    expect(await waiting).toMatchObject([{ type: 'message', clientId: 'now' }]);
  });

  test('P4 a lost answer comes again by its number, before anything new and nothing twice', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const from = await Line.open(ada);
    const b = new Poller(bob);
    await b.poll();
    await b.until(() => b.of('synced').length === 1);
    await from.say(conversation, 'm1');
    await b.poll([], { wait: 20, lost: true });
    await from.say(conversation, 'm2');
    await b.until(() => b.of('message').length >= 2);
    expect(b.of('message').map((m) => m.clientId)).toEqual(['m1', 'm2']);
    // A send whose answer got lost and is sent again is one message (P3).
    await b.poll([send(conversation, 'mine')], { lost: true });
    await b.poll([send(conversation, 'mine')]);
    await b.until(() => b.of('ack').length === 2);
    expect(new Set(b.of('ack').map((f) => f.seq))).toEqual(new Set([3]));
    expect((await wholeLog(ada, conversation)).map((e) => e.clientId)).toEqual(['m1', 'm2', 'mine']);
  });

  test('P4 a session that is not known any more begins anew from the cursor of the body', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const b = new Poller(bob);
    await b.poll();
    await b.until(() => b.of('synced').length === 1);
    await post(ada, conversation, 'm1');
    await b.until(() => b.of('message').length === 1);
    const { session } = b;
    // A session keeps its object awake, so it only ends like this by a crash or a deploy.
    await abortAllDurableObjects();
    await post(ada, conversation, 'm2');
    await b.poll();
    expect(b.session).not.toBe(session);
    const seen = () => [
      ...new Set([...b.of('message'), ...b.of('batch').flatMap((f) => f.entries)].map((e) => e.seq)),
    ];
    await b.until(() => b.of('synced').length === 2 && seen().length === 2);
    expect(seen().sort()).toEqual([1, 2]);
  });

  test('P8 each frame is judged by itself: a bad one spoils no other', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const a = new Poller(ada);
    await a.poll();
    await a.poll([
      send(conversation, 'm1'),
      { type: 'send', clientId: 'bad' },
      { what: 1 },
      send(conversation, 'm2'),
    ]);
    await a.until(() => a.of('ack').length === 2 && a.of('error').length === 2);
    expect(a.of('error')).toMatchObject([{ code: 'bad_request', clientId: 'bad' }, { code: 'bad_request' }]);
    expect(await ask(ada, 'POST', '/v1/poll', { frames: [7] })).toMatchObject({ status: 400 });
    expect(await ask(ada, 'POST', '/v1/poll', { frames: Array(101).fill({}) })).toMatchObject({
      status: 400,
    });
  });

  test('P4 P7 one person polls, others hold sockets: everyone ends with the same log', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob, cy]);
    const [x, y, z] = [await Line.open(ada), await Line.open(bob), new Poller(cy)];
    await z.poll();
    for (let i = 0; i < 5; i++) {
      await x.say(conversation, `x${i}`);
      await z.poll([send(conversation, `z${i}`)]);
      await y.say(conversation, `y${i}`);
    }
    await Promise.all([x.reaches(conversation, 15), y.reaches(conversation, 15)]);
    const mine = () => [...z.of('message'), ...z.of('ack')].map((f) => f.seq).sort((p, q) => p - q);
    await z.until(() => mine().length >= 15);
    expect(mine()).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  });
});
