import { beforeEach, describe, expect, test } from 'vitest';
import { Reports, type Ride } from '../../../../objects/user/reports.ts';
import type { Failure } from '../../../../schema/protocol/errors.ts';
import { FakeHost, type OpenCall } from './support.ts';

let host: FakeHost;
let reports: Reports;
/** What is settled here, in every conversation. */
let settled: number;
/** Connections that were told of a refusal. */
let refusals: [connection: number, failure: Failure][];
beforeEach(() => {
  host = new FakeHost();
  settled = 0;
  reports = new Reports(host, 'me', () => settled);
  refusals = [];
});
const add = (delivered: number, read = 0, from = 1, conversation = 'c'): boolean =>
  reports.add(conversation, delivered, read, from, (failure) => refusals.push([from, failure]));
/** The calls that started within so many milliseconds. */
function within(ms: number): OpenCall<'marks'>[] {
  host.clock.advance(ms);
  return host.calls.splice(0) as unknown as OpenCall<'marks'>[];
}
const ok = { ok: true, head: 10_000 } as const;
const notFound = { ok: false, code: 'not_found', detail: 'no such conversation' } as const;
/** One device confirms, which settles what it confirms. */
function confirm(seq: number, read = 0): void {
  settled = seq;
  add(seq, read);
}

describe('gathering', () => {
  test('P6 many confirmations make one report of the highest', () => {
    settled = 7;
    for (let i = 1; i <= 20; i++) add(i);
    add(3, 15);
    add(2);
    const calls = within(50);
    expect(calls.map((c) => c.argument)).toEqual([{ user: 'me', delivered: 20, read: 15, settled: 7 }]);
    calls[0]?.done(ok);
    expect(within(60_000)).toEqual([]);
  });

  test('P6 read implies delivered', () => {
    add(0, 9);
    expect(within(50)[0]?.argument).toMatchObject({ delivered: 9, read: 9 });
  });

  test('says whether the read mark moved', () => {
    expect([add(5), add(5, 3), add(9, 3), add(9, 4)]).toEqual([false, true, false, true]);
  });

  test('P6 what comes while a report is under way goes with the next, one at a time', () => {
    add(1);
    const [first] = within(50);
    add(2);
    expect(within(5_000)).toEqual([]);
    first?.done(ok);
    expect(within(500).map((c) => c.argument.delivered)).toEqual([2]);
  });

  test('a busy conversation is reported less and less often, at least twice a second, and a calm one quickly', () => {
    let calls = 0;
    for (let i = 1; i <= 1_000; i++) {
      add(i);
      for (const call of within(10)) {
        calls++;
        call.done(ok);
      }
    }
    expect(calls).toBeGreaterThanOrEqual(18);
    expect(calls).toBeLessThanOrEqual(26);
    for (const call of within(5_000)) call.done(ok);
    within(1_000);
    add(2_000);
    expect(within(50).length).toBe(1);
  });
});

describe('a report that fails', () => {
  /** Fails the calls of the first so many milliseconds. @returns how many there were. */
  function failing(ms: number): number {
    let count = 0;
    for (let at = 0; at < ms; at += 50) {
      for (const call of within(50)) {
        count++;
        call.done(undefined);
      }
    }
    return count;
  }

  test('P6 P9 is tried after 0.5, 2 and 8 seconds, and every 8 seconds from then on', () => {
    add(5, 5);
    const [first] = within(50);
    first?.done(undefined);
    for (const wait of [500, 2_000, 8_000, 8_000, 8_000]) {
      expect(within(wait - 1)).toEqual([]);
      const [again] = within(1);
      expect(again?.argument).toMatchObject({ delivered: 5, read: 5 });
      again?.done(undefined);
    }
    within(8_000)[0]?.done(ok);
    expect(within(600_000)).toEqual([]);
  });

  test('P6 P9 what was read in an outage of 15 seconds is told without anything else happening', () => {
    add(5, 5);
    failing(15_000);
    const calls = within(8_000);
    expect(calls.map((c) => c.argument)).toMatchObject([{ delivered: 5, read: 5 }]);
    calls[0]?.done(ok);
    expect(within(600_000)).toEqual([]);
  });

  test('P6 P9 goes at once when the conversation is heard from, with what is new by then', () => {
    add(5, 5);
    failing(12_000);
    add(6);
    expect(within(0)).toEqual([]);
    reports.contact('c');
    const calls = within(0);
    expect(calls.map((c) => c.argument)).toMatchObject([{ delivered: 6, read: 5 }]);
    calls[0]?.done(ok);
    reports.contact('c');
    expect(within(600_000)).toEqual([]);
  });

  test('P9 goes no more than once a second, however often the conversation calls', () => {
    add(5);
    failing(100);
    let calls = 0;
    for (let at = 0; at < 10_000; at += 10) {
      reports.contact('c');
      for (const call of within(10)) {
        calls++;
        call.done(undefined);
      }
    }
    expect(calls).toBeGreaterThanOrEqual(9);
    expect(calls).toBeLessThanOrEqual(11);
  });

  test('P6 P9 hangs: after 5 seconds the conversation is heard from, and nobody waits for it', () => {
    add(5, 5);
    const [hanging] = within(50);
    within(4_000);
    reports.contact('c');
    expect(within(1_500)).toEqual([]);
    reports.contact('c');
    const [second] = within(0);
    expect(second?.argument).toMatchObject({ delivered: 5, read: 5 });
    add(8);
    // The end of the one that hung means nothing for the second.
    hanging?.done(undefined);
    expect(within(5_000)).toEqual([]);
    second?.done(ok);
    expect(within(500).map((c) => c.argument.delivered)).toEqual([8]);
  });

  test('P6 that hung and arrives after all counts', () => {
    add(5, 5);
    const [hanging] = within(50);
    within(6_000);
    reports.contact('c');
    const [second] = within(0);
    hanging?.done(ok);
    second?.done(undefined);
    expect(within(60_000)).toEqual([]);
  });

  test('a conversation that is heard from and has no failure behind it gathers as ever', () => {
    add(5);
    reports.contact('c');
    expect(within(49)).toEqual([]);
    reports.contact('c');
    expect(within(1).length).toBe(1);
    reports.contact('unknown');
  });

  test.each([
    ['back', -3_600_000],
    ['forward', 3_600_000],
  ])('P9 a wall clock that steps %s by an hour keeps no report waiting', (_, step) => {
    add(5);
    failing(100);
    host.stepped = step;
    const again = within(500);
    expect(again.length).toBe(1);
    again[0]?.done(ok);
    within(1_000);
    add(6);
    expect(within(100).length).toBe(1);
  });
});

test('P6 a report answered by a code of a later release is tried again, like any failure of the service', () => {
  confirm(3);
  const [first] = within(50);
  first?.done({ ok: false, code: 'of_tomorrow', detail: '' } as unknown as Failure);
  expect(within(500).map((call) => call.argument.delivered)).toEqual([3]);
  expect(refusals).toEqual([]);
});

describe('a report that is refused', () => {
  test('P7 is told, and forgotten', () => {
    add(5);
    within(50)[0]?.done(notFound);
    expect([refusals, reports.marks('c')]).toEqual([[[1, notFound]], undefined]);
    expect(within(60_000)).toEqual([]);
  });

  test('P7 P8 is told to every connection that confirmed, once', () => {
    add(5, 0, 1);
    add(6, 0, 2);
    add(7, 0, 1);
    const [call] = within(50);
    add(8, 0, 3);
    call?.done(notFound);
    expect(refusals.map(([from]) => from).sort()).toEqual([1, 2, 3]);
    expect(within(60_000)).toEqual([]);
  });

  test('P7 is not told to those whose confirmations were taken before', () => {
    add(5, 0, 1);
    within(50)[0]?.done(ok);
    add(6, 0, 2);
    within(500)[0]?.done(notFound);
    expect(refusals.map(([from]) => from)).toEqual([2]);
  });

  test('P8 is told to the latest 100 connections, where more came and went meanwhile', () => {
    for (let from = 1; from <= 250; from++) add(5, 0, from);
    within(50)[0]?.done(notFound);
    expect(refusals.map(([from]) => from)).toEqual(Array.from({ length: 100 }, (_, i) => 151 + i));
  });

  test('P7 in answer to a later call ends what hung before it', () => {
    add(5);
    const [hanging] = within(50);
    within(6_000);
    reports.contact('c');
    within(0)[0]?.done(notFound);
    hanging?.done(notFound);
    expect(refusals.length).toBe(1);
    add(5);
    expect(within(50).length).toBe(1);
  });
});

describe('what is settled', () => {
  test('P6 goes with the marks: one device costs one call for both', () => {
    for (let seq = 1; seq <= 5; seq++) {
      confirm(seq);
      const calls = within(2_000);
      expect(calls.map((c) => c.argument)).toEqual([{ user: 'me', delivered: seq, read: 0, settled: seq }]);
      calls[0]?.done(ok);
    }
    expect(within(60_000)).toEqual([]);
  });

  test('P6 is reported when the second device confirms, though no mark moves', () => {
    settled = 4;
    add(5, 0, 1);
    within(50)[0]?.done(ok);
    settled = 5;
    add(5, 0, 2);
    const calls = within(500);
    expect(calls.map((c) => c.argument)).toEqual([{ user: 'me', delivered: 5, read: 0, settled: 5 }]);
    calls[0]?.done(ok);
    add(5, 0, 2);
    expect(within(60_000)).toEqual([]);
  });

  test('P6 is reported again when the call with it failed', () => {
    settled = 4;
    add(5, 0, 1);
    within(50)[0]?.done(ok);
    settled = 5;
    add(5, 0, 2);
    within(500)[0]?.done(undefined);
    expect(within(500).map((c) => c.argument.settled)).toEqual([5]);
  });

  test('by own sends alone causes no call', () => {
    confirm(5, 5);
    within(50)[0]?.done(ok);
    settled = 9;
    add(5, 5);
    expect(within(60_000)).toEqual([]);
  });

  test('P6 rides with a send, and needs no call then', () => {
    settled = 4;
    add(5, 0, 1);
    within(50)[0]?.done(ok);
    settled = 5;
    add(5, 0, 2);
    const ride = reports.ride('c') as Ride;
    expect(ride).toMatchObject({ marks: undefined, settled: 5 });
    reports.rode('c', ride, 10_000);
    expect(within(60_000)).toEqual([]);
  });
});

describe('riding with a send', () => {
  test('P6 takes what waits along, instead of a call of its own', () => {
    add(5, 4);
    const ride = reports.ride('c') as Ride;
    expect(ride.marks).toEqual({ delivered: 5, read: 4 });
    expect([reports.ride('c'), within(60_000).length]).toEqual([undefined, 0]);
    reports.rode('c', ride, 10_000);
    expect(within(60_000)).toEqual([]);
  });

  test('P6 that did not arrive is reported after all', () => {
    add(5, 4);
    reports.rode('c', reports.ride('c') as Ride, undefined);
    expect(within(1_000).map((c) => c.argument)).toMatchObject([{ delivered: 5, read: 4 }]);
  });

  test('P6 what came meanwhile is reported afterwards', () => {
    add(5);
    const ride = reports.ride('c') as Ride;
    add(8);
    reports.rode('c', ride, 10_000);
    expect(within(1_000).map((c) => c.argument.delivered)).toEqual([8]);
  });

  test('nothing rides where nothing waits or a report is under way', () => {
    expect(reports.ride('c')).toBeUndefined();
    add(5);
    const [call] = within(50);
    expect(reports.ride('c')).toBeUndefined();
    call?.done(ok);
    expect(reports.ride('c')).toBeUndefined();
  });
});

test('P6 a mark beyond the log does not stand in the way of the true ones that follow', () => {
  add(1_000_000, 1_000_000);
  within(50)[0]?.done({ ok: true, head: 5 });
  expect(within(60_000)).toEqual([]);
  add(6, 6);
  expect(within(500).map((c) => c.argument)).toMatchObject([{ delivered: 6, read: 6 }]);
});

describe('P8 memory', () => {
  const reportAll = (count: number): void => {
    for (let i = 0; i < count; i++) add(5, 5, 1, `c${i}`);
    for (const call of within(50)) call.done(ok);
  };
  const kept = (count: number): number =>
    Array.from({ length: count }, (_, i) => reports.marks(`c${i}`)).filter((marks) => marks).length;

  test('does not grow with the conversations of a life: those told long ago are forgotten', () => {
    for (let round = 0; round < 6; round++) {
      reportAll(5_000);
      within(120_000);
    }
    for (let i = 0; i < 5_000; i++) add(5, 5, 1, `other${i}`);
    expect(kept(5_000)).toBe(0);
  });

  test('keeps what was reported less than a minute ago, which an answer on its way may not know', () => {
    reportAll(2_000);
    within(59_000);
    for (let i = 0; i < 2_000; i++) add(5, 5, 1, `other${i}`);
    expect(kept(2_000)).toBe(2_000);
    expect(reports.latest('c0', { delivered: 1, read: 1 }, 10)).toEqual({ delivered: 5, read: 5 });
  });

  test('keeps what still has to be told, however old', () => {
    add(5, 5, 1, 'failing');
    within(50)[0]?.done(undefined);
    reportAll(3_000);
    for (let i = 0; i < 10; i++) for (const call of within(10_000)) call.done(undefined);
    for (let i = 0; i < 3_000; i++) add(5, 5, 1, `other${i}`);
    expect([reports.marks('failing'), kept(3_000)]).toMatchObject([{ read: 5 }, 0]);
  });

  test('of more than 10,000 conversations that can not be told, further ones are refused by name', () => {
    for (let i = 0; i < 10_001; i++) add(5, 5, 1, `c${i}`);
    expect(refusals).toMatchObject([[1, { code: 'rate_limited', retryAfter: 10 }]]);
    // Those that are there go on.
    expect([add(6, 6, 1, 'c0'), refusals.length]).toEqual([true, 1]);
  });
});
