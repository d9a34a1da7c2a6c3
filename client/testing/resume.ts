import type { Down, DownOf } from '../../schema/protocol/down.ts';
import type { Entry } from '../../schema/protocol/frames-log.ts';
import type { UpOf } from '../../schema/protocol/up.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import type { Mailbox } from './mailbox.ts';
import { receiptFor } from './receipts.ts';
import type { World } from './world.ts';

const HEARTBEAT_MS = 15_000;
/** A batch frame stays below this. */
const BATCH_BYTES = 60_000;

/** Brings a device that says `hello` up to what changed since its cursor. */
export function resume(world: World, mailbox: Mailbox, connection: Connection, hello: UpOf<'hello'>): void {
  const since = hello.cursor;
  // A cursor that means nothing here (0, unknown device, never given out) is answered from everything.
  const everything =
    since !== undefined && (since === 0 || !mailbox.knows(connection.device) || since > mailbox.cursor);
  mailbox.arrived(connection, Math.min(since ?? mailbox.cursor, mailbox.cursor));
  connection.knows = hello.knows ?? [];
  welcome(world, connection);
  const changed = since === undefined ? [] : mailbox.changedSince(everything ? -1 : since);
  // With delays a resume takes its time, and live frames come in between.
  let at = 0;
  const later = (run: () => void): void => {
    at += world.plan.extraDelay();
    if (at === 0) return run();
    world.clock.after(at, () => connection.open && run());
  };
  for (const conversation of changed)
    later(() => {
      const frames = missed(world, mailbox, connection.user, conversation, hello);
      for (const frame of frames) sendBatch(connection, frame);
    });
  later(() => {
    if (since !== undefined)
      for (const frame of mailbox.prefsSince(everything ? -1 : since)) connection.send(frame(connection));
    connection.synced = true;
    connection.send({ type: 'synced', cursor: mailbox.cursor });
  });
}

/** Also said again, to who knows that, when the service is of another release. */
export function welcome({ clock, limits, knows }: World, connection: Connection): void {
  connection.send({
    type: 'welcome',
    user: connection.user,
    device: connection.device,
    cursor: connection.base,
    heartbeat: HEARTBEAT_MS,
    time: Math.floor(clock.now()),
    limits,
    knows: [...knows],
  });
}

function sendBatch(connection: Connection, frame: Down): void {
  connection.send(frame);
  const last = frame.type === 'batch' ? frame.entries.at(-1) : undefined;
  if (!last) return;
  const ahead = connection.ahead.get(last.conversation) ?? 0;
  connection.ahead.set(last.conversation, Math.max(ahead, last.seq));
}

/** What one conversation owes: its entries, cut to the limit, the receipts of others, and the user's own marks. */
function missed(world: World, mailbox: Mailbox, user: string, id: string, hello: UpOf<'hello'>): Down[] {
  const after = hello.heads?.[id];
  const farewell = mailbox.farewell(id);
  if (farewell) return batches(id, [farewell], farewell.seq, after ?? 0);
  const conversation = world.conversations.get(id);
  const member = conversation?.active(user);
  if (!conversation || !member) return [];
  const limit = hello.limit ?? world.limits.resumeMessages;
  const rows = conversation.range({ after, limit, newest: true });
  const entries = rows.map(({ seq }) => conversation.entry(seq, user));
  const frames: Down[] =
    entries.length > 0 || after === undefined ? batches(id, entries, conversation.head, after ?? 0) : [];
  const receipt = receiptFor(conversation, user, newestOwn(conversation, user, member.mark.delivered));
  if (receipt) frames.push(receipt);
  // Behind the entries it is about.
  if (member.mark.read > 0) frames.push({ type: 'receipt', conversation: id, user, ...member.mark });
  return frames;
}

function newestOwn(conversation: Conversation, user: string, above: number): number {
  for (let seq = conversation.head; seq > above; seq--) if (conversation.stored(seq)?.by === user) return seq;
  return conversation.head;
}

/** Entries as frames of at most about 60 kB. `have`: where the receiver stands; a cut behind it is named. */
export function batches(
  conversation: string,
  entries: readonly Entry[],
  head: number,
  have: number,
): DownOf<'batch'>[] {
  const frames: DownOf<'batch'>[] = [];
  let part: Entry[] = [];
  let size = 0;
  const flush = (upTo: number): void => {
    const first = frames.length === 0 ? part[0]?.seq : undefined;
    const gap = first !== undefined && first > have + 1 ? { gapBefore: have } : {};
    frames.push({ type: 'batch', conversation, entries: part, head: upTo, ...gap });
    part = [];
    size = 0;
  };
  for (const entry of entries) {
    const length = new TextEncoder().encode(JSON.stringify(entry)).length;
    if (size > 0 && size + length > BATCH_BYTES) flush(head);
    part.push(entry);
    size += length;
  }
  if (part.length > 0 || frames.length === 0) flush(head);
  return frames;
}
