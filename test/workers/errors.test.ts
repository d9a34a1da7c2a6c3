/** Every code of the table of errors, provoked over each transport that can say it. */
import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, test, vi } from 'vitest';
import { ERRORS, type ErrorCode } from '../../schema/protocol/errors.ts';
import { DEFAULT_LIMITS } from '../../schema/protocol/limits.ts';
import { type Answered, brokenDatabase, TestWorker } from './identity/support.ts';
import { stopClock } from './support/clock.ts';
import { Line, upgrade } from './support/line.ts';
import { breakConversation, userObject } from './support/objects.ts';
import { person, quickDevice, secondDevice, three, two } from './support/people.ts';
import { errorAfter, expectClose, expectFrame, expectProblem, provoked } from './support/provoked.ts';
import {
  ask,
  block,
  direct,
  get,
  group,
  post,
  removeMember,
  setMember,
  site,
  textOf,
  tryPost,
  wholeLog,
} from './support/site.ts';

const message = (conversation: string, clientId: string, more: object = {}) => ({
  type: 'send',
  clientId,
  conversation,
  content: textOf(clientId),
  ...more,
});

/** A refused upgrade as an answer. */
async function refused(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

describe('P8 what never helps to repeat', () => {
  test('P8 bad_request names the field and leaves everything as it was', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    expectProblem(await tryPost(ada, conversation, 'no id!'), 'bad_request');
    const line = await Line.open(ada);
    const { detail, clientId } = await errorAfter(line, 'bad_request', () =>
      line.send(message(conversation, 'm', { content: { kind: 'text' } })),
    );
    expect(detail).toMatch(/^content/);
    expect(clientId).toBe('m');
    await errorAfter(line, 'bad_request', () => line.sendBytes(new Uint8Array([1, 2, 3])));
    await errorAfter(line, 'bad_request', () => line.send('{"type":'));
    expect(await wholeLog(bob, conversation)).toEqual([]);
  });

  test('P8 too_large: a text, a body, a frame; above 1 MiB the socket goes with 1009', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    expectProblem(
      await tryPost(ada, conversation, 'm', { content: textOf('x'.repeat(16_385)) }),
      'too_large',
    );
    expectProblem(
      await tryPost(ada, conversation, 'm', { content: textOf('x'.repeat(66_000)) }),
      'too_large',
    );
    const line = await Line.open(ada);
    const { clientId } = await errorAfter(line, 'too_large', () =>
      line.send(message(conversation, 'm', { content: textOf('€'.repeat(5_462)) })),
    );
    expect(clientId).toBe('m');
    await errorAfter(line, 'too_large', () =>
      line.send(message(conversation, 'm', { content: textOf('x'.repeat(66_000)) })),
    );
    await line.say(conversation, 'fits', { text: 'x'.repeat(16_384) });
    await errorAfter(line, 'too_large', () => line.send(`{"type":"send","x":"${'x'.repeat(1_048_576)}"}`));
    expectClose(await line.closed, 'too_large');
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(['fits']);
  });

  test('P8 too_slow: a body that does not end in 10 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"refreshToken":')),
      });
      const answer = site.ask('POST', '/v1/auth/refresh', { body });
      await vi.advanceTimersByTimeAsync(9_999);
      expect(await Promise.race([answer, 'waits'])).toBe('waits');
      await vi.advanceTimersByTimeAsync(1);
      expectProblem(await answer, 'too_slow');
    } finally {
      vi.useRealTimers();
    }
  });

  test('P8 forbidden', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob, cy]);
    await post(ada, conversation, 'mine');
    expectProblem(await removeMember(bob, conversation, ada.id), 'forbidden');
    const line = await Line.open(bob);
    await errorAfter(line, 'forbidden', () =>
      line.send({ type: 'edit', clientId: 'e', conversation, seq: 1, content: textOf('no') }),
    );
    await errorAfter(line, 'forbidden', () =>
      line.send({ type: 'delete', clientId: 'd', conversation, seq: 1 }),
    );
  });

  test('P8 not_member: who is to be removed is none', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await group(ada, [bob]);
    expectProblem(await removeMember(ada, conversation, cy.id), 'not_member');
  });

  test('P7 not_found: a conversation of others, a message that is not there, a person, a route', async () => {
    const [ada, bob, cy] = await three();
    const conversation = await direct(ada, bob);
    expectProblem(await get(cy, `/v1/conversations/${conversation}`), 'not_found');
    expectProblem(await setMember(ada, conversation, '@nobody_of_that_name'), 'not_found');
    expectProblem(await get(ada, '/v1/nothing'), 'not_found');
    const line = await Line.open(cy);
    await errorAfter(line, 'not_found', () => line.send(message(conversation, 'm')));
    await errorAfter(line, 'not_found', () => line.send({ type: 'pull', conversation }));
    const member = await Line.open(ada);
    await errorAfter(member, 'not_found', () =>
      member.send({ type: 'delete', clientId: 'd', conversation, seq: 7 }),
    );
  });

  test('P7 blocked: only who blocks is told', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    await block(ada, bob);
    expectProblem(await tryPost(ada, conversation, 'm'), 'blocked');
    const line = await Line.open(ada);
    await errorAfter(line, 'blocked', () => line.send(message(conversation, 'm')));
    expect((await tryPost(bob, conversation, 'm')).status).toBe(201);
  });

  test('P3 client_id_reused', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    await post(ada, conversation, 'm');
    expectProblem(await tryPost(ada, conversation, 'm', { content: textOf('else') }), 'client_id_reused');
    const line = await Line.open(ada);
    await errorAfter(line, 'client_id_reused', () => line.send(message(conversation, 'm', { replyTo: 1 })));
  });

  test('P5 conflict: the predecessor has not come, the message was deleted', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const waiting = tryPost(ada, conversation, 'm', { after: 'never' });
    const line = await Line.open(ada);
    await line.say(conversation, 'gone');
    line.send({ type: 'delete', clientId: 'd', conversation, seq: 1 });
    await line.ack('d');
    await errorAfter(line, 'conflict', () =>
      line.send({ type: 'react', clientId: 'r', conversation, seq: 1, emoji: '+', on: true }),
    );
    expectProblem(await waiting, 'conflict');
  });

  test('P8 unsupported_version: an upgrade that offers none of ours', async () => {
    const headers = { upgrade: 'websocket', 'sec-websocket-protocol': 'parley.v9, parley.bearer.x' };
    expectProblem(await site.ask('GET', '/v1/ws', { headers }), 'unsupported_version');
  });
});

describe('P8 sessions', () => {
  test('P8 unauthenticated: no token, one that is not ours; over HTTP and in an upgrade', async () => {
    expectProblem(await ask(undefined, 'GET', '/v1/conversations'), 'unauthenticated');
    expectProblem(await get({ token: 'a.b.c' }, '/v1/conversations'), 'unauthenticated');
    expectProblem(await refused(await upgrade('a.b.c')), 'unauthenticated');
  });

  test('P7 session_ended: sockets close with 4403, and every new try is refused', async () => {
    const ada = await person();
    const lost = await secondDevice(ada);
    const [line, kept] = [await Line.open(lost), await Line.open(ada)];
    expect((await ask(ada, 'DELETE', `/v1/devices/${lost.device}`)).status).toBe(204);
    expectClose(await line.closed, 'session_ended');
    expectProblem(await get(lost, '/v1/conversations'), 'session_ended');
    expectProblem(await refused(await upgrade(lost.token)), 'session_ended');
    await kept.fence();
  });
});

describe('P8 too often', () => {
  test('P8 rate_limited log-ins say how long to wait', async () => {
    stopClock();
    const strict = new TestWorker({ PARLEY_LIMITS: '{"authRate":2}' });
    const login = () =>
      strict.ask('POST', '/v1/auth/refresh', {
        body: { refreshToken: 'x.y' },
        headers: { 'cf-connecting-ip': '192.0.2.77' },
      });
    expect([(await login()).status, (await login()).status]).toEqual([401, 401]);
    expectProblem(await login(), 'rate_limited');
  });

  test('P8 rate_limited sends are named, stored nowhere, and accepted later', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const line = await Line.open(ada);
    stopClock();
    const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
    for (const id of ids) line.send(message(conversation, id));
    await line.until('all answers', () => line.of('ack').length + line.of('error').length === 200);
    const errors = line.of('error');
    expect(errors).toHaveLength(200 - DEFAULT_LIMITS.sendBurst);
    for (const error of errors) expectFrame(error, 'rate_limited');
    const accepted = line.of('ack').map((a) => a.clientId);
    expect((await wholeLog(bob, conversation)).map((e) => e.clientId)).toEqual(accepted);
    expect([...accepted, ...errors.map((e) => e.clientId)].sort()).toEqual([...ids].sort());
  });

  test('P8 rate_limited holds for a device, whatever it sends by', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    stopClock();
    const posts = await Promise.all(
      Array.from({ length: 200 }, (_, i) => tryPost(ada, conversation, `h${i}`)),
    );
    const refusals = posts.filter((p) => p.status !== 201);
    expect(refusals).toHaveLength(200 - DEFAULT_LIMITS.sendBurst);
    for (const answer of refusals) expectProblem(answer, 'rate_limited');
    const line = await Line.open(ada);
    for (let i = 0; i < 10; i++) line.send(message(conversation, `s${i}`));
    await line.error('rate_limited');
    // Another device of the same user is not held up.
    expect((await tryPost(await quickDevice(ada), conversation, 'other')).status).toBe(201);
  });

  test('P8 rate_limited frames are refused, and the socket is closed with 4429 if it goes on', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const [line, other] = [await Line.open(ada), await Line.open(await quickDevice(ada))];
    await errorAfter(line, 'rate_limited', () => {
      for (let i = 0; i < 1_000; i++) line.send({ type: 'focus', conversation });
    });
    let open = true;
    void line.closed.then(() => {
      open = false;
    });
    while (open) {
      for (let i = 0; i < 100; i++) line.send({ type: 'focus', conversation });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expectClose(await line.closed, 'rate_limited');
    await other.say(conversation, 'undisturbed');
  });
});

describe('P9 out of order', () => {
  test('P9 unavailable: D1, an object and a conversation that fail', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const down = new TestWorker({ DB: brokenDatabase });
    const log = vi.spyOn(console, 'error').mockReturnValue();
    expectProblem(await down.ask('GET', '/v1/users/me', { token: ada.token }), 'unavailable');
    log.mockRestore();
    const fault = breakConversation('append', ada.id, 'throws');
    expectProblem(await tryPost(ada, conversation, 'm'), 'unavailable');
    const line = await Line.open(ada);
    await errorAfter(line, 'unavailable', () => line.send(message(conversation, 'm')));
    fault.heal();
    line.send(message(conversation, 'm'));
    expect(await line.first('ack')).toMatchObject({ clientId: 'm', seq: 1 });
  });

  test('P8 overloaded: too many connections of one user, and too many sends that wait', async () => {
    const [ada, bob] = await two();
    const conversation = await direct(ada, bob);
    const lines = await Promise.all(
      Array.from({ length: 100 }, async () => Line.open(await quickDevice(ada), { confirm: false })),
    );
    // One more gets in, and who was silent longest makes room; so does a session of long polling.
    for (const [n, come] of [
      () => Line.open(ada),
      () => ask(ada, 'POST', '/v1/poll', { frames: [] }),
    ].entries()) {
      await come();
      const went = lines[n] as Line;
      expectFrame(await went.first('error'), 'overloaded');
      expectClose(await went.closed, 'overloaded');
    }
    lines.splice(0, 2);
    const fault = breakConversation('append', ada.id, 'hangs');
    lines.slice(0, 40).forEach((line, n) => {
      for (let i = 0; i < 60; i++) line.send(message(conversation, `m${n}-${i}`));
    });
    const errors = await Promise.any(lines.map((line) => line.first('error')));
    expectFrame(errors, 'overloaded');
    expectProblem(await tryPost(ada, conversation, 'one-more'), 'overloaded');
    fault.heal();
    for (const line of lines) line.close();
    // The others are not held up, and neither is the conversation.
    const quick = await Line.open(bob);
    await quick.say(conversation, 'fine');
  });

  test('P8 internal: what throws leaks nothing, costs one socket, and the object goes on', async () => {
    const broken = new TestWorker({ PARLEY_SIGNING_KEY: 'short' });
    const log = vi.spyOn(console, 'error').mockReturnValue();
    expectProblem(await broken.ask('GET', '/v1/health'), 'internal');
    const ada = await person();
    const [line, other] = [await Line.open(ada), await Line.open(await quickDevice(ada), { hello: null })];
    await runInDurableObject(userObject(ada.id), (_, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON device BEGIN SELECT RAISE(ABORT, 'the device table is full'); END",
      );
    });
    const failed = await errorAfter(other, 'internal', () => other.send({ type: 'hello', cursor: 0 }));
    expect(failed.detail).not.toMatch(/device|table/i);
    expectClose(await other.closed, 'internal');
    log.mockRestore();
    await line.fence();
    await runInDurableObject(userObject(ada.id), (_, { storage }) => {
      storage.sql.exec('DROP TRIGGER full');
    });
    await Line.open(ada);
  });
});

test('P8 every code of the table was provoked, over every transport that can say it', () => {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  // Said before or instead of a socket, and who is removed from a group is named in a path alone.
  const httpAlone: ErrorCode[] = [
    'too_slow',
    'unauthenticated',
    'unsupported_version',
    'session_ended',
    'not_member',
  ];
  // A socket is closed only for these: the other codes with a number refuse an upgrade or end a long poll.
  const closes: ErrorCode[] = ['too_large', 'rate_limited', 'session_ended', 'overloaded', 'internal'];
  expect([...provoked].sort()).toEqual(
    [
      ...codes.map((code) => `http ${code}`),
      ...codes.filter((code) => !httpAlone.includes(code)).map((code) => `frame ${code}`),
      ...closes.map((code) => `close ${code}`),
    ].sort(),
  );
});
