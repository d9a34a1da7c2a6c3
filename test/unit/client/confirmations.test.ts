import { expect, test } from 'vitest';
import { Confirmations } from '../../../client/confirmations.ts';

const say = (confirmations: Confirmations, now: number): string[] =>
  confirmations.flush(now).map((frame) => `${frame.type} ${frame.conversation} ${frame.seq}`);

test('gathers for a moment and says the highest of each conversation', () => {
  const confirmations = new Confirmations(20);
  confirmations.applied('c', 1, 0);
  confirmations.applied('d', 7, 5);
  confirmations.applied('c', 3, 19);
  expect(confirmations.deadline()).toBe(20);
  expect(say(confirmations, 19)).toEqual([]);
  expect(say(confirmations, 20)).toEqual(['received c 3', 'received d 7']);
  expect(confirmations.deadline()).toBe(Number.POSITIVE_INFINITY);
});

test('read stands for received, and never goes above what was applied', () => {
  const confirmations = new Confirmations(0);
  confirmations.applied('c', 5, 0);
  confirmations.shown('c', 5, 0);
  expect(say(confirmations, 0)).toEqual(['read c 5']);
  confirmations.shown('c', 9, 1);
  expect(say(confirmations, 1)).toEqual([]);
  confirmations.applied('c', 7, 2);
  expect(say(confirmations, 2)).toEqual(['read c 7']);
  confirmations.applied('c', 12, 3);
  expect(say(confirmations, 3)).toEqual(['read c 9', 'received c 12']);
});

test('P6: nothing is said twice, except what a lost socket or the service puts in doubt', () => {
  const confirmations = new Confirmations(0);
  confirmations.applied('c', 5, 0);
  say(confirmations, 0);
  confirmations.applied('c', 5, 1);
  expect(say(confirmations, 1)).toEqual([]);
  confirmations.lost(1000);
  expect(say(confirmations, 1000)).toEqual(['received c 5']);
  confirmations.lost(100_000);
  expect(say(confirmations, 100_000)).toEqual([]);
  confirmations.again('c', 100_001);
  expect(say(confirmations, 100_001)).toEqual(['received c 5']);
});

test('what was there before is not confirmed again', () => {
  const confirmations = new Confirmations(0);
  confirmations.known('c', 10, 8);
  confirmations.shown('c', 8, 0);
  confirmations.applied('c', 10, 0);
  expect(say(confirmations, 0)).toEqual([]);
  confirmations.shown('c', 9, 0);
  expect(say(confirmations, 0)).toEqual(['read c 9']);
});

test('an acknowledgement alone is not confirmed; what others wrote before it still is', () => {
  const confirmations = new Confirmations(0);
  confirmations.applied('c', 1, 0, true);
  expect(say(confirmations, 0)).toEqual([]);
  confirmations.applied('c', 2, 1);
  confirmations.applied('c', 3, 1, true);
  expect(say(confirmations, 1)).toEqual(['received c 3']);
  confirmations.applied('c', 4, 2, true);
  expect(say(confirmations, 2)).toEqual([]);
});
