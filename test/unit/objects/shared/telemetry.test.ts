import { beforeEach, describe, expect, test } from 'vitest';
import {
  atEndOfTurn,
  COUNTERS,
  DURATIONS,
  silent,
  type Telemetry,
  telemetryOf,
} from '../../../../objects/shared/telemetry.ts';
import { Turns } from '../../../../objects/shared/turns.ts';
import { User } from '../../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../../schema/protocol/limits.ts';
import { CountedTelemetry } from '../../../support/counted-telemetry.ts';
import { message, Talk } from '../conversation/support.ts';
import { CountingSql, delivery, FakeHost } from '../user/support.ts';

test('names say whose they are, and every one says what it counts', () => {
  for (const [name, what] of [...Object.entries(COUNTERS), ...Object.entries(DURATIONS)]) {
    expect(name).toMatch(/^(conversation|user|worker)(\.[a-z]+)+$/);
    expect(what).not.toBe('');
  }
});

test('a deployment without a port counts nothing, and that costs nothing', () => {
  expect(telemetryOf({})).toBe(silent);
  expect(atEndOfTurn(silent, () => expect.unreachable())).toBe(silent);
});

describe('a turn', () => {
  let told: CountedTelemetry;
  let turns: Turns<Telemetry>;
  beforeEach(() => {
    told = new CountedTelemetry();
    turns = new Turns<Telemetry>({ start: (life) => atEndOfTurn(told, life.effect), crashed: () => {} });
  });

  test('is counted at its end', () => {
    turns.run((telemetry) => {
      telemetry.count('user.frame');
      telemetry.duration('worker.request', 5);
      expect(told.counts).toEqual({});
    });
    expect([told.counts, told.durations]).toEqual([{ 'user.frame': 1 }, { 'worker.request': [5] }]);
  });

  test('that throws counts for nothing', () => {
    const bug = (telemetry: Telemetry): never => {
      telemetry.count('user.frame');
      throw new Error('bug');
    };
    expect(() => turns.run(bug)).toThrow('bug');
    turns.run((telemetry) => telemetry.count('user.frame', 2));
    expect(told.counts).toEqual({ 'user.frame': 2 });
  });
});

test('a conversation counts what is appended, its calls and those that fail, and its alarm', () => {
  const talk = new Talk('group', ['ada', 'bob', 'cyd']);
  talk.clock.advance(100);
  const before = { ...talk.telemetry.counts };
  talk.respond = ({ user, head }) =>
    user === 'cyd' ? undefined : { attached: true, settled: head, cursor: 1 };
  talk.append('ada', message('one'), message('two'));
  talk.append('ada', message('two'));
  talk.clock.advance(10);
  const counts = talk.telemetry.counts;
  expect(counts['conversation.append']).toBe((before['conversation.append'] ?? 0) + 2);
  expect(counts['conversation.deliver']).toBe(talk.delivered.length);
  expect(counts['conversation.deliver.failed']).toBeGreaterThan(0);
  expect(talk.telemetry.durations['conversation.deliver']?.every((ms) => ms === 1)).toBe(true);
  expect(counts['conversation.alarm']).toBe(before['conversation.alarm']);
  talk.ring();
  expect(counts['conversation.alarm']).toBe((before['conversation.alarm'] ?? 0) + 1);
});

test('a user’s object counts frames, resumes, calls, and who is closed for being silent', () => {
  const host = new FakeHost();
  const user = new User('me', new CountingSql(), host, DEFAULT_LIMITS, new Map());
  user.opened(1, 'phone');
  user.frame(1, '{"type":"hello"}');
  user.frame(1, '{"type":"focus","conversation":null}');
  user.deliver(delivery([]));
  expect(host.telemetry.counts).toEqual({ 'user.frame': 2, 'user.resume': 1, 'user.deliver': 1 });
  user.opened(2, 'tablet');
  host.clock.advance(60_000);
  expect(host.telemetry.counts['user.socket.silent']).toBe(1);
  user.deliver(delivery([]));
  expect(host.telemetry.counts['user.socket.silent']).toBe(2);
});
