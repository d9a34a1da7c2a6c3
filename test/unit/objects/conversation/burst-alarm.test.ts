import { describe, expect, test } from 'vitest';
import { ALARM_MOST_MS, ALARM_MS, SOON_MS } from '../../../../objects/conversation/burst-alarm.ts';
import type { DeliverAnswer, DeliverCall } from '../../../../objects/shared/rpc.ts';
import { confirmed, message, Talk } from './support.ts';

const direct = (): Talk => settle(new Talk('direct', ['ada', 'bob']));
const group = (members: number): Talk =>
  settle(
    new Talk(
      'group',
      Array.from({ length: members }, (_, i) => `m${i}`),
    ),
  );
const away = (call: DeliverCall): DeliverAnswer => ({ attached: false, settled: call.head, cursor: 1 });
/** Has everything, and says so. */
const whole = (call: DeliverCall): DeliverAnswer => ({ attached: true, settled: call.head, cursor: 1 });

/** The birth of the conversation is told, and its alarm rang. */
function settle(talk: Talk): Talk {
  talk.respond = whole;
  talk.clock.advance(100);
  talk.ring();
  talk.delivered.length = 0;
  return talk;
}

const entriesIn = (talk: Talk): number => talk.delivered.reduce((sum, call) => sum + call.entries.length, 0);
const calls = (talk: Talk): string[] => {
  const made = talk.delivered.map((call) => `${call.user} ${call.entries.length}`);
  talk.delivered.length = 0;
  return made;
};
/** One's own entry is settled with its append. */
const say = (talk: Talk, id: string, user = 'ada') =>
  talk.core.append({ user, ops: [message(id)], settled: 0, sole: 1_000 });

describe('after the last message', () => {
  test.each([
    ['both are here', whole],
    ['the receiver is away', away],
  ])('a month brings no more than one wake, no entry, and then nothing: %s', (_, respond) => {
    const talk = direct();
    talk.respond = respond;
    say(talk, 'a');
    talk.clock.advance(10_000);
    expect(talk.alarmAt).toBeDefined();
    talk.restart();
    calls(talk);
    expect(talk.ring()).toBe(true);
    expect([talk.alarmAt, entriesIn(talk)]).toEqual([undefined, 0]);
    talk.restart();
    calls(talk);
    talk.clock.advance(30 * 86_400_000);
    talk.core.summary('bob');
    talk.clock.advance(1_000);
    expect([calls(talk), talk.alarmAt]).toEqual([[], undefined]);
  });

  test('nothing keeps the object awake once everything is confirmed', () => {
    const talk = direct();
    say(talk, 'a');
    talk.clock.advance(10);
    talk.marks('bob', 1, 1);
    talk.clock.advance(1_000);
    expect(talk.timers).toBe(0);
  });

  test('one whose two people left is quiet too', () => {
    const talk = direct();
    talk.respond = away;
    for (let i = 0; i < 40; i++) say(talk, `a${i}`);
    talk.clock.advance(10_000);
    talk.ring();
    talk.restart();
    calls(talk);
    say(talk, 'z');
    talk.clock.advance(1_000);
    // Who is away is known after the restart: nobody is called.
    expect(calls(talk)).toEqual([]);
  });
});

describe('the alarm', () => {
  test('is far away while everything goes well, and soon when something is unsettled for 5 s', () => {
    const talk = direct();
    talk.respond = () => ({ attached: true, settled: 0, handed: 1, cursor: 1 });
    const began = talk.clock.now;
    say(talk, 'a');
    expect(talk.alarmAt).toBe(began + ALARM_MS);
    talk.clock.advance(4_900);
    expect(talk.alarmAt).toBe(began + ALARM_MS);
    talk.clock.advance(200);
    expect(talk.alarmAt).toBeLessThanOrEqual(talk.clock.now + SOON_MS);
    // One that rings sooner stays.
    const at = talk.alarmAt;
    say(talk, 'b');
    talk.clock.advance(20_000);
    expect(talk.alarmAt).toBe(at);
  });

  test('P4 rings for what a crash left: asks, and brings what is missing', () => {
    const talk = direct();
    talk.respond = undefined;
    say(talk, 'a');
    talk.restart();
    calls(talk);
    let has = 0;
    talk.respond = (call) => {
      if (call.user === 'ada') return whole(call);
      has = Math.max(has, call.entries.at(-1)?.seq ?? 0);
      return { attached: true, settled: has, handed: has, cursor: 1 };
    };
    expect(talk.ring()).toBe(true);
    expect(calls(talk)).toEqual(['ada 0', 'bob 0', 'bob 1']);
    expect(talk.alarmAt).toBeUndefined();
  });

  test('P4 does not wait for it when something wakes the object before', () => {
    const talk = direct();
    talk.respond = undefined;
    say(talk, 'a');
    talk.restart();
    calls(talk);
    talk.respond = (call) => (call.user === 'ada' ? whole(call) : confirmed(call));
    talk.core.summary('ada');
    talk.clock.advance(100);
    expect(calls(talk)).toEqual(['ada 0', 'bob 0', 'bob 1']);
  });

  test('P9 comes again for who can not be reached: after a minute, then twice as long, up to a day, over restarts', () => {
    const talk = direct();
    talk.respond = () => undefined;
    say(talk, 'a');
    const waits: number[] = [];
    for (let i = 0; i < 14; i++) {
      talk.restart();
      talk.clock.advance(Math.max(0, (talk.alarmAt ?? 0) - talk.clock.now));
      calls(talk);
      expect(talk.ring()).toBe(true);
      // With little: one question, and the quick tries after it.
      expect(entriesIn(talk)).toBe(0);
      waits.push((talk.alarmAt ?? 0) - talk.clock.now + 10_000);
    }
    expect(waits.map((ms) => Math.round(ms / 60_000))).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_440, 1_440, 1_440,
    ]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(ALARM_MOST_MS + 10_000);
    talk.respond = whole;
    talk.clock.advance(ALARM_MOST_MS);
    talk.ring();
    expect(talk.alarmAt).toBeUndefined();
  });

  test('P9 waits five seconds for a member whose call hangs, not longer', () => {
    const talk = direct();
    talk.respond = undefined;
    say(talk, 'a');
    talk.restart();
    expect(talk.ring(4_900)).toBe(false);
    expect(talk.ring(5_100)).toBe(true);
    expect(talk.alarmAt).toBeDefined();
  });

  test('is set anew when it is far in the future: the clock stepped back', () => {
    const talk = direct();
    say(talk, 'a');
    const before = talk.alarmAt ?? 0;
    talk.clock.advance(-3_600_000);
    say(talk, 'b');
    expect(talk.alarmAt).toBeLessThan(before);
  });
});

describe('progress of each member', () => {
  test('P9 one who can not be settled holds up nobody else: a wake brings the others nothing', () => {
    const talk = group(50);
    talk.respond = (call) => (call.user === 'm7' ? undefined : whole(call));
    for (let i = 0; i < 300; i++) {
      say(talk, `a${i}`, 'm0');
      talk.clock.advance(200);
    }
    talk.clock.advance(60_000);
    talk.ring();
    talk.restart();
    calls(talk);
    talk.clock.advance(ALARM_MOST_MS);
    talk.ring();
    const told = new Set(calls(talk));
    expect([...told]).toEqual(['m7 0']);
  });

  test('is known for every member of a large group after a restart, one who was away included', () => {
    const talk = group(200);
    talk.respond = (call) => (Number(call.user.slice(1)) >= 100 ? away(call) : whole(call));
    say(talk, 'a', 'm0');
    talk.clock.advance(5_000);
    talk.ring();
    talk.restart();
    calls(talk);
    say(talk, 'b', 'm0');
    talk.clock.advance(1_000);
    // 99 others are here, and the one who wrote has it.
    expect(talk.delivered.length).toBe(99);
    expect(entriesIn(talk)).toBe(99);
  });

  test('P4 coming back is durable before it is answered', () => {
    const talk = direct();
    talk.respond = away;
    for (let i = 0; i < 40; i++) say(talk, `a${i}`);
    talk.clock.advance(1_000);
    talk.ring();
    talk.restart();
    expect(talk.core.pull({ user: 'bob', limit: 100, attach: 5 }).ok).toBe(true);
    talk.restart();
    talk.respond = whole;
    calls(talk);
    say(talk, 'z');
    talk.clock.advance(100);
    expect(calls(talk)).toEqual(['bob 1']);
  });

  test('what a resume brought is not delivered a second time', () => {
    const talk = direct();
    talk.respond = away;
    for (let i = 0; i < 40; i++) say(talk, `a${i}`);
    talk.clock.advance(1_000);
    talk.ring();
    talk.restart();
    calls(talk);
    talk.core.pull({ user: 'bob', limit: 100, attach: 5 });
    talk.clock.advance(60_000);
    expect(entriesIn(talk)).toBe(0);
  });

  test('P7 who was removed while away is told, also after a restart', () => {
    const talk = group(3);
    talk.respond = away;
    for (let i = 0; i < 40; i++) say(talk, `a${i}`, 'm0');
    talk.clock.advance(1_000);
    talk.ring();
    talk.restart();
    talk.respond = undefined;
    talk.core.removeMember('m0', 'm2');
    talk.restart();
    calls(talk);
    talk.respond = away;
    talk.clock.advance(1_000);
    const [end] = talk.delivered.filter((call) => call.user === 'm2');
    expect(end).toMatchObject({ ended: true, head: 41 });
  });

  test('a row that the version before wrote says nothing of it: everybody is asked', () => {
    const talk = direct();
    talk.respond = away;
    for (let i = 0; i < 40; i++) say(talk, `a${i}`);
    talk.clock.advance(1_000);
    talk.ring();
    talk.sql.run("INSERT OR REPLACE INTO progress (id, settled, marks) VALUES (0, 3, '[]')");
    talk.restart();
    calls(talk);
    say(talk, 'z');
    talk.clock.advance(100);
    expect(calls(talk).sort()).toEqual(['ada 0', 'bob 0']);
  });
});

test('P9 who was called longest ago is called first, however many wait', () => {
  const talk = group(200);
  talk.respond = undefined;
  say(talk, 'a', 'm0');
  const called: string[] = [];
  for (let i = 0; i < 600; i++) {
    const open = talk.open.shift();
    if (!open) break;
    called.push(open.call.user);
    open.done(whole(open.call));
    // There is always something new, so that everybody is owed a call all the time.
    talk.clock.advance(150);
    if (i % 3 === 0) say(talk, `b${i}`, 'm0');
  }
  // In every round each of the 199 others has one turn before anybody has the next.
  for (const round of [0, 1]) expect(new Set(called.slice(round * 199, (round + 1) * 199)).size).toBe(199);
});

test('P9 a clock that steps back by an hour stops no group', () => {
  const talk = group(40);
  talk.respond = whole;
  say(talk, 'a', 'm0');
  talk.clock.advance(1_000);
  calls(talk);
  talk.clock.advance(-3_600_000);
  say(talk, 'b', 'm0');
  talk.clock.advance(1_000);
  expect(talk.delivered.length).toBe(39);
});
