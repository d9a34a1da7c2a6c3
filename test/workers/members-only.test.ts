/** P7 as a table: every route and every frame up, asked by everybody who might ask. */
import { beforeAll, describe, expect, test } from 'vitest';
import { Line, upgrade } from './support/line.ts';
import { type Person, people, person, quickDevice, secondDevice } from './support/people.ts';
import { ANSWERED, asking, FRAME_TYPES, frameUp, REFUSABLE, ROUTE_TABLE } from './support/requests.ts';
import {
  ask,
  block,
  direct,
  expectStatus,
  group,
  post,
  removeMember,
  summary,
  wholeLog,
} from './support/site.ts';

const NONE = 'g_none-at-all';
const TITLE = 'Our secret title';

let owner: Person;
let member: Person;
let former: Person;
let stranger: Person;
let removed: Person;
let removedLine: Line;

beforeAll(async () => {
  [owner, member, former, stranger] = (await people(4)) as [Person, Person, Person, Person];
  removed = await secondDevice(member);
  removedLine = await Line.open(removed);
  expectStatus(await ask(member, 'DELETE', `/v1/devices/${removed.device}`), 204);
});

/** A group with a message of `member`, which `former` left. */
async function scene(): Promise<string> {
  const conversation = await group(owner, [member, former], TITLE);
  await post(member, conversation, 'secret');
  const last = await Line.open(former, { confirm: false });
  expectStatus(await removeMember(owner, conversation, former.id), 204);
  // They know by now, so that nothing of it comes in between later.
  await last.first('member', (m) => m.conversation === conversation);
  last.close();
  return conversation;
}

async function refusedUpgrade(who: Person): Promise<{ status: number; text: string }> {
  const response = await upgrade(who.token);
  return { status: response.status, text: await response.text() };
}

let asked = 0;
const about = (conversation: string, user = owner.id) => ({ conversation, user, clientId: `c${++asked}` });

describe.each(ROUTE_TABLE.map((route) => [`${route.method} ${route.path}`, route] as const))(
  'P7 %s',
  (_, route) => {
    const request = async (who: Person, conversation: string, user?: string) => {
      const { method, path, body } = asking(route, about(conversation, user));
      return ask(who, method, path, body);
    };
    const ofConversation = route.path.includes('/:c');

    if (ofConversation)
      test('P7 a former member and a stranger are told what is told of nothing', async () => {
        const conversation = await scene();
        for (const who of [former, stranger]) {
          const [theirs, nobodys] = [await request(who, conversation), await request(who, NONE)];
          expect(theirs).toMatchObject({ status: 404, body: { code: 'not_found' } });
          expect(theirs.text).toBe(nobodys.text);
          expect([...theirs.headers]).toEqual([...nobodys.headers]);
        }
        expect((await wholeLog(member, conversation)).map((e) => e.seq)).toEqual([1, 2]);
      });

    if (ofConversation)
      test('P7 a member is answered, unless nobody is', async () => {
        const conversation = await scene();
        // The owner may all of it; removing and changing oneself would need other words.
        const answer = await request(owner, conversation, member.id);
        const unknown = await request(owner, NONE, member.id);
        const built = !answer.text.includes('no such route');
        if (built) expect(Object.keys(route.answers).map(Number), answer.text).toContain(answer.status);
        else expect(answer.text).toBe(unknown.text);
      });

    if (!ofConversation)
      test('P7 nothing of it is in what others are answered', async () => {
        const conversation = await scene();
        for (const one of [former, stranger]) {
          // On a device of its own: one of these routes ends the session.
          const who = await quickDevice(one);
          const { text } = await request(who, conversation, stranger.id);
          for (const secret of [TITLE, 'secret']) expect(text).not.toContain(secret);
          // A resume tells a former member that it ended.
          if (who.id !== former.id || route.id !== 'poll') expect(text.includes(conversation)).toBe(false);
        }
      });

    test('P7 a removed device is refused', async () => {
      const conversation = await scene();
      const { status, text } = await (route.id === 'openUserSocket'
        ? refusedUpgrade(removed)
        : request(removed, conversation));
      for (const secret of [conversation, TITLE, 'secret']) expect(text).not.toContain(secret);
      // What needs no token is nobody's; a log-out that got half-way can be repeated; the last is not there yet.
      if (route.open || text.includes('no such route')) return;
      if (route.id === 'logout') expect(status).toBe(204);
      else
        expect({ status, text }).toMatchObject({
          status: 401,
          text: expect.stringContaining('session_ended'),
        });
    });
  },
);

describe.each(FRAME_TYPES)('P7 frame %s', (type) => {
  /** What `who` is answered, with the ids of this asking taken out. */
  async function answers(who: Person, conversation: string, more: number): Promise<string[]> {
    const line = await Line.open(who, { confirm: false });
    const before = line.frames.length;
    const question = about(conversation);
    line.send(frameUp(type, question));
    await line.until('an answer', () => line.frames.length >= before + more);
    await line.fence();
    line.close();
    const texts = line.frames.slice(before).map((frame) => JSON.stringify(frame));
    return texts.map((t) => t.replaceAll(conversation, 'THIS').replaceAll(question.clientId, 'ID'));
  }

  if (type !== 'hello')
    test('P7 a former member and a stranger are answered as if it were nothing', async () => {
      const conversation = await scene();
      for (const who of [former, stranger]) {
        // Who left confirms the entry that says so, as the protocol asks: that is no mistake, and has no answer.
        if (who === former && REFUSABLE.includes(type)) {
          expect(await answers(who, conversation, 0)).toEqual(['{"type":"pong"}']);
          continue;
        }
        const refusals = ANSWERED.includes(type) || REFUSABLE.includes(type) ? 1 : 0;
        const theirs = await answers(who, conversation, refusals);
        expect(theirs).toEqual(await answers(who, NONE, refusals));
        if (refusals > 0) expect(theirs[0]).toContain('"not_found"');
      }
      expect((await wholeLog(member, conversation)).map((e) => [e.seq, e.content?.text])).toEqual([
        [1, 'secret'],
        [2, undefined],
      ]);
    });

  if (type !== 'hello')
    test('P7 a member is served', async () => {
      const conversation = await scene();
      const texts = await answers(member, conversation, ANSWERED.includes(type) ? 1 : 0);
      expect(texts.join()).not.toContain('"error"');
      if (type === 'read') await expect.poll(async () => (await summary(member, conversation)).read).toBe(1);
    });

  if (type === 'hello')
    test('P7 a resume brings a stranger nothing and a former member the end alone', async () => {
      const conversation = await scene();
      const hello = { cursor: 0, heads: { [conversation]: 0 } };
      const other = await Line.open(stranger, { hello, confirm: false });
      expect(JSON.stringify(other.frames)).not.toContain(conversation);
      const left = await Line.open(former, { hello, confirm: false });
      const batches = left.of('batch').filter((b) => b.conversation === conversation);
      expect(batches.flatMap((b) => b.entries)).toMatchObject([
        { type: 'member', seq: 2, user: former.id, change: 'removed' },
      ]);
      expect(JSON.stringify(left.frames)).not.toContain('secret');
      for (const line of [other, left]) line.close();
    });

  test('P7 a removed device is refused, by socket and by poll', async () => {
    const conversation = await scene();
    removedLine.send(frameUp(type, about(conversation)));
    const poll = await ask(removed, 'POST', '/v1/poll', {
      frames: [frameUp(type, about(conversation))],
      wait: 1,
    });
    expect(poll).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect((await removedLine.closed).code).toBe(4403);
    expect(JSON.stringify(removedLine.frames)).not.toContain(conversation);
    expect((await wholeLog(owner, conversation)).map((e) => e.seq)).toEqual([1, 2]);
  });
});

describe('P7 who is blocked in a direct conversation can not tell', () => {
  test.each(
    ROUTE_TABLE.filter((route) => route.path.includes('/:c')).map(
      (r) => [`${r.method} ${r.path}`, r] as const,
    ),
  )('P7 %s', async (_, route) => {
    const me = await person();
    const seen: string[] = [];
    for (const blocks of [false, true]) {
      const other = await person();
      const conversation = await direct(me, other);
      await post(other, conversation, 'm1');
      if (blocks) expectStatus(await block(other, me), 204);
      await post(me, conversation, 'm2');
      const question = about(conversation, other.id);
      const { method, path, body } = asking(route, question);
      const { status, text } = await ask(me, method, path, body);
      const plain = [
        [conversation, 'THIS'],
        [other.id, 'OTHER'],
        [question.clientId, 'ID'],
      ].reduce((t, [from = '', to = '']) => t.replaceAll(from, to), text);
      seen.push(`${status} ${plain.replace(/\b1[0-9]{12}\b/g, 'TIME')}`);
    }
    expect(seen[1]).toBe(seen[0]);
  });

  test.each(FRAME_TYPES.filter((type) => type !== 'hello'))('P7 frame %s', async (type) => {
    const me = await person();
    const seen: string[] = [];
    for (const blocks of [false, true]) {
      const other = await person();
      const conversation = await direct(me, other);
      await post(me, conversation, 'm1');
      if (blocks) expectStatus(await block(other, me), 204);
      const line = await Line.open(me, { confirm: false });
      const before = line.frames.length;
      const question = about(conversation, other.id);
      line.send(frameUp(type, question));
      await line.until('an answer', () => line.frames.length >= before + (ANSWERED.includes(type) ? 1 : 0));
      await line.fence();
      line.close();
      seen.push(
        line.frames
          .slice(before)
          .map((frame) => JSON.stringify({ ...frame, at: 0 }))
          .join()
          .replaceAll(conversation, 'THIS')
          .replaceAll(other.id, 'OTHER')
          .replaceAll(question.clientId, 'ID')
          .replace(/\b1[0-9]{12}\b/g, 'TIME'),
      );
    }
    expect(seen[1]).toBe(seen[0]);
  });
});
