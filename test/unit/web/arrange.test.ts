import { expect, test } from 'vitest';
import type { ConversationItem, Prefs } from '../../../client/index.ts';
import { arrange, isMuted, isUnread, unreadOf } from '../../../web/features/list/arrange.ts';
import { FOREVER, mutedUntil } from '../../../web/features/list/mute.ts';

function conversation(id: string, prefs?: Prefs, unread = 0): ConversationItem {
  return {
    id,
    kind: 'direct',
    mode: 'server',
    memberCount: 2,
    head: 1,
    delivered: 0,
    read: 0,
    unread,
    reached: { delivered: 0, read: 0 },
    createdAt: 1,
    waiting: 0,
    failed: 0,
    ...(prefs ? { prefs } : {}),
  };
}

const ids = (items: readonly ConversationItem[]): string[] => items.map(({ id }) => id);

test('pinned ones come first, the one pinned last on top, and the others stay as they came', () => {
  const { main, archived } = arrange([
    conversation('new'),
    conversation('pinned first', { pinned: 10 }),
    conversation('away', { archived: true }),
    conversation('old'),
    conversation('pinned last', { pinned: 20 }),
    conversation('pinned and away', { archived: true, pinned: 30 }),
  ]);
  expect(ids(main)).toEqual(['pinned last', 'pinned first', 'new', 'old']);
  expect(ids(archived)).toEqual(['away', 'pinned and away']);
});

test('unread is what has messages, and what was marked by hand', () => {
  expect(isUnread(conversation('a', undefined, 2))).toBe(true);
  expect(isUnread(conversation('a', { unread: true }))).toBe(true);
  expect(isUnread(conversation('a', { pinned: 1 }))).toBe(false);
});

test('the title counts messages and marks, but nothing that is muted or archived', () => {
  const items = [
    conversation('a', undefined, 3),
    conversation('b', { unread: true }),
    conversation('c', { unread: true }, 2),
    conversation('muted', { mutedUntil: 101 }, 50),
    conversation('heard again', { mutedUntil: 100 }, 7),
    conversation('archived', { archived: true }, 9),
  ];
  expect(unreadOf(items, 100)).toBe(3 + 1 + 2 + 7);
});

test('a mute ends by itself, but for the one that is for good', () => {
  const now = Date.UTC(2026, 4, 3, 12);
  const hours = mutedUntil('hours', now);
  expect(hours - now).toBe(8 * 3_600_000);
  expect(mutedUntil('week', now) - now).toBe(7 * 86_400_000);
  expect(isMuted({ mutedUntil: hours }, hours - 1)).toBe(true);
  expect(isMuted({ mutedUntil: hours }, hours)).toBe(false);
  expect(isMuted(undefined, now)).toBe(false);
  expect(mutedUntil('always', now)).toBe(FOREVER);
  // The service takes it for a time, and it can be written as one.
  expect(Number.isSafeInteger(FOREVER)).toBe(true);
  expect(new Date(FOREVER).getTime()).toBe(FOREVER);
});
