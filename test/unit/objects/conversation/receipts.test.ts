import { describe, expect, test } from 'vitest';
import { decodeMarks } from '../../../../objects/conversation/marks.ts';
import { message, Talk } from './support.ts';

const direct = (): Talk => new Talk('direct', ['ada', 'bob']);

describe('receipts in a direct conversation', () => {
  test('P6 are shown only when they are durable', () => {
    const talk = direct();
    talk.append('ada', message('a'));
    talk.clock.advance(10);
    let seen = 0;
    talk.onDeliver = (call) => {
      if (call.receipts.length === 0) return;
      seen++;
      const stored = talk.sql.all('SELECT marks FROM progress')[0]?.marks;
      expect(decodeMarks(String(stored)).get(1)).toEqual({ delivered: 1, read: 1 });
      // No transaction is open: what is read here is committed.
      expect(() => talk.sql.run('BEGIN')).not.toThrow();
      talk.sql.run('COMMIT');
    };
    let answered = false;
    talk.core.marks({ user: 'bob', delivered: 1, read: 1, settled: 1 }, (answer) => {
      answered = answer.ok;
    });
    expect([answered, seen]).toEqual([false, 0]);
    talk.clock.advance(100);
    expect([answered, seen]).toEqual([true, 1]);
    expect(talk.receiptsTo('ada')).toEqual([
      { type: 'receipt', conversation: 'c_1', user: 'bob', delivered: 1, read: 1 },
    ]);
  });

  test('P6 that were not written before a restart were not answered or shown either, and come again', () => {
    const talk = direct();
    talk.append('ada', message('a'));
    talk.clock.advance(10);
    let answered = 0;
    const report = (): void =>
      talk.core.marks({ user: 'bob', delivered: 1, read: 0, settled: 1 }, () => answered++);
    report();
    talk.restart();
    talk.clock.advance(1000);
    expect([answered, talk.receiptsTo('ada').length]).toEqual([0, 0]);
    report();
    talk.clock.advance(1000);
    expect([answered, talk.receiptsTo('ada').length]).toEqual([1, 1]);
  });

  test('P6 marks in any order and beyond the head show as marks that only grow', () => {
    const talk = direct();
    talk.append('ada', message('a'), message('b'), message('c'));
    for (const [delivered, read] of [
      [2, 1],
      [1, 0],
      [2, 2],
      [1, 1],
      [99, 0],
    ] as const)
      talk.marks('bob', delivered, read);
    expect(talk.receiptsTo('ada').map(({ delivered, read }) => [delivered, read])).toEqual([
      [2, 1],
      [2, 2],
      [3, 2],
    ]);
    talk.restart();
    expect(talk.body(talk.core.summary('bob'))).toMatchObject({ delivered: 3, read: 2, unread: 1 });
  });

  test('ride with an append: one commit for both', () => {
    const talk = direct();
    talk.append('ada', message('a'));
    talk.clock.advance(10);
    talk.core.append({ user: 'bob', ops: [message('b')], settled: 1, delivered: 1, read: 1 });
    talk.clock.advance(10);
    expect(talk.receiptsTo('ada')).toMatchObject([{ delivered: 1, read: 1 }]);
  });

  test('P7 stand still for the other while one blocks them, and go on from there', () => {
    const talk = direct();
    talk.append('ada', message('a'), message('b'));
    talk.marks('bob', 1, 1);
    const block = (on: boolean) => talk.core.setBlocked({ id: 'c_1', user: 'bob', other: 'ada', on });
    block(true);
    talk.marks('bob', 2, 2);
    expect(talk.receiptsTo('ada').map((r) => r['read'])).toEqual([1]);
    const seen = (): unknown => talk.body(talk.core.members('ada', undefined, 10))['members'];
    expect(seen()).toMatchObject([{ user: 'ada' }, { user: 'bob', delivered: 1, read: 1 }]);
    const pulled = talk.core.pull({ user: 'ada', limit: 0 });
    expect(pulled.ok && pulled.receipts.map((r) => JSON.parse(r))).toMatchObject([{ delivered: 1, read: 1 }]);
    talk.restart();
    expect(seen()).toMatchObject([{ user: 'ada' }, { user: 'bob', delivered: 1, read: 1 }]);
    block(false);
    talk.append('ada', message('c'));
    talk.marks('bob', 3, 3);
    expect(talk.receiptsTo('ada').at(-1)).toMatchObject({ delivered: 3, read: 3 });
  });
});

describe('receipts in a group', () => {
  const group = (): Talk => new Talk('group', ['ada', 'bob', 'cyd', 'dan']);

  test('P6 go to who wrote, gathered, as the least of all and counts for the newest own message', () => {
    const talk = group();
    talk.append('ada', message('a'));
    talk.append('bob', message('b'));
    talk.clock.advance(10);
    talk.core.marks({ user: 'bob', delivered: 2, read: 2, settled: 2 }, () => undefined);
    talk.core.marks({ user: 'cyd', delivered: 2, read: 1, settled: 2 }, () => undefined);
    talk.clock.advance(2_000);
    expect(talk.receiptsTo('ada')).toEqual([
      {
        type: 'receipt',
        conversation: 'c_1',
        delivered: 0,
        read: 0,
        seq: 1,
        deliveredCount: 2,
        readCount: 2,
      },
    ]);
    expect(talk.receiptsTo('bob')).toMatchObject([{ seq: 2, deliveredCount: 1, readCount: 0 }]);
    expect([...talk.receiptsTo('cyd'), ...talk.receiptsTo('dan')]).toEqual([]);
    talk.marks('dan', 2, 0);
    talk.clock.advance(2_000);
    expect(talk.receiptsTo('ada').at(-1)).toMatchObject({ delivered: 2, read: 0, deliveredCount: 3 });
  });

  test('at most one update a second for one receiver', () => {
    const talk = group();
    talk.append('ada', ...Array.from({ length: 30 }, (_, i) => message(`m${i}`)));
    for (let i = 1; i <= 30; i++) {
      talk.core.marks({ user: 'bob', delivered: i, read: i, settled: 30 }, () => undefined);
      talk.clock.advance(100);
    }
    talk.clock.advance(3_000);
    const updates = talk.receiptsTo('ada');
    expect(updates.length).toBeGreaterThan(1);
    expect(updates.length).toBeLessThanOrEqual(5);
    expect(updates.at(-1)).toMatchObject({ seq: 30, readCount: 1 });
  });
});

test('P7 who left counts in no receipt', () => {
  const talk = new Talk('group', ['ada', 'bob', 'cyd']);
  talk.append('ada', message('a'));
  talk.marks('bob', 1, 1);
  talk.core.removeMember('cyd', 'cyd');
  const pulled = talk.core.pull({ user: 'ada', limit: 0 });
  expect(pulled.ok && pulled.receipts.map((r) => JSON.parse(r))).toMatchObject([
    { delivered: 1, read: 1, deliveredCount: 1, readCount: 1 },
  ]);
});
