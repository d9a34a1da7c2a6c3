import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Appended, Log } from '../../../../objects/conversation/log.ts';
import { canonical } from '../../../../objects/conversation/message-state.ts';
import type { Op } from '../../../../objects/shared/rpc.ts';
import { author, edit, emptyLog, message, NOW, react, remove } from './support.ts';

const outcome = (done: Appended): unknown => {
  if (!done.ok) return done.code;
  return 'held' in done ? 'held' : { seq: done.row.seq, at: done.row.at, duplicate: done.duplicate };
};
const YEAR = 365 * 24 * 3_600_000;

/** A log in which `op` is entry 2 of member 0, followed by `more`. */
function logWith(op: Op, more: readonly Op[]): ReturnType<typeof emptyLog> {
  const made = emptyLog();
  for (const one of [message('first'), op, ...more]) made.log.append(one, author(0), NOW);
  return made;
}

const kinds: [string, Op][] = [
  ['message', message('x', 'said', { replyTo: 1 })],
  ['edit', edit('x', 1, 'said')],
  ['delete', remove('x', 1)],
  ['react', react('x', 1, '👍')],
];

describe.each(kinds)('P3 the repeat of a %s', (_, op) => {
  const later: [string, Op[]][] = [
    ['at once', []],
    ['after many others', Array.from({ length: 400 }, (_, i) => message(`m${i}`))],
    ['after its message was edited', [edit('e', 1, 'other'), edit('f', 2, 'other')]],
    ['after its message was deleted', [remove('d', 1), remove('e', 2)]],
    ['after reactions', [react('r', 1, '🎉'), react('s', 2, '🎉')]],
  ];
  test.each(later)('%s gets the first result, also after a restart', (__, more) => {
    const { log, store } = logWith(op, more);
    const head = log.head;
    const first = { seq: 2, at: NOW, duplicate: true };
    expect(outcome(log.append(op, author(0), NOW + YEAR))).toEqual(first);
    const again = new Log(store);
    expect(outcome(again.append(op, author(0), NOW + YEAR))).toEqual(first);
    expect([log.head, again.head]).toEqual([head, head]);
  });

  test.each(kinds)('whose clientId already stands for another kind is refused: %s', (__, other) => {
    if (other.type === op.type) return;
    const { log } = logWith(op, []);
    expect(outcome(log.append(other, author(0), NOW))).toBe('client_id_reused');
    expect(log.head).toBe(2);
  });

  test('by somebody else is a first', () => {
    const { log } = logWith(message('y'), []);
    log.append(op, author(0), NOW);
    const mine = op.type === 'edit' || op.type === 'delete' ? message('x') : op;
    expect(outcome(log.append(mine, author(1), NOW))).toEqual({ seq: 4, at: NOW, duplicate: false });
  });
});

describe('P3 the same clientId with something else', () => {
  const changed: [string, Op, Op][] = [
    ['text', message('x', 'one'), message('x', 'two')],
    ['replyTo', message('x', 'one'), message('x', 'one', { replyTo: 1 })],
    ['edited text', edit('x', 1, 'one'), edit('x', 1, 'two')],
    ['edited message', edit('x', 1, 'one'), edit('x', 2, 'one')],
    ['deleted message', remove('x', 1), remove('x', 2)],
    ['emoji', react('x', 1, '👍'), react('x', 1, '👎')],
    ['taking a reaction off', react('x', 1, '👍'), react('x', 1, '👍', false)],
  ];
  test.each(changed)('%s is an error, before and after the message was edited', (_, op, other) => {
    const { log } = logWith(op, []);
    expect(outcome(log.append(other, author(0), NOW))).toBe('client_id_reused');
    if (op.type === 'message') log.append(edit('e', 2, 'two'), author(0), NOW);
    expect(outcome(log.append(other, author(0), NOW))).toBe('client_id_reused');
    expect(outcome(log.append(op, author(0), NOW))).toEqual({ seq: 2, at: NOW, duplicate: true });
  });
});

test('P3 the order of keys is not content', () => {
  const { log } = emptyLog();
  const one = { kind: 'poll', options: [{ a: 1, b: 2 }], title: 't' };
  const same = { title: 't', options: [{ b: 2, a: 1 }], kind: 'poll' };
  const other = { title: 't', options: [{ b: 1, a: 2 }], kind: 'poll' };
  const send = (content: typeof one): unknown =>
    outcome(log.append({ type: 'message', clientId: 'x', content }, author(0), NOW));
  expect([send(one), send(same), send(other)]).toEqual([
    { seq: 1, at: NOW, duplicate: false },
    { seq: 1, at: NOW, duplicate: true },
    'client_id_reused',
  ]);
});

test('P3 the canonical form of JSON is the same for the same value, and only for it', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, reversed(inner)]),
    );
  };
  fc.assert(
    fc.property(fc.json(), fc.json(), (a, b) => {
      expect(canonical(JSON.stringify(reversed(JSON.parse(a))))).toBe(canonical(a));
      if (canonical(a) === canonical(b)) expect(JSON.parse(a)).toEqual(JSON.parse(b));
    }),
  );
});
