import { beforeEach, describe, expect, test } from 'vitest';
import { Reports } from '../../../../objects/user/reports.ts';
import { FakeHost, type OpenCall } from './support.ts';

let host: FakeHost;
let reports: Reports;
let refusals: number;
beforeEach(() => {
  host = new FakeHost();
  reports = new Reports(host, 'me', () => 7);
  refusals = 0;
});
const add = (delivered: number, read = 0): boolean => reports.add('c', delivered, read, () => refusals++);
/** The calls that started within so many milliseconds. */
function within(ms: number): OpenCall<'marks'>[] {
  host.clock.advance(ms);
  return host.calls.splice(0) as unknown as OpenCall<'marks'>[];
}
const ok = { ok: true, head: 10_000 } as const;

describe('gathering', () => {
  test('P6 many confirmations make one report of the highest', () => {
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
  test('P6 P9 is tried after 0.5, 2 and 8 seconds, then left to the next confirmation', () => {
    add(5, 5);
    const [first] = within(50);
    first?.done(undefined);
    for (const wait of [500, 2_000, 8_000]) {
      expect(within(wait - 1)).toEqual([]);
      const [again] = within(1);
      expect(again?.argument).toMatchObject({ delivered: 5, read: 5 });
      again?.done(undefined);
    }
    expect(within(600_000)).toEqual([]);
    add(6);
    expect(within(500).map((c) => c.argument)).toMatchObject([{ delivered: 6, read: 5 }]);
  });

  test('P7 that is refused is told, and forgotten', () => {
    add(5);
    within(50)[0]?.done({ ok: false, code: 'not_found', detail: '' });
    expect([refusals, reports.marks('c')]).toEqual([1, undefined]);
    expect(within(60_000)).toEqual([]);
  });
});

describe('riding with a send', () => {
  test('P6 takes what waits along, instead of a call of its own', () => {
    add(5, 4);
    const marks = reports.ride('c');
    expect(marks).toEqual({ delivered: 5, read: 4 });
    expect([reports.ride('c'), within(60_000).length]).toEqual([undefined, 0]);
    if (marks) reports.rode('c', marks, 10_000);
    expect(within(60_000)).toEqual([]);
  });

  test('P6 that did not arrive is reported after all', () => {
    add(5, 4);
    const marks = reports.ride('c');
    if (marks) reports.rode('c', marks, undefined);
    expect(within(1_000).map((c) => c.argument)).toMatchObject([{ delivered: 5, read: 4 }]);
  });

  test('P6 what came meanwhile is reported afterwards', () => {
    add(5);
    const marks = reports.ride('c');
    add(8);
    if (marks) reports.rode('c', marks, 10_000);
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
