import { beforeEach, expect, test } from 'vitest';
import type { ApiAnswer, PollCall, UserRequest } from '../../../../objects/shared/rpc.ts';
import { User } from '../../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { CountingSql, FakeHost } from './support.ts';

let host: FakeHost;
let sql: CountingSql;
let user: User;
beforeEach(() => {
  host = new FakeHost();
  sql = new CountingSql();
  user = new User('me', sql, host, DEFAULT_LIMITS, new Map());
});

function poll(call: Partial<PollCall> = {}): ApiAnswer[] {
  const answers: ApiAnswer[] = [];
  user.poll('phone', { frames: [], wait: 0, cursor: 0, ...call }, (answer) => answers.push(answer));
  return answers;
}

test('P8 polls are counted like frames; a refused one took none of its frames and is told when to come again', () => {
  const [first] = [poll()];
  host.clock.advance(10);
  const { session } = JSON.parse(first[0]?.ok ? first[0].body : '{}') as { session: string };
  const flood = Array(100).fill('{"type":"focus","conversation":null}') as string[];
  for (let i = 0; i < 4; i++) poll({ session, frames: flood });
  const frames = ['{"type":"send","clientId":"m","conversation":"c","content":{"kind":"text","text":"hi"}}'];
  const refused = { ok: false, code: 'rate_limited', retryAfter: 1 };
  for (const n of [1, 2]) expect(poll({ session, n, frames })).toMatchObject([refused]);
  // A new session is no way around it, and nothing begins for it.
  expect(poll()).toMatchObject([refused]);
  host.clock.advance(1);
  expect(host.calls).toEqual([]);
  // Leaving is never too often; who waits as told is let in.
  expect(poll({ session, close: true })).toMatchObject([{ ok: true }]);
  host.clock.advance(1_000);
  poll({ frames });
  host.clock.advance(1);
  expect(host.next('append').conversation).toBe('c');
});

test('P8 too many changes of preferences are refused with a time to wait, and write nothing', () => {
  const answers: ApiAnswer[] = [];
  user.deliver({
    user: 'me',
    conversation: 'c',
    kind: 'group',
    entries: [],
    head: 0,
    receipts: [],
    ended: false,
  });
  const change = (pinned: boolean): void =>
    user.request('phone', { op: 'setPrefs', conversation: 'c', change: { pinned } }, (a) => answers.push(a));
  for (let i = 0; i < DEFAULT_LIMITS.frameBurst; i++) change(i % 2 === 0);
  expect(answers.every((a) => a.ok)).toBe(true);
  const before = sql.writes;
  change(true);
  expect(answers.at(-1)).toMatchObject({ ok: false, code: 'rate_limited', retryAfter: 1 });
  expect(sql.writes).toBe(before);
  // A conversation that is known costs no call.
  expect(host.calls).toEqual([]);
});

test('P9 a request that only a later release knows is told to come again', () => {
  const answers: ApiAnswer[] = [];
  user.request('phone', { op: 'of-tomorrow' } as unknown as UserRequest, (answer) => answers.push(answer));
  expect(answers).toMatchObject([{ ok: false, code: 'unavailable', retryAfter: 30 }]);
});
