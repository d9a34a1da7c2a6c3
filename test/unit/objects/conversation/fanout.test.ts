import { beforeEach, describe, expect, test } from 'vitest';
import {
  CALL_LIMIT_MS,
  Fanout,
  isOwed,
  isUnsettled,
  type Lane,
} from '../../../../objects/conversation/fanout.ts';

const away = (cursor: number) => ({ attached: false, settled: 0, cursor });
const here = (settled: number) => ({ attached: true, settled, cursor: 0 });

let fanout: Fanout;
let lane: Lane;
beforeEach(() => {
  fanout = new Fanout();
  lane = fanout.open(0, 0);
});
/** A whole call to the member, answered at once. */
function call(upTo: number, answer: Parameters<Fanout['answered']>[2], now = 0): void {
  fanout.answered(lane, fanout.begin(lane, upTo, now), answer, { upTo, head: upTo, now });
}
const told = (upTo: number, head = upTo) => ({ upTo, head, now: 0 });

describe('when a call is due', () => {
  test('P4 as soon as there is something new, and not while one is under way', () => {
    expect(fanout.dueAt(lane, 0)).toBeUndefined();
    expect(fanout.dueAt(lane, 1)).toBe(0);
    const id = fanout.begin(lane, 1, 0);
    expect(fanout.dueAt(lane, 3)).toBeUndefined();
    fanout.answered(lane, id, here(1), told(1));
    expect(fanout.dueAt(lane, 3)).toBe(0);
  });

  test('P4 one who is to be told of the conversation is owed a call though there is no entry', () => {
    expect(fanout.dueAt(fanout.open(1, -1), 0)).toBe(0);
  });

  test('P4 one who was not told is owed the call again, also when their object says it can not tell what is settled', () => {
    lane = fanout.open(0, -1);
    const id = fanout.begin(lane, 0, 0);
    fanout.settle(0, 0, 0, 0);
    fanout.failed(lane, id, 0);
    expect(fanout.dueAt(lane, 0)).toBeDefined();
    expect(fanout.watermark(0)).toBe(-1);
    call(0, here(0), 1_000);
    expect(fanout.dueAt(lane, 0)).toBeUndefined();
    expect(fanout.watermark(0)).toBe(0);
  });

  test('receipts at their time, entries before it', () => {
    lane.receipt = 1;
    lane.receiptAt = 900;
    expect(fanout.dueAt(lane, 0)).toBe(900);
    expect(fanout.dueAt(lane, 1)).toBe(0);
  });

  test.each([
    [32, 0],
    [33, 1_150],
  ])('with %d members the next call is due at %d', (members, due) => {
    for (let n = 1; n < members; n++) fanout.open(n, 0);
    call(1, here(1), 1_000);
    expect(fanout.dueAt(lane, 2)).toBe(due);
  });
});

describe('who is away', () => {
  test('P4 is not called until a device comes back, and has everything up to then', () => {
    call(1, away(5));
    expect(fanout.dueAt(lane, 9)).toBeUndefined();
    expect(lane.settled).toBe(1);
    fanout.attach(0, 6, 9);
    expect([fanout.dueAt(lane, 9), fanout.dueAt(lane, 10)]).toEqual([undefined, 0]);
  });

  test('P4 an answer from before the attach that arrives after it changes nothing', () => {
    const id = fanout.begin(lane, 1, 0);
    fanout.attach(0, 6, 1);
    fanout.answered(lane, id, away(5), told(1));
    expect([lane.attached, fanout.dueAt(lane, 2)]).toEqual([true, 0]);
  });

  test('P4 an answer from after the attach counts: they went again', () => {
    const id = fanout.begin(lane, 1, 0);
    fanout.attach(0, 6, 1);
    fanout.answered(lane, id, away(6), told(1));
    expect(lane.attached).toBe(false);
  });

  test('P4 an older attach that arrives late does not undo a newer', () => {
    fanout.attach(0, 9, 0);
    fanout.attach(0, 3, 0);
    call(1, away(8));
    expect(lane.attached).toBe(true);
  });
});

describe('a call that fails', () => {
  test('P9 is tried again after 250 ms, 1 s, 4 s, then only with something new, at twice the distance each time', () => {
    const waits = [250, 1_000, 4_000, 1_000, 2_000, 4_000].map((expected, i) => {
      const now = i * 10_000;
      const wait = fanout.failed(lane, fanout.begin(lane, 1, now), now);
      expect(fanout.dueAt(lane, 1)).toBe(now + expected);
      return wait;
    });
    expect(waits).toEqual([250, 1_000, 4_000, undefined, undefined, undefined]);
    for (let i = 0; i < 20; i++) fanout.failed(lane, fanout.begin(lane, 1, 0), 0);
    expect(fanout.dueAt(lane, 1)).toBe(60_000);
  });

  test('P9 is tried with little: the member is asked, until one answers', () => {
    expect(lane.ask).toBe(false);
    fanout.failed(lane, fanout.begin(lane, 9, 0), 0);
    expect([lane.ask, lane.sent]).toEqual([true, 0]);
    call(0, here(0));
    expect(lane.ask).toBe(false);
  });

  test('P4 makes everything unsettled due again, and success forgets the failures', () => {
    call(3, here(2));
    fanout.failed(lane, fanout.begin(lane, 5, 0), 0);
    expect([lane.sent, lane.failures]).toEqual([2, 1]);
    call(5, here(5));
    expect([lane.sent, lane.failures, lane.settled]).toEqual([5, 0, 5]);
  });

  test('P9 one that hangs is given up, and its late answer or failure ignored', () => {
    const id = fanout.begin(lane, 2, 0);
    fanout.askAgain(lane, CALL_LIMIT_MS - 1);
    expect(fanout.dueAt(lane, 2)).toBeUndefined();
    fanout.askAgain(lane, CALL_LIMIT_MS);
    expect(fanout.dueAt(lane, 2)).toBe(0);
    const next = fanout.begin(lane, 2, CALL_LIMIT_MS);
    expect(fanout.answered(lane, id, away(99), told(2))).toBe(false);
    expect(fanout.failed(lane, id, 0)).toBeUndefined();
    expect([lane.attached, lane.call, lane.settled]).toEqual([true, next, 0]);
  });
});

describe('what is settled', () => {
  test('P4 is asked about until everything is', () => {
    call(3, here(1));
    expect(isUnsettled(lane, 3)).toBe(true);
    fanout.askAgain(lane, 0);
    expect([lane.sent, lane.ask, fanout.dueAt(lane, 3)]).toEqual([1, true, 0]);
    fanout.answered(lane, fanout.begin(lane, 1, 0), here(3), told(1, 3));
    expect(isUnsettled(lane, 3)).toBe(false);
  });

  test('P4 what the member was handed and has not confirmed is not brought again', () => {
    fanout.askAgain(lane, 0);
    fanout.answered(lane, fanout.begin(lane, 0, 0), { ...here(1), handed: 3 }, told(0, 5));
    expect([lane.settled, lane.sent, fanout.dueAt(lane, 5)]).toEqual([1, 3, 0]);
  });

  test('nobody says more than there is', () => {
    fanout.answered(lane, fanout.begin(lane, 1, 0), { ...here(99), handed: 99 }, told(1));
    expect([lane.settled, lane.sent]).toEqual([1, 1]);
  });

  test('the watermark is the least of those who are reachable, and never above the head', () => {
    const other = fanout.open(1, 0);
    call(3, here(3));
    fanout.settle(1, 2, 3, 0);
    expect(fanout.watermark(3)).toBe(2);
    fanout.settle(1, 99, 3, 0);
    fanout.settle(1, 1, 3, 0);
    expect([other.settled, fanout.watermark(3)]).toEqual([3, 3]);
    fanout.answered(other, fanout.begin(other, 3, 0), away(1), told(3));
    expect(fanout.watermark(9)).toBe(3);
  });
});

describe('own entries', () => {
  test('are not delivered back where nothing is missing before them', () => {
    fanout.own(0, 1, 3, undefined);
    expect(fanout.dueAt(lane, 3)).toBeUndefined();
  });

  test('are settled with the append where nobody else has to get them, and owed to nobody where somebody has', () => {
    fanout.own(0, 1, 3, 1);
    expect(isUnsettled(lane, 3)).toBe(false);
    fanout.own(0, 4, 5, undefined);
    expect([isUnsettled(lane, 5), isOwed(lane, 5)]).toEqual([true, false]);
    expect(isOwed(lane, 6)).toBe(true);
  });

  test('P4 are not settled by a call from before another device came', () => {
    fanout.attach(0, 7, 0);
    fanout.own(0, 1, 1, 6);
    expect(isUnsettled(lane, 1)).toBe(true);
  });

  test('P4 are delivered with what others wrote before them', () => {
    fanout.own(0, 2, 3, undefined);
    expect([lane.sent, fanout.dueAt(lane, 3)]).toEqual([0, 0]);
  });
});

describe('a membership that ended', () => {
  test('P7 is told up to its last entry, also to one who was away, and then the lane is gone', () => {
    call(1, away(5));
    fanout.end(0, 2);
    expect(fanout.dueAt(lane, 9)).toBe(0);
    call(2, away(6));
    expect(fanout.lane(0)).toBeUndefined();
  });

  test('P7 stays owed while the call fails', () => {
    fanout.end(0, 2);
    fanout.failed(lane, fanout.begin(lane, 2, 0), 0);
    expect(isUnsettled(lane, 9)).toBe(true);
    fanout.askAgain(lane, 300);
    expect(fanout.dueAt(lane, 9)).toBe(0);
  });

  test('P7 is not told by an answer that nobody is there', () => {
    fanout.end(0, 2);
    fanout.answered(lane, fanout.begin(lane, 1, 0), { ...away(6), settled: 2 }, told(1, 2));
    expect([isUnsettled(lane, 9), fanout.dueAt(lane, 9)]).toEqual([true, 0]);
  });

  test('does not take the lane of one that began anew meanwhile', () => {
    fanout.end(0, 2);
    const id = fanout.begin(lane, 2, 0);
    const renewed = fanout.open(0, 3);
    fanout.answered(lane, id, away(6), told(2));
    expect(fanout.lane(0)).toBe(renewed);
  });
});
