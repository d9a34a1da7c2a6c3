import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer, PollCall } from '../../../../objects/shared/rpc.ts';
import { POLL_LEASE_MS, Polls } from '../../../../objects/user/polls.ts';
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
  poll({ cursor: 7, heads: { c: 3 } });
  expect(frames.map((f) => JSON.parse(f))).toEqual([{ type: 'hello', cursor: 7, heads: { c: 3 } }]);
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

test('P8 what is not fetched ends the session, with a bounded buffer', () => {
  const { session: id, socket } = session();
  for (let i = 0; i < 20_000; i++) polls.send(socket, '1');
  expect([closed, polls.knows('phone', id)]).toEqual([[socket], false]);
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
