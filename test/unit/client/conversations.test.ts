import { expect, test } from 'vitest';
import { Conversations } from '../../../client/conversations.ts';
import { Timeline } from '../../../client/timeline.ts';
import type { Entry } from '../../../schema/protocol/frames-log.ts';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';

const told = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  id,
  kind: 'group',
  mode: 'server',
  memberCount: 2,
  members: [
    { user: 'ada', role: 'owner' },
    { user: 'bob', role: 'member' },
  ],
  head: 0,
  delivered: 0,
  read: 0,
  unread: 0,
  reached: { delivered: 0, read: 0 },
  createdAt: 1,
  ...more,
});
const says = (seq: number, from: string): Entry => ({
  type: 'message',
  conversation: 'c',
  seq,
  ordinal: seq,
  from,
  at: 100 + seq,
  clientId: `k${seq}`,
  content: { kind: 'text', text: `t${seq}` },
});

function setup() {
  const conversations = new Conversations();
  const timeline = new Timeline('c', { limit: 100, keep: 1000 });
  conversations.put(told('c'));
  timeline.anchor(0);
  const arrive = (...entries: Entry[]): boolean =>
    conversations.applied(timeline, timeline.add(entries).applied, 'ada');
  return { conversations, timeline, arrive, get: () => conversations.get('c') };
}

test('messages of others count as unread until they are read', () => {
  const { conversations, timeline, arrive, get } = setup();
  arrive(says(1, 'bob'), says(2, 'ada'), says(3, 'bob'));
  expect(get()).toMatchObject({ unread: 2, head: 3, last: { seq: 3 } });
  conversations.readUpTo(timeline, 1, 'ada');
  expect(get()).toMatchObject({ unread: 1, read: 1 });
  conversations.readUpTo(timeline, 3, 'ada');
  expect(get()).toMatchObject({ unread: 0, read: 3, delivered: 3 });
  expect(conversations.readUpTo(timeline, 2, 'ada')).toBeUndefined();
});

test('the latest conversation comes first', () => {
  const { conversations, arrive } = setup();
  conversations.put(told('d', { createdAt: 50 }));
  expect(conversations.list.map((c) => c.id)).toEqual(['d', 'c']);
  arrive(says(1, 'bob'));
  expect(conversations.list.map((c) => c.id)).toEqual(['c', 'd']);
});

test('an answer that is older than what arrived takes nothing back', () => {
  const { conversations, timeline, arrive, get } = setup();
  arrive(says(1, 'bob'), says(2, 'bob'));
  conversations.put(told('c', { head: 1, unread: 1, title: 'New title' }), timeline, 'ada');
  expect(get()).toMatchObject({ head: 2, unread: 2, title: 'New title', last: { seq: 2 } });
});

test('the last line follows edits and deletions', () => {
  const { arrive, get } = setup();
  arrive(says(1, 'bob'));
  const content = { kind: 'text', text: 'other words' };
  arrive({ type: 'edit', conversation: 'c', seq: 2, at: 200, by: 'bob', target: 1, content });
  expect(get()?.last?.content).toEqual(content);
  arrive({ type: 'delete', conversation: 'c', seq: 3, at: 201, by: 'bob', target: 1 });
  expect(get()?.last?.content).toEqual({ kind: 'deleted' });
});

test('members and title follow the log', () => {
  const { arrive, get } = setup();
  const member = { type: 'member', conversation: 'c', at: 1, by: 'ada', user: 'cyd' } as const;
  arrive({ ...member, seq: 1, change: 'added' });
  expect(get()).toMatchObject({ memberCount: 3 });
  arrive({ ...member, seq: 2, change: 'role', role: 'admin' });
  expect(get()?.members).toContainEqual({ user: 'cyd', role: 'admin' });
  arrive({ ...member, seq: 3, change: 'left' });
  expect(get()).toMatchObject({ memberCount: 2 });
  arrive({ type: 'conversation', conversation: 'c', seq: 4, at: 1, by: 'ada', title: 'T' });
  expect(get()).toMatchObject({ title: 'T', head: 4 });
});

test('what is not listed is not made up', () => {
  const conversations = new Conversations();
  expect(conversations.applied(new Timeline('x', { limit: 1, keep: 1 }), [], 'ada')).toBe(false);
  expect(conversations.list).toEqual([]);
});
