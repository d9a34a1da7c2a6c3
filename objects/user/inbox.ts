import type { DeliverAnswer, DeliverCall, WireEntry } from '../shared/rpc.ts';
import type { Connection } from './connection.ts';
import { Connections, type ConnectionsEvents } from './connections.ts';
import type { UserHost } from './host.ts';
import { Notes } from './notes.ts';
import { Pushes, type PushesEvents } from './pushes.ts';
import type { DeviceRow, NoteRow, UserStore } from './store.ts';

/**
 * The inbox: a set of changed conversations, not a copy of messages. Connected devices get pushes; a change is noted (one
 * row) only when some device would otherwise not learn of it. See docs/design/inbox.md for the rules and why each is there.
 */

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

export type InboxEvents = Pick<PushesEvents, 'behind'> & Pick<ConnectionsEvents, 'silent' | 'crowded'>;

/** Devices remembered as removed: longer than their access tokens live, however often somebody signs in and out. */
export const REMOVED_KEPT = 256;

interface Device {
  /** Its cursor when it went; undefined while connected, or after a crash. */
  away: number | undefined;
  /** As the storage has it; undefined: not there yet. */
  row: DeviceRow | undefined;
}

export class Inbox {
  readonly #store: UserStore;
  readonly #host: UserHost;
  readonly #known = new Map<string, Known>();
  readonly #devices: Map<string, Device>;
  readonly #removed = new Set<string>();
  readonly lines: Connections;
  readonly notes: Notes;
  readonly pushes: Pushes;

  constructor(store: UserStore, host: UserHost, events: InboxEvents, connections: readonly Connection[]) {
    this.#store = store;
    this.#host = host;
    const devices = store.devices();
    this.#devices = new Map(devices.filter((d) => !d.removed).map((d) => [d.id, { away: d.away, row: d }]));
    for (const d of devices) if (d.removed) this.#removed.add(d.id);
    // Devices that went may have had later cursors than any that is connected.
    const given = [...connections.map((c) => c.ceiling), ...devices.map((d) => d.away ?? 0)];
    const isHere = (id: string): boolean => connections.some((c) => c.device === id);
    const lost = [...this.#devices].filter(([id, d]) => d.away === undefined && !isHere(id));
    const attached = Math.max(0, ...devices.map((d) => d.attached));
    this.notes = new Notes(store, () => host.now(), given, lost.length > 0, attached);
    // Others' lines outlived what took these, an exception. Recorded now, or each start would skip all that is reserved.
    if (connections.length > 0) for (const [id] of lost) this.#record(id, this.notes.cursor);

    this.lines = new Connections(
      host,
      {
        keep: (c) => this.pushes.keep(c),
        silent: (c) => events.silent(c),
        crowded: (c) => events.crowded(c),
      },
      connections,
    );
    this.pushes = new Pushes(host, this.notes, this.lines, {
      behind: (c, conversation, p) => events.behind(c, conversation, p),
      handed: (conversation) => this.#known.get(conversation)?.last ?? 0,
    });
  }

  get connections(): Iterable<Connection> {
    return this.lines.all;
  }

  connection(socket: number): Connection | undefined {
    return this.lines.get(socket);
  }

  isRemoved(device: string): boolean {
    return this.#removed.has(device);
  }

  /** Whether this device has been here before; a cursor it shows then means something. */
  knows(device: string): boolean {
    return this.#devices.has(device);
  }

  // ---- who is away ----

  /** Whether this is all that the user is signed in on: what it wrote itself nobody else has to get. */
  isOnly(device: string): boolean {
    return this.#devices.size === 1 && this.#devices.has(device);
  }

  /** This device was connected when the object crashed: nobody knows what it was sent. */
  lostTrackOf(device: string): boolean {
    const known = this.#devices.get(device);
    return known !== undefined && known.away === undefined && !this.lines.isConnected(device);
  }

  /** The greatest cursor a device that is away may have; -1 when none is away. */
  #awayCursor(): number {
    let most = -1;
    for (const [id, device] of this.#devices) {
      if (!this.lines.isConnected(id)) most = Math.max(most, device.away ?? this.notes.floor);
    }
    return most;
  }

  /** A note is due when some device that is away has a cursor not below the conversation's last note. */
  #noteForAway(conversation: string, kind: NoteRow['kind']): void {
    const away = this.#awayCursor();
    if (away >= 0 && (this.notes.row(conversation)?.note ?? 0) <= away) this.notes.note(conversation, kind);
  }

  // ---- connections ----

  open(connection: Connection): void {
    this.lines.open(connection);
  }

  /** `hello` was said: from here on live frames go to it. What older sockets of the device didn't confirm is noted first. */
  ready(connection: Connection, base: number): void {
    for (const other of this.lines.all) {
      if (other !== connection && other.device === connection.device) this.pushes.noteUnconfirmed(other);
    }
    connection.helloTimer?.();
    connection.helloTimer = undefined;
    connection.ready = true;
    connection.base = base;
    const row = this.#devices.get(connection.device)?.row;
    this.#devices.set(connection.device, { away: undefined, row });
    this.pushes.keep(connection);
  }

  /**
   * Its resume is complete. Only now its record is taken back: until now no frame brought it a cursor above the one it
   * came with. With it goes what the resume attached, in one row.
   */
  synced(connection: Connection): void {
    connection.synced = true;
    connection.ceiling = Math.max(connection.ceiling, this.notes.cursor);
    const row = this.#devices.get(connection.device)?.row;
    if (!row || row.away !== undefined || this.notes.attached > this.notes.attachedStored)
      this.#record(connection.device, undefined);
    this.pushes.keep(connection);
  }

  #record(id: string, away: number | undefined): void {
    const row = { id, away, removed: false, attached: this.notes.attached };
    this.#store.putDevice(row);
    this.notes.attachedStored = row.attached;
    this.#devices.set(id, { away, row });
  }

  /** A connection is gone: what it didn't confirm is noted, its device's cursor recorded. */
  closed(socket: number): void {
    const c = this.lines.get(socket);
    if (!c) return;
    this.lines.remove(c);
    if (!c.ready) return;
    const cursor = this.notes.cursor;
    this.pushes.noteUnconfirmed(c);
    const device = this.#devices.get(c.device);
    if (device && !this.lines.isConnected(c.device)) {
      const { row } = device;
      // Gone before its resume was complete: its cursor is what it was.
      if (!c.synced && row?.away !== undefined && c.base <= row.away) device.away = row.away;
      else this.#record(c.device, cursor);
      return;
    }
    // An older socket of the device stands in for it, dead or not: it has to remember what this one was given.
    for (const other of this.lines.all) {
      if (other.device !== c.device || other.ceiling >= cursor) continue;
      other.ceiling = cursor;
      this.pushes.keep(other);
    }
  }

  /** @returns the sockets to close. */
  remove(device: string): number[] {
    this.#removed.add(device);
    this.#devices.delete(device);
    const { cursor, attached } = this.notes;
    this.#store.putDevice({ id: device, away: cursor, removed: true, attached });
    for (const forgotten of this.#store.forgetRemoved(REMOVED_KEPT)) this.#removed.delete(forgotten);
    const gone = [...this.lines.all].filter((c) => c.device === device);
    for (const c of gone) this.lines.remove(c);
    return gone.map((c) => c.socket);
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
    const ready = this.lines.ready();
    const isNew = !row || row.ended !== undefined;
    const resumed = ready.length > 0 && !isNew && this.#takeOver(known, conversation, ready, call.head);
    const fresh = entries.filter(
      (e) => (known.last === undefined || e.seq > known.last) && !known.early.has(e.seq),
    );
    if (isNew) this.notes.begin(conversation, kind, call.head, entries.length === 0);
    this.pushes.touch(conversation);
    if (ready.length === 0) return this.#nobodyIsHere(call, known);
    for (const c of ready) {
      if (isNew) this.#announce(c, conversation, entries, call.head);
      else for (const e of fresh) this.pushes.push(c, conversation, e);
      for (const receipt of call.receipts) if (c.receipts.passes(receipt)) this.#host.send(c.socket, receipt);
      this.pushes.noteOverdue(c, conversation);
    }
    this.#absorb(known, entries);
    if (fresh.length > 0 || isNew || resumed || call.receipts.length > 0)
      this.#noteForAway(conversation, kind);
    const handed = known.last === undefined ? {} : { handed: known.last };
    return { attached: true, settled: this.settled(conversation), ...handed, cursor: this.notes.cursor };
  }

  /**
   * Before this object speaks of a conversation first after it left memory: what its connections remember counts as
   * handed over. The change is noted for who is away, because it may have come with a resume alone.
   */
  recall(conversation: string): void {
    const known = this.#knownOf(conversation);
    const row = this.notes.row(conversation);
    if (known.last !== undefined || !row || row.ended !== undefined) return;
    const ready = this.lines.ready();
    if (ready.length > 0 && this.#takeOver(known, conversation, ready, Number.MAX_SAFE_INTEGER))
      this.#noteForAway(conversation, row.kind);
  }

  /** Noted, unless it is already: the first device that comes back asks for everything since. */
  #nobodyIsHere({ conversation, kind, entries, head }: DeliverCall, known: Known): DeliverAnswer {
    this.#absorb(known, entries);
    const row = this.notes.row(conversation);
    if (!row || !this.notes.isDetached(row) || row.note <= this.#awayCursor())
      this.notes.note(conversation, kind, true);
    return { attached: false, settled: head, cursor: this.notes.cursor };
  }

  /**
   * Every connection was handed entries by its resume, or before the object left memory: from there on nothing is
   * missing here. @returns whether that is further than was known.
   */
  #takeOver(known: Known, conversation: string, ready: readonly Connection[], head: number): boolean {
    const handed = Math.min(head, ...ready.map((c) => c.ahead.get(conversation) ?? 0));
    if (handed <= (known.last ?? 0)) return false;
    known.last = handed;
    this.#absorb(known, []);
    return true;
  }

  /** The membership ended: the entry that says so is the last thing shown, and kept for devices that are away. */
  #ended(call: DeliverCall, row: NoteRow | undefined, known: Known): DeliverAnswer {
    const last = call.entries.at(-1);
    // A late repeat must not end a membership that began anew.
    const stale = row && row.ended === undefined && call.head < Math.max(known.last ?? 0, row.began);
    if (last && !stale && (row?.ended?.seq ?? 0) < last.seq) {
      for (const c of this.lines.ready()) {
        for (const e of call.entries)
          if (known.last === undefined || e.seq > known.last) this.pushes.frame(c, e.json);
        this.pushes.forget(c, call.conversation);
        c.ahead.delete(call.conversation);
        c.acked.delete(call.conversation);
        c.told.delete(call.conversation);
        this.lines.changed(c, false);
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
    for (const c of this.lines.ready()) this.#announce(c, conversation, [], head);
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
    this.pushes.expect(c, conversation, entries);
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
    // -1, the membership itself wasn't told, is as good as 0: nothing precedes the first entry.
    if (known.last === undefined && Math.max(settled, 0) >= entry.seq - 1) known.last = entry.seq - 1;
    if (known.early.has(entry.seq) || (known.last !== undefined && entry.seq <= known.last)) return;
    if (!this.notes.row(conversation)) this.notes.begin(conversation, kind, 0);
    for (const c of this.lines.ready()) if (c !== except) this.pushes.push(c, conversation, entry);
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

  /**
   * The user's own marks moved on one connection: the others are told, and noted for devices that are away. In the turn
   * of the frame that moved them, so before they are reported: a device that comes back asks, and is answered with what
   * still waits here too. Nothing is noted of a conversation this user isn't known to have.
   */
  marked(from: Connection, conversation: string, receipt: string): void {
    const row = this.notes.row(conversation);
    const known = row !== undefined && row.ended === undefined;
    for (const c of this.lines.ready()) {
      if (c === from) continue;
      this.#host.send(c.socket, c.receipts.forward(receipt));
      if (known && c.device !== from.device) this.#told(c, conversation, row.kind);
    }
    if (known) this.#noteForAway(conversation, row.kind);
  }

  /** Told is not arrived, and a receipt is confirmed by nobody. A row only when there is no more place to remember it. */
  #told(c: Connection, conversation: string, kind: NoteRow['kind']): void {
    if (c.told.has(conversation)) return;
    if (c.told.size >= TOLD) return this.notes.note(conversation, kind);
    c.told.add(conversation);
    this.lines.changed(c, false);
  }

  /** A frame to every connection that said `hello`, each with a cursor of its own. */
  tell(json: string): void {
    for (const c of this.lines.ready()) this.pushes.frame(c, json);
  }

  /** Up to here every connected device has confirmed or the change is noted; 0 when this object can't tell. */
  settled(conversation: string): number {
    const last = this.#known.get(conversation)?.last;
    if (last === undefined) return 0;
    let low = last;
    for (const c of this.lines.all) {
      const p = c.pending.get(conversation);
      if (p && !p.noted && p.from <= low) low = p.from - 1;
    }
    return low;
  }
}
