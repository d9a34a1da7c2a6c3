import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { writeRule } from '../../../bench/cost/row-rules.ts';
import { Conversation } from '../../../objects/conversation/conversation.ts';
import type { DeliverCall, Op } from '../../../objects/shared/rpc.ts';
import type { Sql, SqlRow, SqlValue } from '../../../objects/shared/sql.ts';
import { User } from '../../../objects/user/user.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';

/** Every statement that writes, with what `bench cost` would count for it and what workerd counts. */
interface Written {
  readonly query: string;
  readonly rule: number;
  readonly workerd: number;
}

function comparingSql(storage: DurableObjectStorage, written: Written[]): Sql {
  const plain: Sql = {
    all: (query, ...values) => storage.sql.exec(query, ...values).toArray() as SqlRow[],
    run: (query, ...values) => void storage.sql.exec(query, ...values),
    transaction: (body) => storage.transactionSync(body),
  };
  return {
    ...plain,
    all: (query: string, ...values: SqlValue[]) => {
      const cursor = storage.sql.exec(query, ...values);
      const rows = cursor.toArray() as SqlRow[];
      // A statement that writes and returns: its rows are the changed ones.
      const rule = writeRule(query, plain)?.rows(rows.length);
      if (rule !== undefined) written.push({ query, rule, workerd: cursor.rowsWritten });
      return rows;
    },
    run: (query: string, ...values: SqlValue[]) => {
      const cursor = storage.sql.exec(query, ...values);
      cursor.toArray();
      if (/^\s*(CREATE|ALTER)/i.test(query)) return;
      const changes = Number(storage.sql.exec('SELECT changes() AS n').one().n);
      const rule = writeRule(query, plain)?.rows(changes) ?? 0;
      written.push({ query, rule, workerd: cursor.rowsWritten });
    },
  };
}

async function inObject(name: string, body: (sql: Sql, written: Written[]) => void): Promise<Written[]> {
  const written: Written[] = [];
  const stub = env.USERS.get(env.USERS.idFromName(name)) as unknown as DurableObjectStub;
  await runInDurableObject(stub, (_, { storage }) => body(comparingSql(storage, written), written));
  return written;
}

function agree(written: readonly Written[], tables: readonly string[]): void {
  for (const table of tables)
    expect(
      written.filter((w) => w.query.includes(table)),
      table,
    ).not.toEqual([]);
  expect(written.filter((w) => w.rule !== w.workerd)).toEqual([]);
}

test('rows written by a conversation are counted as workerd counts them', async () => {
  const written = await inObject('rows of a conversation', (sql) => {
    const timers: (() => void)[] = [];
    const core = new Conversation(sql, {
      now: () => Date.now(),
      deliver: () => {},
      timer: (_, run) => {
        timers.push(run);
        return () => {};
      },
      alarm: () => {},
      alarmAt: undefined,
    });
    core.create({ id: 'c', kind: 'group', mode: 'server', creator: 'a', members: ['a', 'b'], shunned: [] });
    const say = (clientId: string): Op => ({
      type: 'message',
      clientId,
      content: { kind: 'text', text: 'hi' },
    });
    const ops: Op[] = [
      say('one'),
      say('two'),
      say('one'),
      { type: 'edit', clientId: 'three', target: 1, content: { kind: 'text', text: 'ho' } },
      { type: 'react', clientId: 'four', target: 2, emoji: '+', on: true },
      { type: 'delete', clientId: 'five', target: 1 },
    ];
    core.append({ user: 'a', ops, settled: 0 });
    core.marks({ user: 'b', delivered: 3, read: 2, settled: 3 }, () => {});
    core.setMember('a', 'c', 'member', false);
    core.removeMember('a', 'c');
    core.rename('a', 'new');
    for (const run of timers.splice(0)) run();
    core.alarm(() => {});
  });
  agree(written, ['INTO entry', 'UPDATE entry', 'INTO progress', 'INTO member', 'INTO conversation']);
});

test('rows written by a user are counted as workerd counts them', async () => {
  const written = await inObject('rows of a user', (sql) => {
    const host = {
      now: () => Date.now(),
      id: () => 'id',
      directId: (a: string, b: string) => `${a}${b}`,
      send: () => {},
      close: () => {},
      keep: () => {},
      lastPing: () => 0,
      call: () => {},
      blocks: () => {},
      timer: () => () => {},
    };
    const core = new User('u', sql, host, DEFAULT_LIMITS, new Map());
    const delivery = (seq: number): DeliverCall => ({
      user: 'u',
      conversation: 'c',
      kind: 'direct',
      entries: [{ seq, json: `"type":"message","conversation":"c","seq":${seq}}` }],
      head: seq,
      receipts: [],
      ended: false,
    });
    core.opened(1, 'phone');
    core.frame(1, '{"type":"hello"}');
    core.deliver(delivery(1));
    core.deliver(delivery(2));
    core.closed(1);
    core.deliver(delivery(3));
    core.removeDevice('phone');
    core.request('laptop', { op: 'block', user: 'v', on: true }, () => {});
    core.request('laptop', { op: 'block', user: 'v', on: false }, () => {});
  });
  agree(written, ['INTO user', 'INTO device', 'INTO conversation', 'block']);
});

test('the rules hold for what the objects do not do yet', async () => {
  const written = await inObject('rows of other kinds', (sql) => {
    sql.run('CREATE TABLE t (id TEXT PRIMARY KEY, a INTEGER, b INTEGER)');
    sql.run('CREATE INDEX t_a ON t (a)');
    sql.run('INSERT INTO t (id, a, b) VALUES (?, 1, 1)', 'x');
    sql.run('INSERT OR IGNORE INTO t (id, a, b) VALUES (?, 1, 1)', 'x');
    sql.run('UPDATE t SET b = 2 WHERE id = ?', 'x');
    sql.run('UPDATE t SET a = 2 WHERE id = ?', 'x');
    sql.run('DELETE FROM t WHERE id = ?', 'x');
    sql.run('DELETE FROM t WHERE id = ?', 'x');
  });
  expect(written.map((w) => w.workerd)).toEqual([3, 0, 1, 2, 1, 0]);
  agree(written, ['INTO t']);
});
