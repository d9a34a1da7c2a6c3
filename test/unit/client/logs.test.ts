import { describe, expect, test } from 'vitest';
import { Logs } from '../../../client/logs.ts';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import { KNOWS } from '../../../schema/protocol/knows.ts';

const options = { keep: 1000, patience: 1000, limit: 100 };
const entry = (conversation: string, seq: number): Entry => ({ type: 'withheld', conversation, seq });
const range = (conversation: string, from: number, to: number): Entry[] =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(conversation, from + i));

/** A device that comes back with cursor 10. */
function restored(): Logs {
  const logs = new Logs(options);
  logs.restore(10, Object.entries({ c: 5 }));
  return logs;
}

/** A device that is online with cursor 10. */
function online(): Logs {
  const logs = restored();
  logs.hello();
  logs.synced(10, 0);
  return logs;
}

describe('P4: the cursor moves only to what was applied', () => {
  test('a brand-new device says hello without a cursor, later with cursor and heads', () => {
    const logs = new Logs(options);
    expect(logs.hello()).toEqual({ type: 'hello', limit: 100, knows: KNOWS });
    logs.synced(7, 0);
    logs.add('c', [entry('c', 1)], { cursor: 8 }, 0);
    expect(logs.hello()).toEqual({ type: 'hello', cursor: 8, heads: { c: 1 }, limit: 100, knows: KNOWS });
  });

  test('live frames before synced move nothing', () => {
    const logs = restored();
    logs.hello();
    logs.add('c', [entry('c', 6)], { cursor: 20 }, 0);
    expect(logs.resume.cursor).toBe(10);
    logs.synced(15, 0);
    expect(logs.resume.cursor).toBe(20);
  });

  test('P9: `synced` with the own cursor moves nothing, and a second one with the new cursor does', () => {
    const logs = restored();
    logs.hello();
    logs.synced(10, 0);
    logs.add('d', [entry('d', 1)], { cursor: 10 }, 0);
    expect(logs.resume.cursor).toBe(10);
    logs.add('c', range('c', 6, 9), { head: 9 }, 20_000);
    logs.synced(31, 20_000);
    expect(logs.resume).toMatchObject({ cursor: 31, heads: { c: 9 } });
    expect(logs.pulls(60_000).frames).toEqual([]);
  });

  test('a lost connection forgets what it had promised', () => {
    const logs = restored();
    logs.hello();
    logs.add('c', [entry('c', 6)], { cursor: 20 }, 0);
    logs.lost();
    logs.hello();
    logs.synced(12, 0);
    expect(logs.resume.cursor).toBe(12);
  });

  test('nothing moves past a hole, in any conversation', () => {
    const logs = online();
    logs.add('c', [entry('c', 7)], { cursor: 12 }, 0);
    logs.add('d', [entry('d', 1)], { cursor: 13 }, 0);
    expect(logs.resume.cursor).toBe(10);
    logs.add('c', [entry('c', 6)], { cursor: 11 }, 0);
    expect(logs.resume).toEqual({ cursor: 13, heads: { c: 7, d: 1 } });
  });

  test('a hello speaks of the 200 conversations that changed last', () => {
    const logs = online();
    for (let i = 0; i < 250; i++) logs.add(`n${i}`, [entry(`n${i}`, 1)], { cursor: 11 + i }, 0);
    logs.add('n0', [entry('n0', 2)], { cursor: 300 }, 0);
    const heads = Object.keys(logs.resume.heads);
    expect(heads).toHaveLength(200);
    expect(heads).toContain('n0');
    expect(heads).not.toContain('n1');
  });
});

describe('holes', () => {
  test('one that stands for a second is pulled, once per patience that doubles', () => {
    const logs = online();
    logs.add('c', [entry('c', 8)], { cursor: 12 }, 0);
    expect(logs.deadline()).toBe(1000);
    expect(logs.pulls(999).frames).toEqual([]);
    expect(logs.pulls(1000).frames).toEqual([{ type: 'pull', conversation: 'c', after: 5, limit: 100 }]);
    expect(logs.deadline()).toBe(3000);
    logs.add('c', range('c', 6, 8), { head: 8 }, 1100);
    expect(logs.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  test('one that closes by itself costs nothing', () => {
    const logs = online();
    logs.add('c', [entry('c', 7)], { cursor: 12 }, 0);
    logs.add('c', [entry('c', 6)], { cursor: 11 }, 500);
    expect(logs.pulls(1000).frames).toEqual([]);
  });

  test('a page in several batches is pulled on when it is complete, not before', () => {
    const logs = online();
    logs.add('c', [entry('c', 300)], { cursor: 12 }, 0);
    logs.pulls(1000);
    logs.add('c', range('c', 6, 50), { head: 300 }, 1010);
    expect(logs.pulls(1010).frames).toEqual([]);
    logs.add('c', range('c', 51, 105), { head: 300 }, 1020);
    expect(logs.pulls(1020).frames).toEqual([{ type: 'pull', conversation: 'c', after: 105, limit: 100 }]);
  });

  test('a batch that ends before the head is followed by a pull', () => {
    const logs = online();
    logs.add('c', range('c', 6, 9), { head: 12 }, 0);
    expect(logs.pulls(1000).frames).toMatchObject([{ after: 9 }]);
  });

  test('what never comes is given up as a gap, and the cursor goes on', () => {
    const logs = online();
    logs.add('c', [entry('c', 8)], { cursor: 12 }, 0);
    let gaps: ReturnType<Logs['pulls']>['gaps'] = [];
    let pulls = 0;
    for (let now = 1000; gaps.length === 0 && now < 1_000_000; now += 1000) {
      const due = logs.pulls(now);
      pulls += due.frames.length;
      gaps = due.gaps;
    }
    expect(pulls).toBe(8);
    expect(gaps[0]?.added.gap).toEqual({ from: 6, to: 7 });
    expect(logs.resume).toEqual({ cursor: 12, heads: { c: 8 } });
  });

  test('a conversation that ended leaves no hole', () => {
    const logs = online();
    logs.add('c', [entry('c', 8)], { cursor: 12 }, 0);
    expect(logs.ended('c')?.gap).toEqual({ from: 6, to: 7 });
    expect(logs.ended('c')).toBeUndefined();
    expect(logs.resume.cursor).toBe(12);
  });

  test('a listing that knows more is followed by a pull', () => {
    const logs = online();
    logs.listed('c', 7, 0);
    logs.listed('new', 40, 0);
    expect(logs.pulls(1000).frames).toEqual([{ type: 'pull', conversation: 'c', after: 5, limit: 100 }]);
  });

  test('without a cursor nothing is brought: what is known is asked after', () => {
    const logs = new Logs(options);
    logs.listed('c', 4, 0);
    logs.hello();
    logs.synced(9, 0);
    expect(logs.pulls(0).frames).toEqual([{ type: 'pull', conversation: 'c', after: 4, limit: 100 }]);
    expect(logs.resume.cursor).toBeUndefined();
    logs.add('c', [], { head: 4 }, 10);
    expect(logs.resume.cursor).toBe(9);
  });
});
