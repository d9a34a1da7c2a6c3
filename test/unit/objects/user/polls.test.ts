import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer, PollCall } from '../../../../objects/shared/rpc.ts';
import { ANSWER_BYTES, POLL_LEASE_MS, Polls } from '../../../../objects/user/polls.ts';
import { fail } from '../../../../schema/protocol/errors.ts';
import { FakeHost } from './support.ts';

interface Body {
  readonly session: string;
  readonly n: number;
  readonly frames: number[];
}

let host: FakeHost;
let polls: Polls;
let opened: number[];
let closed: number[];
let frames: string[];
beforeEach(() => {
  host = new FakeHost();
  [opened, closed, frames] = [[], [], []];
  polls = new Polls(host, {
    open: (socket) => opened.push(socket),
    frame: (_, raw) => frames.push(raw),
    isHello: (raw) => raw.includes('"type":"hello"'),
    closed: (socket) => closed.push(socket),
  });
});

/** Polls; the answers it gets are in the list, the last being the present one. */
function poll(call: Partial<PollCall> = {}, device = 'phone'): ApiAnswer[] {
  const answers: ApiAnswer[] = [];
  polls.poll(device, { frames: [], wait: 20, ...call }, (answer) => answers.push(answer));
  return answers;
}
function bodyOf(answers: readonly ApiAnswer[]): Body {
  const [answer] = answers;
  if (answers.length !== 1 || !answer?.ok) throw new Error(`no answer: ${JSON.stringify(answers)}`);
  return JSON.parse(answer.body) as Body;
}
/** A session with its first answer fetched. */
function session(): { session: string; socket: number } {
  const answers = poll({ wait: 0 });
  host.clock.advance(10);
  return { session: bodyOf(answers).session, socket: opened.at(-1) ?? 0 };
}

test('a session begins with a hello, its own or one made from the body', () => {
  poll({ cursor: 7, heads: { c: 3 }, limit: 5 });
  expect(frames.map((f) => JSON.parse(f))).toEqual([{ type: 'hello', cursor: 7, heads: { c: 3 }, limit: 5 }]);
  frames.length = 0;
  const hello = '{"type":"hello","cursor":1}';
  poll({ frames: [hello, 'other'] });
  expect(frames).toEqual([hello, 'other']);
  expect(new Set(opened).size).toBe(2);
});

test('an empty poll is answered after its wait, one with frames a moment after the first', () => {
  const { session: id, socket } = session();
  const empty = poll({ session: id, n: 1 });
  host.clock.advance(19_999);
  expect(empty).toEqual([]);
  host.clock.advance(1);
  expect(bodyOf(empty)).toEqual({ session: id, n: 2, frames: [] });
  const waiting = poll({ session: id, n: 2 });
  host.clock.advance(5_000);
  for (const frame of ['1', '2']) polls.send(socket, frame);
  host.clock.advance(10);
  expect(bodyOf(waiting)).toEqual({ session: id, n: 3, frames: [1, 2] });
});

describe('P4 an answer that was lost', () => {
  test('comes again, before anything new, as often as it takes', () => {
    const { session: id, socket } = session();
    polls.send(socket, '1');
    const lost = poll({ session: id, n: 1, wait: 0 });
    host.clock.advance(10);
    expect(bodyOf(lost).frames).toEqual([1]);
    polls.send(socket, '2');
    for (const n of [3, 4]) {
      const again = poll({ session: id, n: 1 });
      host.clock.advance(0);
      expect(bodyOf(again)).toEqual({ session: id, n, frames: [1, 2] });
    }
  });

  test('does not come again once the client names it', () => {
    const { session: id, socket } = session();
    polls.send(socket, '1');
    const first = poll({ session: id, n: 1, wait: 0 });
    host.clock.advance(10);
    const next = poll({ session: id, n: bodyOf(first).n, wait: 0 });
    host.clock.advance(10);
    expect(bodyOf(next).frames).toEqual([]);
  });
});

test('P4 a second poll ends the first, and nothing goes lost between them', () => {
  const { session: id, socket } = session();
  const first = poll({ session: id, n: 1 });
  const second = poll({ session: id, n: 1 });
  expect(bodyOf(first)).toMatchObject({ n: 2, frames: [] });
  polls.send(socket, '1');
  host.clock.advance(10);
  expect(bodyOf(second)).toMatchObject({ n: 3, frames: [1] });
});

test("P7 a session is its device's own: with its id another begins a new one", () => {
  const { session: id } = session();
  expect([polls.knows('phone', id), polls.knows('laptop', id), polls.knows('phone', undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  const other = poll({ session: id, wait: 0 }, 'laptop');
  host.clock.advance(10);
  expect(bodyOf(other).session).not.toBe(id);
});

test('a session nobody polls is gone after its lease; one that is polled stays', () => {
  const { session: id, socket } = session();
  for (let n = 1; n < 5; n++) {
    poll({ session: id, n });
    host.clock.advance(30_000);
  }
  expect(closed).toEqual([]);
  host.clock.advance(2 * POLL_LEASE_MS);
  expect([closed, polls.knows('phone', id)]).toEqual([[socket], false]);
});

test('a session ends its lease after its last answer, to the millisecond', () => {
  const { session: id, socket } = session();
  const last = poll({ session: id, n: 1, wait: 25 });
  host.clock.advance(25_000);
  expect(last).toHaveLength(1);
  host.clock.advance(POLL_LEASE_MS - 1);
  expect(closed).toEqual([]);
  host.clock.advance(1);
  expect(closed).toEqual([socket]);
});

test('P8 what is not fetched ends the session, with a bounded buffer, however small the frames are', () => {
  for (const [frame, count] of [
    ['1', 600_000],
    [`"${'x'.repeat(60_000)}"`, 600],
  ] as const) {
    closed.length = 0;
    const { session: id, socket } = session();
    for (let i = 0; i < count; i++) polls.send(socket, frame);
    expect([closed, polls.knows('phone', id)]).toEqual([[socket], false]);
  }
});

describe('a backlog', () => {
  test('P4 comes in several answers of bounded size, in order; a lost one comes again first', () => {
    const { session: id, socket } = session();
    const frame = (i: number): string => `[${i},"${'x'.repeat(50_000)}"]`;
    for (let i = 0; i < 40; i++) polls.send(socket, frame(i));
    const got: number[] = [];
    let n = 1;
    for (let round = 0; got.length < 40; round++) {
      const answers = poll({ session: id, n });
      host.clock.advance(10);
      const [answer] = answers;
      if (!answer?.ok) throw new Error('no answer');
      expect(answer.body.length).toBeLessThan(ANSWER_BYTES + 60_000);
      // Every third answer gets lost.
      if (round % 3 === 2) continue;
      const body = JSON.parse(answer.body) as { n: number; frames: [number, string][] };
      ({ n } = body);
      got.push(...body.frames.map(([i]) => i));
    }
    expect(got).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('what was fetched makes room again', () => {
    const { session: id, socket } = session();
    const large = `"${'x'.repeat(1_000_000)}"`;
    for (let i = 0; i < 100; i++) {
      polls.send(socket, large);
      poll({ session: id, n: i + 1 });
      host.clock.advance(10);
    }
    expect([closed, polls.knows('phone', id)]).toEqual([[], true]);
  });
});

describe('a client that leaves', () => {
  test('P4 ends its session at once: its frames are taken, what it has is answered, nobody waits', () => {
    const { session: id, socket } = session();
    const waiting = poll({ session: id, n: 1 });
    polls.send(socket, '1');
    frames.length = 0;
    const leaving = poll({ session: id, n: 1, frames: ['confirm'], close: true });
    expect([bodyOf(waiting).frames, frames]).toEqual([[1], ['confirm']]);
    expect(bodyOf(leaving)).toEqual({ session: id, n: 3, frames: [1] });
    expect([closed, polls.knows('phone', id)]).toEqual([[socket], false]);
    host.clock.advance(10 * POLL_LEASE_MS);
    expect(closed).toEqual([socket]);
  });

  test('P8 is told when there is nothing to close, and nothing begins', () => {
    const { session: id } = session();
    opened.length = 0;
    const unknown = { ok: false, code: 'not_found' };
    expect(poll({ session: 'never', close: true })).toMatchObject([unknown]);
    expect(poll({ close: true })).toMatchObject([unknown]);
    expect(poll({ session: id, close: true }, 'laptop')).toMatchObject([unknown]);
    expect([opened, closed, frames.length]).toEqual([[], [], 1]);
  });

  test('is not brought back by a poll of before that arrives late', () => {
    const { session: id } = session();
    poll({ session: id, close: true });
    expect(poll({ session: id, n: 1, frames: ['late'] })).toMatchObject([{ ok: false, code: 'not_found' }]);
    expect([opened.length, frames.includes('late')]).toEqual([1, false]);
  });
});

test('P8 a first poll that is repeated because its answer got lost leaves one session', () => {
  for (let i = 0; i < 5; i++) {
    poll({ cursor: 0, wait: 0 });
    host.clock.advance(10);
  }
  expect([opened.length, closed]).toEqual([5, opened.slice(0, 4)]);
  // One whose name the client knows stays: it may be another tab.
  const { session: id } = session();
  poll({ session: id, n: 1, wait: 0 });
  host.clock.advance(10);
  session();
  expect(polls.knows('phone', id)).toBe(true);
});

test('P7 a session that is closed answers its waiting poll with why', () => {
  const { session: id, socket } = session();
  const waiting = poll({ session: id, n: 1 });
  const ended = fail('session_ended', 'signed out');
  expect(polls.close(socket, ended)).toBe(true);
  expect([waiting, closed]).toEqual([[ended], [socket]]);
});

test('sockets of the platform are none of its business', () => {
  expect([polls.send(5, '1'), polls.close(5, fail('internal', ''))]).toEqual([false, false]);
});
