import { expect, test } from 'vitest';
import type { ConversationItem, PendingMessage, TimelineState } from '../../../client/index.ts';
import { lastLineOf } from '../../../web/features/list/last-line.ts';

const text = (words: string) => ({ kind: 'text', text: words }) as const;

const item = (more: Partial<ConversationItem> = {}): ConversationItem => ({
  id: 'c',
  kind: 'direct',
  mode: 'server',
  memberCount: 2,
  head: 5,
  delivered: 0,
  read: 0,
  unread: 0,
  reached: { delivered: 4, read: 3 },
  createdAt: 1,
  waiting: 0,
  failed: 0,
  ...more,
});

const last = (from: string, seq: number): NonNullable<ConversationItem['last']> => ({
  type: 'message',
  conversation: 'c',
  seq,
  ordinal: 1,
  from,
  at: 77,
  clientId: 'x',
  content: text('hello'),
});

function timelineWith(...items: PendingMessage[]) {
  const state: TimelineState = {
    items,
    start: false,
    ready: true,
    loading: false,
    read: 0,
    reached: { delivered: 0, read: 0 },
  };
  return { timeline: { get: () => state } };
}

const pending = (words: string): PendingMessage => ({
  type: 'pending',
  clientId: words,
  content: text(words),
  at: 99,
  state: { name: 'queued' },
});

test('a draft stands before everything else, but not beside the field it is written in', () => {
  const drafted = item({ draft: { text: '  so far ' }, last: last('other', 5) });
  expect(lastLineOf(drafted, timelineWith(), 'me', false)).toEqual({ type: 'draft', text: 'so far' });
  expect(lastLineOf(drafted, timelineWith(), 'me', true).type).toBe('other');
  const answerOnly = item({ draft: { text: ' ', replyTo: 3 }, last: last('other', 5) });
  expect(lastLineOf(answerOnly, timelineWith(), 'me', false).type).toBe('other');
});

test('own messages tell how far they have come', () => {
  const states = [5, 4, 3].map((seq) =>
    lastLineOf(item({ last: last('me', seq) }), timelineWith(), 'me', false),
  );
  expect(states.map((line) => line.type === 'own' && line.state)).toEqual(['sent', 'delivered', 'read']);
});

test('what waits or failed is newer than what is stored', () => {
  const waiting = item({ waiting: 2, last: last('other', 5) });
  const timeline = timelineWith(pending('first'), pending('second'));
  const line = { type: 'own', content: text('second'), at: 99, state: 'waiting' };
  expect(lastLineOf(waiting, timeline, 'me', false)).toEqual(line);
  const failed = item({ waiting: 1, failed: 1, last: last('other', 5) });
  expect(lastLineOf(failed, timeline, 'me', false)).toEqual({ ...line, state: 'failed' });
});

test('a conversation in which nothing was said says so', () => {
  expect(lastLineOf(item(), timelineWith(), 'me', false)).toEqual({ type: 'none' });
});
