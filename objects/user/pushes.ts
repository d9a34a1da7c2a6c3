import { VERSION } from '../../schema/protocol/release.ts';
import type { WireEntry } from '../shared/rpc.ts';
import type { Connection, Pending } from './connection.ts';
import type { Connections } from './connections.ts';
import type { KeptSocket, UserHost } from './host.ts';
import type { Notes } from './notes.ts';

/** What is unconfirmed for so long is noted when its conversation asks. */
export const CONFIRM_MS = 5_000;
/** Most bytes pushed to one connection and not confirmed; the rest comes by pull. */
export const WINDOW = 1_048_576;
/** Cursors are reserved in sockets' attachments in blocks: one serialisation for so many frames. */
const ATTACH = 64;
/** Conversations an attachment has place for: unconfirmed ones beyond that are noted, of others what was handed is forgotten. */
export const KEPT_PENDING = 64;
export const KEPT_ACKED = 32;
export const KEPT_HEADS = 64;

export interface PushesEvents {
  /** A connection has room again and is behind in a conversation. */
  behind(connection: Connection, conversation: string, pending: Pending): void;
  /** Up to where every connected device was handed this conversation's entries, as far as this object knows. */
  handed(conversation: string): number;
}

/** What goes out to connections, what of it they have not confirmed, and what their attachments say of both. */
export class Pushes {
  readonly #host: UserHost;
  readonly #notes: Notes;
  readonly #connections: Connections;
  readonly #events: PushesEvents;
  /** The conversations used last, the newest at the end. */
  readonly #recent = new Set<string>();

  constructor(host: UserHost, notes: Notes, connections: Connections, events: PushesEvents) {
    this.#host = host;
    this.#notes = notes;
    this.#connections = connections;
    this.#events = events;
    for (const c of connections.all) for (const conversation of c.ahead.keys()) this.touch(conversation);
  }

  /** `json`: the frame without its opening brace and its cursor. */
  frame(c: Connection, json: string): void {
    let cursor = c.base;
    if (c.synced) {
      cursor = this.#notes.next();
      if (cursor > c.ceiling) {
        c.ceiling = cursor + ATTACH;
        this.keep(c);
      }
    }
    this.#host.send(c.socket, `{"cursor":${cursor},${json}`);
  }

  push(c: Connection, conversation: string, entry: WireEntry): void {
    // A pull may have run ahead of the live frames.
    if (entry.seq <= (c.ahead.get(conversation) ?? 0)) return;
    const p = c.pending.get(conversation);
    if (c.window >= WINDOW || (p && p.pushed < p.to)) {
      this.#pend(c, conversation, entry.seq, entry.seq, 0, p ? p.pushed : entry.seq - 1);
      return;
    }
    this.#pend(c, conversation, entry.seq, entry.seq, entry.json.length, entry.seq);
    this.frame(c, entry.json);
  }

  /** The first of these that the connection's window has room for. */
  fitting(c: Connection, entries: readonly WireEntry[]): readonly WireEntry[] {
    let bytes = c.window;
    let count = 0;
    for (; count < entries.length && bytes < WINDOW; count++) bytes += entries[count]?.json.length ?? 0;
    return entries.slice(0, count);
  }

  /** Entries went out in batches: they want confirmation like live frames, and are not pushed again. */
  expect(c: Connection, conversation: string, entries: readonly WireEntry[]): void {
    const first = entries[0]?.seq;
    const last = entries.at(-1)?.seq;
    if (first === undefined || last === undefined) return;
    c.ahead.set(conversation, Math.max(c.ahead.get(conversation) ?? 0, last));
    const p = c.pending.get(conversation);
    const bytes = entries.reduce((sum, e) => sum + e.json.length, 0);
    this.#pend(
      c,
      conversation,
      Math.min(p?.from ?? first, first),
      Math.max(p?.to ?? last, last),
      bytes,
      last,
    );
  }

  #pend(c: Connection, conversation: string, from: number, to: number, bytes: number, pushed: number): void {
    const now = this.#host.now();
    this.touch(conversation);
    c.window += bytes;
    const p = c.pending.get(conversation);
    if (p) {
      p.from = Math.min(p.from, from);
      p.to = Math.max(p.to, to);
      p.pushed = bytes > 0 ? Math.max(p.pushed, pushed) : p.pushed;
      p.bytes += bytes;
      if (p.noted) p.since = now;
      p.noted = false;
    } else {
      c.pending.set(conversation, { from, to, pushed, since: now, bytes, noted: false, pulling: false });
    }
    this.#connections.changed(c, true);
  }

  acked(c: Connection, conversation: string, seq: number): void {
    this.touch(conversation);
    c.acked.set(conversation, Math.max(c.acked.get(conversation) ?? 0, seq));
    this.#connections.changed(c, false);
  }

  /** A device confirmed up to `seq`: exactly so far, whatever else was pushed. */
  confirm(c: Connection, conversation: string, seq: number): void {
    if ((c.acked.get(conversation) ?? Number.MAX_SAFE_INTEGER) <= seq) c.acked.delete(conversation);
    const p = c.pending.get(conversation);
    if (p && seq >= p.from) {
      if (seq >= p.to) this.forget(c, conversation);
      else {
        const left = Math.round((p.bytes * Math.max(0, p.pushed - seq)) / Math.max(1, p.pushed - p.from + 1));
        c.window -= p.bytes - left;
        p.bytes = left;
        p.from = seq + 1;
        p.since = this.#host.now();
      }
      this.#connections.changed(c, hasUnconfirmed(c));
    }
    if (c.window < WINDOW / 2) this.#resumePushing(c);
  }

  /** Nothing of this conversation waits for confirmation any more. */
  forget(c: Connection, conversation: string): void {
    c.window -= c.pending.get(conversation)?.bytes ?? 0;
    c.pending.delete(conversation);
  }

  #resumePushing(c: Connection): void {
    for (const [conversation, p] of c.pending) {
      if (p.pushed < p.to && !p.pulling) {
        p.pulling = true;
        this.#events.behind(c, conversation, p);
      }
    }
  }

  /** Notes what a connection left unconfirmed too long in this conversation. */
  noteOverdue(c: Connection, conversation: string): void {
    const p = c.pending.get(conversation);
    if (!p || p.noted) return;
    const age = this.#host.now() - p.since;
    // Less than nothing: the clock stepped back.
    if (age >= 0 && age < CONFIRM_MS) return;
    this.#note(conversation, p);
    this.#connections.changed(c, hasUnconfirmed(c));
  }

  /** Notes all that this connection was told and didn't confirm: it is gone, or another stands in for it. */
  noteUnconfirmed(c: Connection): void {
    for (const conversation of new Set([...c.pending.keys(), ...c.acked.keys(), ...c.told])) {
      this.#note(conversation, c.pending.get(conversation));
    }
    c.acked.clear();
    c.told.clear();
  }

  #note(conversation: string, p: Pending | undefined): void {
    const row = this.#notes.row(conversation);
    if (!row?.ended) this.#notes.note(conversation, row?.kind ?? 'direct');
    if (p) p.noted = true;
  }

  // ---- attachments ----

  touch(conversation: string): void {
    this.#recent.delete(conversation);
    this.#recent.add(conversation);
    if (this.#recent.size <= KEPT_HEADS) return;
    const oldest = this.#recent.values().next().value;
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Writes into the attachment what the object can't know after it left memory. */
  keep(c: Connection): void {
    const { device, ready, synced, ceiling, told, knows, seen: at } = c;
    const pending = [...c.pending].filter(([, p]) => !p.noted || p.pushed < p.to);
    for (const [conversation, p] of pending.splice(0, Math.max(0, pending.length - KEPT_PENDING)))
      this.#note(conversation, p);
    const acked = [...c.acked];
    for (const [conversation] of acked.splice(0, Math.max(0, acked.length - KEPT_ACKED))) {
      this.#note(conversation, undefined);
      c.acked.delete(conversation);
    }
    const heads = [...this.#recent].map((conversation): readonly [string, number] => [
      conversation,
      Math.max(this.#events.handed(conversation), c.ahead.get(conversation) ?? 0),
    ]);
    const kept: KeptSocket = {
      device,
      ready,
      synced,
      ceiling,
      at,
      ...(told.size > 0 ? { told: [...told] } : {}),
      ...(heads.length > 0 ? { heads: heads.filter(([, handed]) => handed > 0) } : {}),
      ...(pending.length > 0
        ? { pending: pending.map(([id, { from, to, pushed }]) => [id, from, to, pushed] as const) }
        : {}),
      ...(acked.length > 0 ? { acked } : {}),
      ...(knows.length > 0 ? { knows, release: VERSION } : {}),
    };
    this.#host.keep(c.socket, kept);
  }
}

export function hasUnconfirmed(c: Connection): boolean {
  for (const p of c.pending.values()) if (!p.noted) return true;
  return false;
}
