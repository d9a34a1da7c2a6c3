import { describe, expect, test } from 'vitest';
import { type Appended, Log } from '../../../../objects/conversation/log.ts';
import type { Op } from '../../../../objects/shared/rpc.ts';
import { author, edit, emptyLog, message, NOW, react, remove } from './support.ts';

const seqOf = (done: Appended): number | string => {
  if (!done.ok) return done.code;
  return 'held' in done ? 'held' : done.row.seq;
};

describe('numbers', () => {
  test('P2 are 1, 2, 3, …, whatever the kind of entry, and go on after a restart', () => {
    const { store, log } = emptyLog();
    const ops: Op[] = [message('a'), react('b', 1, '👍'), edit('c', 1, 'x'), message('d'), remove('e', 4)];
    expect(ops.map((op) => seqOf(log.append(op, author(0), NOW)))).toEqual([1, 2, 3, 4, 5]);
    expect([log.head, log.ordinal]).toEqual([5, 2]);
    log.record(0, 'conversation', '"title":"t"', NOW);
    const again = new Log(store);
    expect([again.head, again.ordinal]).toEqual([6, 2]);
    expect(seqOf(again.append(message('f'), author(1), NOW))).toBe(7);
    expect(store.entry(7)?.ordinal).toBe(3);
  });

  test('P2 P3 what a later release asks for is told to come again, and takes none', () => {
    const { log } = emptyLog();
    const pin = { type: 'pin', clientId: 'p', target: 1 } as unknown as Op;
    expect(log.append(pin, author(0), NOW)).toMatchObject({ ok: false, code: 'unavailable', retryAfter: 30 });
    expect(seqOf(log.append(message('p'), author(0), NOW)), 'nothing stands under its name').toBe(1);
  });

  test('P2 what is refused, held or repeated takes none', () => {
    const { log } = emptyLog();
    log.append(message('a'), author(0), NOW);
    const nothing: Op[] = [
      message('a'),
      message('a', 'other'),
      message('b', 'b', { after: 'z' }),
      message('c', 'c', { replyTo: 9 }),
      edit('d', 9, 'x'),
      remove('e', 9),
      react('f', 9, '👍'),
    ];
    expect(nothing.map((op) => seqOf(log.append(op, author(0), NOW)))).toEqual([
      1,
      'client_id_reused',
      'held',
      'bad_request',
      'not_found',
      'not_found',
      'not_found',
    ]);
    expect(log.head).toBe(1);
    expect(seqOf(log.append(message('g'), author(0), NOW))).toBe(2);
  });
});

test('P8 reactions have a bound, far from where storage refuses the row, and can be taken back there', () => {
  const { log } = emptyLog();
  log.append(message('a'), author(0), NOW);
  // Longer than a client may send, so that it takes fewer.
  const long = 'e'.repeat(1_000);
  let full: string | undefined;
  for (let i = 0; i < 1_000 && full === undefined; i++) {
    const result = seqOf(log.append(react(`r${i}`, 1, `${i}${long}`), author(0), NOW));
    if (typeof result === 'string') full = result;
  }
  expect(full).toBe('too_large');
  expect(seqOf(log.append(react('back', 1, `0${long}`, false), author(0), NOW))).toBeTypeOf('number');
  expect(seqOf(log.append(message('b'), author(0), NOW))).toBeTypeOf('number');
});

describe('a send that names the one before it', () => {
  test('P5 is held until that is stored', () => {
    const { log } = emptyLog();
    const second = message('b', 'b', { after: 'a' });
    expect(seqOf(log.append(second, author(0), NOW))).toBe('held');
    expect(seqOf(log.append(message('a'), author(0), NOW))).toBe(1);
    expect(seqOf(log.append(second, author(0), NOW))).toBe(2);
  });

  test("P5 is not let through by another member's clientId", () => {
    const { log } = emptyLog();
    log.append(message('a'), author(1), NOW);
    expect(seqOf(log.append(message('b', 'b', { after: 'a' }), author(0), NOW))).toBe('held');
  });

  test('P3 P5 finds its predecessor, and itself, after a restart and far back', () => {
    const { store, log } = emptyLog();
    log.append(message('a'), author(0), NOW);
    for (let i = 0; i < 300; i++) log.append(message(`x${i}`), author(0), NOW);
    const again = new Log(store);
    const late = message('late', 'late', { after: 'a' });
    expect(seqOf(again.append(late, author(0), NOW))).toBe(302);
    // A repeat is answered with the first result, whatever it names now.
    expect(seqOf(again.append({ ...late, after: 'never' }, author(0), NOW))).toBe(302);
  });
});

describe('who may change what', () => {
  const cases: [string, (seq: number) => Op, boolean, number | string][] = [
    ['a member edits what another wrote', (seq) => edit('x', seq, 'mine'), false, 'forbidden'],
    ['an admin edits what another wrote', (seq) => edit('x', seq, 'mine'), true, 'forbidden'],
    ['a member deletes what another wrote', (seq) => remove('x', seq), false, 'forbidden'],
    ['an admin deletes what another wrote', (seq) => remove('x', seq), true, 2],
    ['a member reacts to what another wrote', (seq) => react('x', seq, '👍'), false, 2],
  ];
  test.each(cases)('P7 %s', (_, op, moderates, expected) => {
    const { log } = emptyLog();
    log.append(message('a'), author(0), NOW);
    expect(seqOf(log.append(op(1), author(1, { moderates }), NOW))).toBe(expected);
  });

  test.each([
    ['edit', edit('x', 1, 'again')],
    ['react', react('x', 1, '👍')],
  ])('%s of a deleted message is a conflict, a second deletion is not', (_, op) => {
    const { log } = emptyLog();
    for (const first of [message('a'), remove('b', 1)]) log.append(first, author(0), NOW);
    expect(seqOf(log.append(op, author(0), NOW))).toBe('conflict');
    expect(seqOf(log.append(remove('y', 1), author(0), NOW))).toBe(3);
  });

  test('only messages are edited, deleted, reacted to and replied to', () => {
    const { log } = emptyLog();
    for (const op of [message('a'), react('b', 1, '👍')]) log.append(op, author(0), NOW);
    const about: Op[] = [edit('c', 2, 'x'), remove('d', 2), react('e', 2, '👍')];
    expect(about.map((op) => seqOf(log.append(op, author(0), NOW)))).toEqual(about.map(() => 'not_found'));
    expect(seqOf(log.append(message('f', 'f', { replyTo: 2 }), author(0), NOW))).toBe('bad_request');
  });
});

test('P7 a withheld message can not be touched by the one it is withheld from', () => {
  const { log } = emptyLog();
  log.append(message('a'), author(0, { hiddenFrom: 1 }), NOW);
  const about: Op[] = [react('c', 1, '👍'), remove('d', 1)];
  expect(about.map((op) => seqOf(log.append(op, author(1, { moderates: true }), NOW)))).toEqual([
    'not_found',
    'not_found',
  ]);
  expect(seqOf(log.append(message('e', 'e', { replyTo: 1 }), author(1), NOW))).toBe('bad_request');
});
