import type { Down, DownOf } from '../schema/protocol/down.ts';
import type { Entry } from '../schema/protocol/frames-log.ts';
import { ParleyError } from './errors.ts';
import { NO_MARKS, withReceipt } from './marks.ts';
import { changeOf } from './message-state.ts';
import type { Op } from './outbox.ts';
import type { Parts } from './parts.ts';
import type { Added, TimelineEntry, TimelineView } from './timeline.ts';
import type { Acked, ServiceLimits } from './types.ts';

/** Applies one frame of the service to the parts of the client, and tells the app. */
export function receive(parts: Parts, frame: Down): void {
  const { events, logs, now } = parts;
  events.emit('frame', frame);
  switch (frame.type) {
    case 'welcome':
      return welcome(parts, frame);
    case 'synced':
      return logs.synced(frame.cursor, now());
    case 'batch':
      return entries(parts, frame.conversation, frame.entries, frame);
    case 'ack':
      return ack(parts, frame);
    case 'receipt':
      return receipt(parts, frame);
    case 'error':
      return refused(parts, frame);
    case 'typing':
    case 'presence':
    case 'hint':
      return events.emit(frame.type, frame);
    case 'prefs':
      parts.conversations.setPrefs(frame.conversation, frame.prefs);
      if (frame.cursor !== undefined) logs.saw(frame.cursor);
      return events.emit('conversations');
    case 'message':
    case 'edit':
    case 'delete':
    case 'react':
    case 'member':
    case 'conversation':
    case 'withheld':
      entries(parts, frame.conversation, [frame], { cursor: frame.cursor });
  }
}

function welcome(parts: Parts, { user, device, limits, knows = [] }: DownOf<'welcome'>): void {
  const now = parts.now();
  parts.me = user;
  parts.device = device;
  const { frameRate, frameBurst, sendRate, sendBurst }: ServiceLimits = limits;
  parts.limits = limits;
  parts.outbox.knows = knows;
  if (sendRate && sendBurst) parts.outbox.pacer.set(sendRate, sendBurst, now);
  // Half of all frames for confirmations, of which one conversation may take two at a time.
  if (frameRate && frameBurst) parts.confirmations.pacer.set(frameRate / 4, frameBurst / 4, now);
}

function entries(
  parts: Parts,
  conversation: string,
  came: readonly Entry[],
  more: { readonly cursor?: number | undefined; readonly gapBefore?: number; readonly head?: number },
): void {
  const { logs, confirmations, now } = parts;
  const { last } = logs.of(conversation);
  const repeated = came.some((entry) => entry.seq <= last);
  const result = logs.add(conversation, came, more, now());
  if (repeated && !result.changed) confirmations.again(conversation, now());
  added(parts, conversation, result);
  // A new conversation announces itself empty.
  if (came.length === 0 && !parts.conversations.get(conversation)) {
    // Kept too: the cursor has moved on, so nobody will announce it again.
    parts.kept?.conversation(conversation);
    unlisted(parts, conversation);
  }
}

/** What it is has to be asked. */
function unlisted(parts: Parts, conversation: string): void {
  parts.unlisted.add(conversation);
  parts.events.emit('unlisted', { conversation });
}

/** What an own operation answered by `ack` looks like in the log; the service doesn't send it to its own device. */
function entryOf(op: Op, { seq, at }: DownOf<'ack'>, me: string): TimelineEntry {
  if (op.type === 'send') return { ...op, type: 'message', seq, from: me, at };
  return changeOf(op, seq, at, me);
}

function ack(parts: Parts, frame: DownOf<'ack'>): void {
  const { clientId, seq, at } = frame;
  const op = settleOwn(parts, clientId, { seq, at, duplicate: frame.duplicate === true });
  if (!op || parts.me === undefined) return;
  const { conversation } = op;
  added(
    parts,
    conversation,
    parts.logs.add(conversation, [entryOf(op, frame, parts.me)], {}, parts.now()),
    true,
  );
  // What came early stays in the outbox until it is its turn in the log, which may be in another run.
  if (op.type !== 'send' || parts.logs.of(conversation).last >= seq) forget(parts, clientId);
}

/** It is stored. The log tells that too: the `ack` may be lost with the socket. */
function settleOwn(parts: Parts, clientId: string, acked: Acked): Op | undefined {
  const op = parts.outbox.done(clientId);
  if (!op) return undefined;
  parts.mine.add(clientId);
  parts.waiters.resolve(clientId, acked);
  parts.events.emit('acked', { conversation: op.conversation, clientId, ...acked });
  return op;
}

/**
 * Own messages that come with the log, or with a page of it, were stored, whatever became of their `ack`. `last`: up to
 * here the log was told before.
 */
function settleLogged(parts: Parts, entries: readonly (Entry | TimelineEntry)[], last: number): void {
  for (const entry of entries) {
    if (entry.type !== 'message' || entry.from !== parts.me) continue;
    const { clientId, conversation, seq, at } = entry;
    if (parts.outbox.get(clientId)?.conversation !== conversation) continue;
    settleOwn(parts, clientId, { seq, at, duplicate: false });
    if (seq <= last) forget(parts, clientId);
  }
}

/** Its place in the log is known and kept from here on. */
function forget(parts: Parts, clientId: string): boolean {
  parts.kept?.stored(clientId);
  return parts.mine.delete(clientId);
}

/** Tells the app what was applied; `pending`: the list of unsent messages changed too. */
export function added(
  parts: Parts,
  conversation: string,
  { applied, gap, changed, touched }: Added,
  pending = false,
): void {
  const { events, logs, me, conversations, kept } = parts;
  const timeline = logs.of(conversation);
  settleLogged(parts, touched, (applied[0]?.seq ?? timeline.last + 1) - 1);
  kept?.entries(conversation, touched);
  // What came early isn't kept, but that it exists is: another tab may be opened before it fits.
  if (applied.length > 0 || timeline.behind) kept?.conversation(conversation);
  // What was left out was not counted either.
  if (gap && conversations.get(conversation)) unlisted(parts, conversation);
  if (applied.length > 0) {
    // The service knows that the sender has what it sent: an acknowledgement alone is not confirmed.
    const quiet = pending && applied.every((entry) => authorOf(entry) === me);
    arrived(parts, conversation, timeline.last, quiet);
    appended(parts, timeline, applied);
  }
  if (changed || pending) events.emit('timeline', { conversation });
}

/** Everything up to `last` is here, and is confirmed once it is kept. */
export function arrived(parts: Parts, conversation: string, last: number, quiet: boolean): void {
  if (parts.kept) parts.kept.mark(conversation, last, quiet);
  else parts.confirmations.applied(conversation, last, parts.now(), quiet);
}

function appended(parts: Parts, timeline: TimelineView, applied: Added['applied']): void {
  const { events, me, conversations } = parts;
  const { conversation } = timeline;
  const listed = conversations.applied(timeline, applied, me);
  for (const entry of applied) {
    const own = authorOf(entry) === me;
    const here = own && entry.type === 'message' && forget(parts, entry.clientId);
    events.emit('entry', { conversation, entry, own, here });
  }
  // Being removed is always the last thing heard.
  if (isFarewell(applied.at(-1), me)) conversations.delete(conversation);
  else if (!listed) unlisted(parts, conversation);
  if (listed) events.emit('conversations');
}

function isFarewell(entry: TimelineEntry | undefined, me: string | undefined): boolean {
  return (
    entry?.type === 'member' && entry.user === me && (entry.change === 'removed' || entry.change === 'left')
  );
}

function authorOf(entry: TimelineEntry): string | undefined {
  if (entry.type === 'message') return entry.from;
  return entry.type === 'withheld' ? undefined : entry.by;
}

function receipt(parts: Parts, frame: DownOf<'receipt'>): void {
  const { conversation } = frame;
  if (frame.user === parts.me && frame.user !== undefined) {
    parts.confirmations.readElsewhere(conversation, frame.read);
    return readUpTo(parts, conversation, frame.read);
  }
  const before = parts.marks.get(conversation) ?? NO_MARKS;
  const marks = withReceipt(before, frame);
  if (marks === before) return;
  parts.marks.set(conversation, marks);
  parts.kept?.conversation(conversation);
  parts.events.emit('receipt', { conversation, marks });
}

export function readUpTo(parts: Parts, conversation: string, seq: number): void {
  const { conversations, events, logs, me } = parts;
  const read = conversations.readUpTo(logs.of(conversation), seq, me);
  if (read) events.emit('conversations');
  if (read === 'guessed') events.emit('uncounted', { conversation });
}

function refused(parts: Parts, frame: DownOf<'error'>): void {
  const { clientId, code, conversation, detail, retryAfter } = frame;
  const error = new ParleyError(code, detail, { retryAfter });
  if (clientId !== undefined) {
    const op = parts.outbox.refused(clientId, error, parts.now());
    if (op) failed(parts, op, error);
    return;
  }
  if (code === 'rate_limited') parts.confirmations.lost(parts.now(), (retryAfter ?? 1) * 1000);
  if (conversation !== undefined && (code === 'not_found' || code === 'not_member')) {
    const ended = parts.logs.ended(conversation);
    if (ended) added(parts, conversation, ended);
  }
  parts.events.emit('error', error);
}

/** An operation that will never be stored. */
export function failed(parts: Parts, op: Op, error: ParleyError): void {
  const { conversation, clientId } = op;
  parts.outbox.fail(op, error, parts.now());
  const failure = parts.outbox.standing(clientId);
  if (failure) parts.kept?.queued(failure);
  parts.waiters.reject(clientId, error);
  parts.events.emit('failed', { conversation, clientId, error, op });
  parts.events.emit('timeline', { conversation });
  if (!parts.followed) parts.post({ type: 'failed', clientId, code: error.code, detail: error.message });
}
