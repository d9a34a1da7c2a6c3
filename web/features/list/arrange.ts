import type { ConversationItem, Prefs } from '../../../client/index.ts';

export interface Arranged {
  /** The pinned ones first, the one pinned last on top; then the others as they came. */
  readonly main: readonly ConversationItem[];
  /** As they came. Pins don't count here. */
  readonly archived: readonly ConversationItem[];
}

/** Puts conversations, newest first, into the two lists they are shown in. */
export function arrange(items: readonly ConversationItem[]): Arranged {
  const pinned: ConversationItem[] = [];
  const others: ConversationItem[] = [];
  const archived: ConversationItem[] = [];
  for (const item of items) {
    if (item.prefs?.archived) archived.push(item);
    else if (item.prefs?.pinned !== undefined) pinned.push(item);
    else others.push(item);
  }
  pinned.sort((a, b) => (b.prefs?.pinned ?? 0) - (a.prefs?.pinned ?? 0));
  return { main: [...pinned, ...others], archived };
}

export const isUnread = ({ unread, prefs }: ConversationItem): boolean =>
  unread > 0 || prefs?.unread === true;

export const isMuted = (prefs: Prefs | undefined, now: number): boolean => (prefs?.mutedUntil ?? 0) > now;

/** What the window's title counts: messages, and one for each conversation that was marked by hand. */
export function unreadOf(items: readonly ConversationItem[], now: number): number {
  let sum = 0;
  for (const item of items) {
    if (item.prefs?.archived || isMuted(item.prefs, now)) continue;
    sum += item.unread > 0 ? item.unread : item.prefs?.unread ? 1 : 0;
  }
  return sum;
}
