import { describe, expect, test } from 'vitest';
import { seenBy } from '../../../../objects/conversation/message-state.ts';
import type { Op } from '../../../../objects/shared/rpc.ts';
import { author, edit, emptyLog, everything, message, NOW, react, remove } from './support.ts';

/** The message as it is shown after these ops, each a second after the one before it. */
function shown(ops: readonly Op[], viewer?: number, hiddenFrom?: number): Record<string, unknown> {
  const { log, store } = emptyLog();
  ops.forEach((op, i) => {
    log.append(op, author(0, { hiddenFrom: i === 0 ? undefined : hiddenFrom }), NOW + i * 1000);
  });
  const row = store.entry(1);
  if (!row) throw new Error('no message');
  const { body, ...rest } = seenBy(row, viewer);
  return { ...(JSON.parse(`{${body}}`) as object), ...rest };
}

const text = (value: string) => ({ kind: 'text', text: value });

describe('what a message shows', () => {
  test('untouched: what it said', () => {
    expect(shown([message('a', 'one')])).toEqual({ content: text('one') });
  });

  test('edited: the newest text and when', () => {
    expect(shown([message('a', 'one'), edit('b', 1, 'two'), edit('c', 1, 'three')])).toEqual({
      content: text('three'),
      editedAt: NOW + 2000,
    });
  });

  test('reacted to: by whom, once each, in the order they came; taken off it is gone', () => {
    const { log, store } = emptyLog();
    log.append(message('a'), author(0), NOW);
    const reactions: [number, string, boolean][] = [
      [1, '👍', true],
      [0, '👍', true],
      [1, '👍', true],
      [1, '🎉', true],
      [1, '🎉', false],
      [2, '🎈', false],
    ];
    reactions.forEach(([n, emoji, on], i) => {
      log.append(react(`r${i}`, 1, emoji, on), author(n), NOW);
    });
    const row = store.entry(1);
    expect(row && seenBy(row, undefined).reactions).toEqual({ '👍': ['u1', 'u0'] });
  });

  test('deleted: that it is, what it replied to, and neither text, edits nor reactions', () => {
    const { log, store } = emptyLog();
    const ops = [message('a'), message('b', 'b', { replyTo: 1 }), edit('c', 2, 'x'), react('d', 2, '👍')];
    for (const op of [...ops, remove('e', 2)]) log.append(op, author(0), NOW);
    const row = store.entry(2);
    expect(row && seenBy(row, undefined)).toEqual({
      body: '"content":{"kind":"deleted"},"replyTo":1',
      deletedAt: NOW,
    });
  });

  test('deleted twice: the time of the first', () => {
    const gone = { content: { kind: 'deleted' }, deletedAt: NOW + 1000 };
    expect(shown([message('a'), remove('b', 1), remove('c', 1)])).toEqual(gone);
  });
});

describe('P7 changes withheld from a member', () => {
  test('leave what they saw, and show the rest to others', () => {
    const ops = [message('a', 'one'), edit('b', 1, 'two'), react('c', 1, '👍')];
    expect(shown(ops, 1, 1)).toEqual({ content: text('one') });
    expect(shown(ops, undefined, 1)).toMatchObject({ content: text('two'), reactions: { '👍': ['u0'] } });
  });

  test('do not keep them from what comes later', () => {
    const { log, store } = emptyLog();
    log.append(message('a', 'one'), author(0), NOW);
    log.append(edit('b', 1, 'two'), author(0, { hiddenFrom: 1 }), NOW);
    log.append(react('c', 1, '👍'), author(1), NOW);
    const row = store.entry(1);
    expect(row && seenBy(row, 1)).toEqual({
      body: '"content":{"kind":"text","text":"one"}',
      reactions: { '👍': ['u1'] },
    });
  });

  test('a deletion is withheld from nobody', () => {
    const ops = [message('a', 'one'), edit('b', 1, 'two'), remove('c', 1)];
    expect(shown(ops, 1, 1)).toMatchObject({ content: { kind: 'deleted' } });
  });
});

describe('P7 the text of a deleted message', () => {
  const secret = 'SECRET-a8f3';
  const ways: [string, Op[], number | undefined][] = [
    ['as sent', [message('a', secret)], undefined],
    ['as edited', [message('a', 'x'), edit('b', 1, secret)], undefined],
    ['as a blocker goes on seeing it', [message('a', secret), edit('b', 1, 'x')], 1],
    ['as withheld from a blocker', [message('a', 'x'), edit('b', 1, secret)], 1],
  ];
  test.each(ways)('%s stands in no row any more', (_, ops, hiddenFrom) => {
    const { log, sql } = emptyLog();
    ops.forEach((op, i) => {
      log.append(op, author(0, { hiddenFrom: i === 0 ? undefined : hiddenFrom }), NOW);
    });
    expect(everything(sql)).toContain(secret);
    log.append(remove('z', 1), author(0), NOW);
    expect(everything(sql)).not.toContain(secret);
  });

  test('is not kept where an edit replaced it either', () => {
    const { log, sql } = emptyLog();
    for (const op of [message('a', secret), edit('b', 1, 'x')]) log.append(op, author(0), NOW);
    expect(everything(sql)).not.toContain(secret);
  });
});
