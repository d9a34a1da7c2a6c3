import { describe, expect, test } from 'vitest';
import { Conversation } from '../../../../objects/conversation/conversation.ts';
import type { ConversationHost } from '../../../../objects/conversation/host.ts';
import type { DeliverCall, Op } from '../../../../objects/shared/rpc.ts';
import type { Sql } from '../../../../objects/shared/sql.ts';
import { Turns } from '../../../../objects/shared/turns.ts';
import { NodeSql } from '../../../support/node-sql.ts';
import { edit, everything, message, react, remove } from './support.ts';

/** A conversation whose storage refuses a statement when it is told to, behind the turns of its shell. */
class Fragile {
  readonly storage = new NodeSql();
  readonly delivered: DeliverCall[] = [];
  alarms = 0;
  /** Refuses the next statement with this in it. */
  refuses: string | undefined;
  readonly turns: Turns<Conversation>;

  constructor() {
    const check = (query: string): void => {
      if (this.refuses === undefined || !query.includes(this.refuses)) return;
      this.refuses = undefined;
      throw new Error('database or disk is full');
    };
    const sql: Sql = {
      all: (query, ...values) => {
        check(query);
        return this.storage.all(query, ...values);
      },
      run: (query, ...values) => {
        check(query);
        this.storage.run(query, ...values);
      },
      transaction: (body) => this.storage.transaction(body),
    };
    this.turns = new Turns<Conversation>({
      start: (life) => {
        const host: ConversationHost = {
          now: () => 1,
          deliver: (call) => life.effect(() => this.delivered.push(call)),
          timer: () => () => {},
          alarm: () => this.alarms++,
          alarmAt: undefined,
        };
        return new Conversation(sql, host);
      },
      crashed: () => {},
    });
    this.turns.run((core) =>
      core.create({
        id: 'c',
        kind: 'group',
        mode: 'server',
        creator: 'ada',
        members: ['ada', 'bob'],
        shunned: [],
      }),
    );
    this.append(message('a'), message('b'));
    this.delivered.length = 0;
    this.alarms = 0;
  }

  append(...ops: Op[]): unknown {
    return this.turns.run((core) => core.append({ user: 'ada', ops, settled: 0 }));
  }

  get head(): number {
    return Number(this.storage.all('SELECT MAX(seq) AS head FROM entry')[0]?.head);
  }
}

describe('a turn that throws', () => {
  test.each<[string, string, (talk: Fragile) => unknown]>([
    ['an edit', 'INSERT INTO entry', (t) => t.append(edit('e', 1, 'new'))],
    ['a reaction', 'INSERT INTO entry', (t) => t.append(react('r', 1, '👍'))],
    ['a deletion', 'INSERT INTO entry', (t) => t.append(remove('d', 1))],
    ['a rename', 'INTO conversation', (t) => t.turns.run((core) => core.rename('ada', 'new'))],
    [
      'a new member',
      'INTO progress',
      (t) => t.turns.run((core) => core.setMember('ada', 'cyd', undefined, false)),
    ],
    ['a removal', 'INSERT INTO entry', (t) => t.turns.run((core) => core.removeMember('ada', 'bob'))],
    [
      'the last owner who leaves',
      'INSERT INTO entry',
      (t) => t.turns.run((core) => core.removeMember('ada', 'ada')),
    ],
  ])('P2 leaves nothing of itself and tells nobody: %s', (_, statement, act) => {
    const talk = new Fragile();
    const before = everything(talk.storage);
    talk.refuses = statement;
    expect(() => act(talk)).toThrow('full');
    expect(everything(talk.storage)).toBe(before);
    expect(talk.delivered).toEqual([]);
    // The number it would have had goes to the next, and the others get that.
    act(talk);
    expect(talk.head).toBeGreaterThan(2);
  });

  test('P2 P3 keeps the messages stored before it, which the retry finds, and their alarm', () => {
    const talk = new Fragile();
    // The alarm of what was before has rung.
    talk.turns.end();
    let inserts = 0;
    const { storage } = talk;
    const all = storage.all.bind(storage);
    storage.all = (query, ...values) => {
      if (query.includes('INSERT INTO entry') && ++inserts === 2) throw new Error('disk');
      return all(query, ...values);
    };
    expect(() => talk.append(message('c'), message('d'))).toThrow('disk');
    expect([talk.head, talk.delivered]).toEqual([3, []]);
    expect(talk.alarms).toBe(1);
    expect(talk.append(message('c'), message('d'))).toMatchObject({
      ok: true,
      results: [
        { seq: 3, duplicate: true },
        { seq: 4, duplicate: false },
      ],
    });
  });

  test('P6 answers those whose marks waited', () => {
    const talk = new Fragile();
    const answers: unknown[] = [];
    talk.turns.ask<unknown>(
      (core, done) => core.marks({ user: 'bob', delivered: 1, read: 1, settled: 1 }, done),
      (answer) => answers.push(answer),
    );
    expect(answers).toEqual([]);
    talk.refuses = 'INSERT INTO entry';
    expect(() => talk.append(edit('e', 1, 'new'))).toThrow();
    expect(answers).toEqual([undefined]);
  });
});
