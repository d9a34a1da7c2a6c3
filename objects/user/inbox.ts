import type { DeliverAnswer, DeliverCall, WireEntry } from '../shared/rpc.ts';
import type { Connection, Pending } from './connection.ts';
import type { UserHost } from './host.ts';
import { Notes } from './notes.ts';
import type { NoteRow, UserStore } from './store.ts';

/**
 * The inbox: a set of changed conversations, not a copy of messages. Connected devices get pushes; a change is noted (one
 * row) only when some device would otherwise not learn of it. See docs/design/inbox.md for the rules and why each is there.
 */

/** What is unconfirmed for so long is noted. */
export const CONFIRM_MS = 5_000;
/** Two missed heartbeats, and a little. */
export const LEASE_MS = 35_000;
/** Most bytes pushed to one connection and not confirmed; the rest comes by pull. */
export const WINDOW = 1_048_576;
/** Cursors are reserved in sockets' attachments in blocks: one serialisation for so many frames. */
const ATTACH = 64;

/** Conversations a connection remembers to have been told the own marks of; they fit into a socket's attachment. */
const TOLD = 16;

/** Own entries remembered while others' before them are on their way; one forgotten is pushed twice, which is harmless. */
const EARLY = 4_096;

/** What this object knows of a conversation since it started. */
interface Known {
  /** Up to here every entry was handed to every connected device; undefined before the first delivery. */
  last: number | undefined;
  /** Own entries above `last + 1`: others' before them are on their way. */
  readonly early: Set<number>;
}

export interface InboxEvents {
  /** A connection has room again and is behind in a conversation. */
  behind(connection: Connection, conversation: string, pending: Pending): void;
}

export class Inbox {
  readonly #store: UserStore;
  readonly #host: UserHost;
  readonly #events: InboxEvents;
  readonly #connections = new Map<number, Connection>();
  readonly #known = new Map<string, Known>();
  readonly #devices: Map<string, { away: number | undefined }>;
  readonly #removed = new Set<string>();
  readonly notes: Notes;
  /** Cancels the timer that runs while something is unconfirmed. */
  #ticking: (() => void) | undefined;

  constructor(store: UserStore, host: UserHost, events: InboxEvents, connections: readonly Connection[]) {
    this.#store = store;
    this.#host = host;
    this.#events = events;
    const devices = store.devices();
    this.#devices = new Map(devices.filter((d) => !d.removed).map((d) => [d.id, { away: d.away }]));
    for (const d of devices) if (d.removed) this.#removed.add(d.id);
    for (const c of connections) this.#connections.set(c.socket, c);
    // Devices that went may have had later cursors than any that is connected.
    const given = [...connections.map((c) => c.ceiling), ...devices.map((d) => d.away ?? 0)];
    this.notes = new Notes(store, () => host.now(), given, connections.length === 0);
  }

  get connections(): Iterable<Connection> {
    return this.#connections.values();
  }

  connection(socket: number): Connection | undefined {
    return this.#connections.get(socket);
  }

  isRemoved(device: string): boolean {
    return this.#removed.has(device);
  }

  /** Whether this device has been here before; a cursor it shows then means something. */
  knows(device: string): boolean {
    return this.#devices.has(device);
  }

  // ---- who is away ----

  /** The greatest cursor a device that is away may have; -1 when none is away. */
  #awayCursor(): number {
    let most = -1;
    for (const [id, device] of this.#devices) {
      if (!this.#isConnected(id)) most = Math.max(most, device.away ?? this.notes.floor);
    }
    return most;
  }

  #isConnected(device: string): boolean {
    for (const c of this.#connections.values()) if (c.device === device && c.ready) return true;
    return false;
  }

  /** A note is due when some device that is away has a cursor not below the conversation's last note. */
  #noteForAway(conversation: string, kind: NoteRow['kind']): void {
    const away = this.#awayCursor();
    if (away >= 0 && (this.notes.row(conversation)?.note ?? 0) <= away) this.notes.note(conversation, kind);
  }

  // ---- connections ----

  open(connection: Connection): void {
    this.#connections.set(connection.socket, connection);
  }

  /** `hello` was said: from here on live frames go to it. What older sockets of the device didn't confirm is noted first. */
  ready(connection: Connection, base: number): void {
    for (const other of this.#connections.values()) {
      if (other !== connection && other.device === connection.device) this.#noteUnconfirmed(other);
    }
    connection.ready = true;
    connection.base = base;
    const known = this.#devices.get(connection.device);
    if (!known || known.away !== undefined) {
      this.#devices.set(connection.device, { away: undefined });
      this.#store.putDevice({ id: connection.device, away: undefined, removed: false });
    }
  }

  synced(connection: Connection): void {
    connection.synced = true;
    connection.ceiling = Math.max(connection.ceiling, this.notes.cursor);
    this.#keep(connection);
  }

  #keep(c: Connection): void {
    const { device, synced, ceiling, told } = c;
    this.#host.keep(c.socket, { device, synced, ceiling, ...(told.size > 0 ? { told: [...told] } : {}) });
  }

  /** A connection is gone: what it didn't confirm is noted, its device's cursor recorded. */
  closed(socket: number): void {
    const c = this.#connections.get(socket);
    if (!c) return;
    this.#connections.delete(socket);
    if (!c.ready) return;
    const cursor = this.notes.cursor;
    this.#noteUnconfirmed(c);
    const device = this.#devices.get(c.device);
    if (device && !this.#isConnected(c.device)) {
      device.away = cursor;
      this.#store.putDevice({ id: c.device, away: cursor, removed: false });
      return;
    }
    // An older socket of the device stands in for it, dead or not: it has to remember what this one was given.
    for (const other of this.#connections.values()) {
      if (other.device !== c.device || other.ceiling >= cursor) continue;
      other.ceiling = cursor;
      this.#keep(other);
    }
  }

  #noteUnconfirmed(c: Connection): void {
    const open = new Set([...c.pending.keys(), ...c.acked.keys(), ...c.told]);
    for (const conversation of open) {
      const row = this.notes.row(conversation);
      if (!row?.ended && (row?.note ?? 0) <= this.notes.cursor)
        this.notes.note(conversation, row?.kind ?? 'direct');
      const p = c.pending.get(conversation);
      if (p) p.noted = true;
    }
    c.acked.clear();
    c.told.clear();
  }

  /** @returns the sockets to close. */
  remove(device: string): number[] {
    this.#removed.add(device);
    this.#devices.delete(device);
    this.#store.putDevice({ id: device, away: undefined, removed: true });
    const sockets = [...this.#connections.values()].filter((c) => c.device === device).map((c) => c.socket);
    for (const socket of sockets) this.#connections.delete(socket);
    return sockets;
  }

  // ---- entries ----

  #knownOf(conversation: string): Known {
    let known = this.#known.get(conversation);
    if (!known) {
      known = { last: undefined, early: new Set() };
      this.#known.set(conversation, known);
    }
    return known;
  }

  /** What a conversation delivers. Pushes first; mostly writes nothing. */
  deliver(call: DeliverCall): DeliverAnswer {
    const { conversation, kind, entries } = call;
    const known = this.#knownOf(conversation);
    const row = this.notes.row(conversation);
    if (call.ended) return this.#ended(call, row, known);
    // A late repeat from before the end must not begin the membership again.
    if (row?.ended && call.head <= row.ended.seq)
      return { attached: false, settled: call.head, cursor: this.notes.cursor };
    const fresh = entries.filter(
      (e) => (known.last === undefined || e.seq > known.last) && !known.early.has(e.seq),
    );
    const ready = this.#readyConnections();
    const isNew = !row || row.ended !== undefined;
    if (isNew) this.notes.begin(conversation, kind, call.head, entries.length === 0);
    if (ready.length === 0) {
      this.#absorb(known, entries);
      const kept = this.notes.row(conversation);
      const away = this.#awayCursor();
      if (!kept || !this.notes.isDetached(kept) || kept.note <= away)
        this.notes.note(conversation, kind, true);
      return { attached: false, settled: call.head, cursor: this.notes.cursor };
    }
    for (const c of ready) {
      if (isNew) this.#announce(c, conversation, entries, call.head);
      else for (const e of fresh) this.push(c, conversation, e);
      for (const receipt of call.receipts) this.#host.send(c.socket, receipt);
    }
    this.#absorb(known, entries);
    if (fresh.length > 0 || isNew || call.receipts.length > 0) this.#noteForAway(conversation, kind);
    return { attached: true, settled: this.settled(conversation), cursor: this.notes.cursor };
  }

  /** The membership ended: the entry that says so is the last thing shown, and kept for devices that are away. */
  #ended(call: DeliverCall, row: NoteRow | undefined, known: Known): DeliverAnswer {
    const last = call.entries.at(-1);
    // A late repeat must not end a membership that began anew.
    const stale = row && row.ended === undefined && call.head < Math.max(known.last ?? 0, row.began);
    if (last && !stale && (row?.ended?.seq ?? 0) < last.seq) {
      for (const c of this.#readyConnections()) {
        for (const e of call.entries)
          if (known.last === undefined || e.seq > known.last) this.frame(c, e.json);
        c.window -= c.pending.get(call.conversation)?.bytes ?? 0;
        c.pending.delete(call.conversation);
        c.acked.delete(call.conversation);
        c.told.delete(call.conversation);
      }
      const note = this.notes.next();
      this.notes.put({
        id: call.conversation,
        kind: call.kind,
        note,
        detached: 0,
        at: this.#host.now(),
        began: 0,
        ended: last,
      });
      this.#known.delete(call.conversation);
    }
    return { attached: false, settled: call.head, cursor: this.notes.cursor };
  }

  /**
   * The user has made a conversation: the list shows it, and every device hears of it, before the conversation's own call
   * arrives, which finds it known. Unless that was here first.
   */
  created(conversation: string, kind: NoteRow['kind'], head: number): void {
    if (this.notes.row(conversation)) return;
    this.notes.begin(conversation, kind, 0, true);
    for (const c of this.#readyConnections()) this.#announce(c, conversation, [], head);
  }

  /** A conversation this user didn't have: a batch, so that an empty one is seen too and history before it is a gap. */
  #announce(c: Connection, conversation: string, entries: readonly WireEntry[], head: number): void {
    const first = entries[0]?.seq ?? 1;
    const list = entries.map((e) => `{${e.json}`).join(',');
    const gap = first > 1 ? `,"gapBefore":0` : '';
    this.#host.send(
      c.socket,
      `{"type":"batch","conversation":"${conversation}","entries":[${list}],"head":${head}${gap}}`,
    );
    this.expect(c, conversation, entries);
  }

  /**
   * Own entries, known from the append's answer: pushed to everyone but the connection that got the acknowledgement.
   * @param settled the user's settled mark before them: from there on nothing is missing here.
   */
  own(
    conversation: string,
    kind: NoteRow['kind'],
    entry: WireEntry,
    settled: number,
    except: Connection | undefined,
  ): void {
    // The answer came after the end, or before the call that begins a new membership and brings this entry too.
    if (this.notes.row(conversation)?.ended) return;
    const known = this.#knownOf(conversation);
    if (known.last === undefined && settled >= entry.seq - 1) known.last = entry.seq - 1;
    if (known.early.has(entry.seq) || (known.last !== undefined && entry.seq <= known.last)) return;
    if (!this.notes.row(conversation)) this.notes.begin(conversation, kind, 0);
    for (const c of this.#readyConnections()) if (c !== except) this.push(c, conversation, entry);
    if (known.last !== undefined && entry.seq === known.last + 1) this.#absorb(known, [entry]);
    else if (known.early.size < EARLY) known.early.add(entry.seq);
    this.#noteForAway(conversation, kind);
  }

  #absorb(known: Known, entries: readonly WireEntry[]): void {
    const last = entries.at(-1)?.seq;
    if (last !== undefined) known.last = Math.max(known.last ?? 0, last);
    if (known.last === undefined) return;
    while (known.early.delete(known.last + 1)) known.last++;
    if (known.early.size > 0) for (const seq of known.early) if (seq <= known.last) known.early.delete(seq);
  }

  #readyConnections(): Connection[] {
    const ready: Connection[] = [];
    for (const c of this.#connections.values()) if (c.ready) ready.push(c);
    return ready;
  }

  /**
   * The user's own marks moved on one connection: the others are told, and noted for devices that are away. In the turn
   * of the frame that moved them, so before they are reported: a device that comes back asks, and is answered with what
   * still waits here too. Nothing is noted of a conversation this user isn't known to have.
   */
  marked(from: Connection, conversation: string, receipt: string): void {
    const row = this.notes.row(conversation);
    const known = row !== undefined && row.ended === undefined;
    for (const c of this.#readyConnections()) {
      if (c === from) continue;
      this.#host.send(c.socket, receipt);
      if (known && c.device !== from.device) this.#told(c, conversation, row.kind);
    }
    if (known) this.#noteForAway(conversation, row.kind);
  }

  /** Told is not arrived, and a receipt is confirmed by nobody. A row only when there is no more place to remember it. */
  #told(c: Connection, conversation: string, kind: NoteRow['kind']): void {
    if (c.told.has(conversation)) return;
    if (c.told.size >= TOLD) return this.notes.note(conversation, kind);
    c.told.add(conversation);
    this.#keep(c);
  }

  /** A frame to every connection that said `hello`, each with a cursor of its own. */
  tell(json: string): void {
    for (const c of this.#readyConnections()) this.frame(c, json);
  }

  /** `json`: the frame without its opening brace and its cursor. */
  frame(c: Connection, json: string): void {
    let cursor = c.base;
    if (c.synced) {
      cursor = this.notes.next();
      if (cursor > c.ceiling) {
        c.ceiling = cursor + ATTACH;
        this.#keep(c);
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
    this.#tick();
  }

  acked(c: Connection, conversation: string, seq: number): void {
    c.acked.set(conversation, Math.max(c.acked.get(conversation) ?? 0, seq));
  }

  /** A device confirmed up to `seq`: exactly so far, whatever else was pushed. */
  confirm(c: Connection, conversation: string, seq: number): void {
    if ((c.acked.get(conversation) ?? Number.MAX_SAFE_INTEGER) <= seq) c.acked.delete(conversation);
    const p = c.pending.get(conversation);
    if (p && seq >= p.from) {
      if (seq >= p.to) {
        c.pending.delete(conversation);
        c.window -= p.bytes;
      } else {
        const left = Math.round((p.bytes * Math.max(0, p.pushed - seq)) / Math.max(1, p.pushed - p.from + 1));
        c.window -= p.bytes - left;
        p.bytes = left;
        p.from = seq + 1;
        p.since = this.#host.now();
      }
    }
    if (c.window < WINDOW / 2) this.#resumePushing(c);
    this.#calm();
  }

  #resumePushing(c: Connection): void {
    for (const [conversation, p] of c.pending) {
      if (p.pushed < p.to && !p.pulling) {
        p.pulling = true;
        this.#events.behind(c, conversation, p);
      }
    }
  }

  /** Up to here every connected device has confirmed or the change is noted; 0 when this object can't tell. */
  settled(conversation: string): number {
    const last = this.#known.get(conversation)?.last;
    if (last === undefined) return 0;
    let low = last;
    for (const c of this.#connections.values()) {
      const p = c.pending.get(conversation);
      if (p && !p.noted && p.from <= low) low = p.from - 1;
    }
    return low;
  }

  /** Nothing is unconfirmed any more: let the object sleep. */
  #calm(): void {
    if (!this.#ticking) return;
    for (const c of this.#connections.values()) {
      for (const p of c.pending.values()) if (!p.noted) return;
    }
    this.#ticking();
    this.#ticking = undefined;
  }

  /** While something is unconfirmed a timer runs, which also keeps the object from hibernating. */
  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = this.#host.timer(1000, () => {
      this.#ticking = undefined;
      let open = false;
      for (const c of [...this.#connections.values()]) open = this.#noteOverdue(c) || open;
      if (open) this.#tick();
    });
  }

  /** Notes what this connection left unconfirmed too long. @returns whether more is unconfirmed. */
  #noteOverdue(c: Connection): boolean {
    const now = this.#host.now();
    let open = false;
    for (const [conversation, p] of c.pending) {
      if (p.noted) continue;
      if (now - p.since < CONFIRM_MS) {
        open = true;
        continue;
      }
      p.noted = true;
      const row = this.notes.row(conversation);
      if (row && row.ended === undefined) this.notes.note(conversation, row.kind);
      if (now - Math.max(c.lastFrame, this.#host.lastPing(c.socket)) > LEASE_MS) {
        this.closed(c.socket);
        this.#host.close(c.socket, 1001, 'no sign of life');
        return false;
      }
    }
    return open;
  }
}
