import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { parse } from '../../schema/protocol/codec.ts';
import type { Down, DownOf } from '../../schema/protocol/down.ts';
import { pollResult } from '../../schema/protocol/http-conversations.ts';
import { Line } from './support/line.ts';
import { userObject } from './support/objects.ts';
import { type Person, secondDevice, three, two } from './support/people.ts';
import { ask, direct, expectStatus, group, post, textOf, wholeLog } from './support/site.ts';

interface Polling {
  readonly wait?: number;
  readonly lost?: boolean;
  readonly limit?: number;
  readonly close?: boolean;
}

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
  async poll(frames: object[] = [], { wait = 0, lost = false, ...more }: Polling = {}): Promise<Down[]> {
    const { session, n, cursor } = this;
    const body = { session, n, cursor, frames, wait, ...more };
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

/** A device through with its resume. */
async function synced(who: Person): Promise<Poller> {
  const poller = new Poller(who);
  await poller.poll();
  await poller.until(() => poller.of('synced').length === 1);
  return poller;
}

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

  test('P4 two polls at once: the later ends the earlier, and no frame is lost between them', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const b = await synced(bob);
    const from = await Line.open(ada);
    for (let i = 1; i <= 5; i++) {
      const [waiting, second] = [b.poll([], { wait: 25 }), b.poll([], { wait: 25 })];
      await waiting;
      await from.say(conversation, `m${i}`);
      await second;
    }
    await b.until(() => new Set(b.of('message').map((m) => m.seq)).size === 5);
    expect([...new Set(b.of('message').map((m) => m.clientId))]).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  });

  test('P3 P4 a request that is repeated with the same n does nothing twice', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const a = await synced(ada);
    for (let i = 0; i < 4; i++) await a.poll([send(conversation, 'once')], { lost: i < 3 });
    await a.until(() => a.of('ack').length > 0);
    expect((await wholeLog(ada, conversation)).map((e) => e.clientId)).toEqual(['once']);
    // Also the first one, whose answer would have told the session.
    const b = new Poller(bob);
    for (let i = 0; i < 3; i++) await b.poll([], { lost: true });
    await b.poll();
    await b.until(() => b.of('batch').length > 0);
    expect(b.of('batch').flatMap((f) => f.entries.map((e) => e.seq))).toEqual([1]);
  });

  test('P7 a device that is removed: the poll that waits and every later one are session_ended', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const laptop = await secondDevice(ada);
    const l = await synced(laptop);
    const body = { session: l.session, n: l.n, cursor: 0, frames: [] };
    const waiting = ask(laptop, 'POST', '/v1/poll', { ...body, wait: 25 });
    // The poll is there when its object answers what came after it.
    expectStatus(await ask(laptop, 'GET', '/v1/conversations'), 200);
    expectStatus(await ask(ada, 'DELETE', `/v1/devices/${laptop.device}`), 204);
    await post(bob, conversation, 'secret');
    const ended = { status: 401, body: { code: 'session_ended' } };
    expect(await waiting).toMatchObject(ended);
    expect(await ask(laptop, 'POST', '/v1/poll', body)).toMatchObject(ended);
    expect(await ask(laptop, 'POST', '/v1/poll', { cursor: 0, frames: [] })).toMatchObject(ended);
    expect(await ask(laptop, 'POST', '/v1/poll', { ...body, close: true })).toMatchObject(ended);
  });

  test('P4 a client that leaves: what it has not confirmed is noted at once, and nothing waits for its lease', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const b = await synced(bob);
    await post(ada, conversation, 'm1');
    await b.until(() => b.of('message').length === 1);
    await b.poll([send(conversation, 'last-words')], { close: true });
    expect(await ask(bob, 'POST', '/v1/poll', { session: b.session, frames: [], close: true })).toMatchObject(
      {
        status: 404,
        body: { code: 'not_found' },
      },
    );
    const rows = await runInDurableObject(userObject(bob.id), (_, { storage }) => ({
      note: storage.sql.exec('SELECT note FROM conversation').one()['note'],
      away: storage.sql.exec('SELECT away FROM device').one()['away'],
    }));
    expect(rows).toEqual({ note: expect.any(Number), away: expect.any(Number) });
    expect(Number(rows.note)).toBeGreaterThan(0);
    await expect
      .poll(async () => (await wholeLog(ada, conversation)).map((e) => e.clientId))
      .toEqual(['m1', 'last-words']);
    [b.session, b.n, b.frames.length] = [undefined, undefined, 0];
    await b.poll();
    await b.until(() => b.of('batch').some((f) => f.entries.length === 2));
  });

  test('P4 limit says how much a session resumes with, also one that begins anew', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    for (let i = 1; i <= 6; i++) await post(ada, conversation, `m${i}`);
    const b = new Poller(bob);
    for (let round = 1; round <= 2; round++) {
      await b.poll([], { limit: 2 });
      await b.until(() => b.of('batch').length === round);
      const batch = b.of('batch').at(-1);
      expect(batch?.entries.map((e) => e.seq)).toEqual([5, 6]);
      expect(batch?.gapBefore).toBe(0);
      await abortAllDurableObjects();
    }
  });

  test('P4 a large backlog comes in several answers', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const from = await Line.open(ada);
    const text = 'x'.repeat(16_000);
    for (let i = 1; i <= 40; i++) await from.say(conversation, `m${i}`, { text });
    const b = new Poller(bob);
    await b.poll();
    await b.until(() => b.of('synced').length === 1);
    expect(b.n).toBeGreaterThanOrEqual(3);
    expect(b.of('batch').flatMap((f) => f.entries.map((e) => e.seq))).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  });
});
