import { held } from './held.ts';
import { changed, changeOf } from './message-state.ts';
import type { Op, Waiting } from './outbox.ts';
import type { TimelineEntry, TimelineMessage, TimelineView } from './timeline.ts';
import type { PendingMessage, TimelineItem } from './types.ts';

/**
 * The key of a row, the same from the moment a message is queued until forever. Own messages go by their `clientId`;
 * those of others can't take it, since no id has a slash.
 */
export function keyOf(item: TimelineItem, me: string | undefined): string {
  switch (item.type) {
    case 'message':
      return item.from === me ? item.clientId : `${item.from}/${item.clientId}`;
    case 'pending':
      return item.clientId;
    case 'gap':
      return `gap/${item.to}`;
    default:
      return `entry/${item.seq}`;
  }
}

const pendingItems = new WeakMap<object, PendingMessage>();
const changedItems = new WeakMap<
  TimelineEntry,
  { readonly ops: readonly object[]; readonly item: TimelineMessage }
>();

/** What a timeline shows: log and gaps in order, then what waits. Items that stay the same stay the same objects. */
export function itemsOf(
  { entries, gaps }: TimelineView,
  waiting: readonly Waiting[],
  me: string | undefined,
  now: number,
): readonly TimelineItem[] {
  const changes = changesBySeq(waiting);
  const items: TimelineItem[] = [];
  let next = 0;
  for (const entry of entries) {
    for (let gap = gaps[next]; gap && gap.from < entry.seq; gap = gaps[++next])
      items.push({ type: 'gap', ...gap });
    if (entry.type === 'message') {
      const ops = changes.get(entry.seq);
      items.push(ops ? asItWillBe(entry, ops, me ?? '', now) : entry);
    } else if (entry.type === 'member' || entry.type === 'conversation') items.push(entry);
  }
  for (const gap of gaps.slice(next)) items.push({ type: 'gap', ...gap });
  for (const wait of waiting) if (wait.op.type === 'send') items.push(pendingItem(wait));
  return items;
}

type ChangeOp = Exclude<Op, { readonly type: 'send' }>;

function changesBySeq(waiting: readonly Waiting[]): ReadonlyMap<number, readonly ChangeOp[]> {
  const changes = new Map<number, ChangeOp[]>();
  for (const { op, state } of waiting)
    if (op.type !== 'send' && typeof state === 'string') held(changes, op.seq, () => []).push(op);
  return changes;
}

/** A message with the changes to it that wait: who edits or reacts sees it at once, also without a connection. */
function asItWillBe(
  entry: TimelineMessage,
  ops: readonly ChangeOp[],
  me: string,
  now: number,
): TimelineMessage {
  const known = changedItems.get(entry);
  if (known && known.ops.length === ops.length && known.ops.every((op, i) => op === ops[i]))
    return known.item;
  const item = ops.reduce((message, op) => changed(message, changeOf(op, 0, now, me)), entry);
  changedItems.set(entry, { ops, item });
  return item;
}

function pendingItem({ op, at, state }: Waiting): PendingMessage {
  const known = pendingItems.get(op);
  const now: PendingMessage['state'] =
    typeof state === 'string' ? { name: state } : { name: 'failed', error: state };
  if (known && known.state.name === now.name && known.at === at) return known;
  const { conversation: _, ...said } = op as Extract<Waiting['op'], { type: 'send' }>;
  const item: PendingMessage = { ...said, type: 'pending', at, state: now };
  pendingItems.set(op, item);
  return item;
}
