import type { Down, DownOf } from '../../schema/protocol/down.ts';
import { fail } from '../../schema/protocol/errors.ts';
import type { Entry } from '../../schema/protocol/frames-log.ts';
import type { Prefs } from '../../schema/protocol/frames-prefs.ts';
import type { PrefsChange } from '../../schema/protocol/http-conversations.ts';
import { Bucket } from './bucket.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import { changedPrefs } from './prefs.ts';
import type { World } from './world.ts';

/** A duplicate comes this much later. */
const AGAIN_MS = 40;

interface Row {
  /** The user's cursor at the latest change. */
  note: number;
  /** The membership ended with this. */
  farewell: Entry | undefined;
}

interface Rates {
  readonly frames: Bucket;
  readonly sends: Bucket;
}

/** What one user has: connections, which conversations changed at which cursor, preferences, blocks. */
export class Mailbox {
  readonly user: string;
  readonly connections = new Set<Connection>();
  readonly blocks = new Set<string>();
  cursor = 0;
  readonly #world: World;
  readonly #rows = new Map<string, Row>();
  readonly #prefs = new Map<string, { prefs: Prefs; note: number }>();
  readonly #devices = new Set<string>();
  readonly #rates = new Map<string, Rates>();
  /** What is on its way here from each conversation, in order. */
  readonly #lanes = new Map<string, { at: number; readonly queue: (() => void)[] }>();

  constructor(world: World, user: string) {
    this.#world = world;
    this.user = user;
  }

  // ---- connections ----

  /** Whether this device said `hello` before: a cursor it shows then means something. */
  knows(device: string): boolean {
    return this.#devices.has(device);
  }

  arrived(connection: Connection, base: number): void {
    this.#devices.add(connection.device);
    connection.ready = true;
    connection.base = base;
    this.#world.presence.changed(this.user);
  }

  left(connection: Connection): void {
    connection.open = false;
    if (this.connections.delete(connection)) this.#world.presence.changed(this.user);
  }

  /** The session of a device ended. */
  removeDevice(device: string): void {
    this.#devices.delete(device);
    for (const connection of [...this.connections])
      if (connection.device === device) connection.close(fail('session_ended', 'session_ended'));
  }

  #ready(): Connection[] {
    return [...this.connections].filter(({ ready }) => ready);
  }

  rates(device: string): Rates {
    const { limits, clock } = this.#world;
    let rates = this.#rates.get(device);
    if (!rates) {
      const { frameRate, frameBurst, sendRate, sendBurst } = limits;
      rates = {
        frames: new Bucket(Math.max(frameRate, sendRate), Math.max(frameBurst, sendBurst), clock.now()),
        sends: new Bucket(sendRate, sendBurst, clock.now()),
      };
      this.#rates.set(device, rates);
    }
    return rates;
  }

  // ---- what a resume needs ----

  /** Conversations that changed after this cursor. */
  changedSince(cursor: number): string[] {
    return [...this.#rows].filter(([, { note }]) => note > cursor).map(([id]) => id);
  }

  /** Conversations of this user now. */
  current(): string[] {
    return [...this.#rows].filter(([, { farewell }]) => !farewell).map(([id]) => id);
  }

  farewell(conversation: string): Entry | undefined {
    return this.#rows.get(conversation)?.farewell;
  }

  hasEnded(conversation: string): boolean {
    return this.farewell(conversation) !== undefined;
  }

  /** Frames of what was set after this cursor. */
  prefsSince(cursor: number): ((connection: Connection) => Down)[] {
    return [...this.#prefs]
      .filter(([, { note }]) => note > cursor)
      .map(([conversation, { prefs }]) => this.#prefsFrame(conversation, prefs, this.cursor));
  }

  // ---- what comes from conversations ----

  /** An own entry, which waits for nothing: everybody but the connection that gets the `ack` learns of it. */
  own(conversation: Conversation, seq: number): void {
    if (this.hasEnded(conversation.id)) return;
    this.#push(conversation, seq, this.#world.sender);
  }

  /** An entry of somebody else, behind what is on its way already. */
  entry(conversation: Conversation, seq: number): void {
    this.#later(conversation.id, () => this.#push(conversation, seq, undefined));
  }

  #push(conversation: Conversation, seq: number, except: Connection | undefined): void {
    const { id } = conversation;
    this.#note(id);
    const entry = conversation.entry(seq, this.user);
    for (const connection of this.#ready()) {
      if (connection === except) continue;
      connection.push(entry, this.cursor);
      if (this.#world.plan.duplicates())
        this.#world.clock.after(AGAIN_MS, () => {
          if (connection.open && conversation.active(this.user))
            connection.push(conversation.entry(seq, this.user), ++this.cursor);
        });
    }
  }

  /** The conversation is new here; the batch says so also when it is empty, and names the history before it as a gap. */
  begin(conversation: Conversation, first: number): void {
    this.#later(conversation.id, () => {
      // Who made it heard of it at once.
      const known = this.#has(conversation.id);
      this.#note(conversation.id);
      if (!known && conversation.active(this.user)) this.#announce(conversation, first);
    });
  }

  /** This user has made it: all devices hear of it, and the list shows it, whatever else takes its time. */
  created(conversation: Conversation): void {
    if (this.#has(conversation.id)) return;
    this.#note(conversation.id);
    this.#announce(conversation, 1);
  }

  #has(conversation: string): boolean {
    return this.#rows.has(conversation) && !this.hasEnded(conversation);
  }

  #announce(conversation: Conversation, first: number): void {
    const { id, head } = conversation;
    const entries: Entry[] = [];
    for (let seq = first; seq <= head; seq++) entries.push(conversation.entry(seq, this.user));
    const gap = first > 1 && entries.length > 0 ? { gapBefore: 0 } : {};
    for (const connection of this.#ready()) {
      connection.send({ type: 'batch', conversation: id, entries, head, ...gap });
      if (head > 0) connection.ahead.set(id, head);
    }
  }

  /** The entry that says so is the last thing shown, and kept for devices that are away. */
  end(conversation: Conversation, seq: number): void {
    this.#later(conversation.id, () => {
      const farewell = conversation.entry(seq, this.user);
      this.#note(conversation.id).farewell = farewell;
      for (const connection of this.#ready()) {
        connection.push(farewell, this.cursor);
        connection.ahead.delete(conversation.id);
      }
    });
  }

  /** Marks of others. Kept nowhere: a device that is away gets them with its resume. */
  receipt(conversation: string, frame: DownOf<'receipt'>): void {
    this.#note(conversation);
    for (const connection of this.#ready()) connection.send(frame);
  }

  /** This user's own mark moved on one device; the others want to know, also those that are away. */
  read(conversation: string, from: Connection): void {
    const mark = this.#world.conversations.get(conversation)?.active(this.user)?.mark;
    if (!mark) return;
    this.#note(conversation);
    for (const connection of this.#ready())
      if (connection !== from) connection.send({ type: 'receipt', conversation, user: this.user, ...mark });
  }

  #note(conversation: string): Row {
    const row = this.#rows.get(conversation) ?? { note: 0, farewell: undefined };
    this.#rows.set(conversation, row);
    row.note = ++this.cursor;
    row.farewell = undefined;
    return row;
  }

  /** In order for each conversation, also when it takes longer. */
  #later(conversation: string, run: () => void): void {
    const { clock, plan } = this.#world;
    const lane = this.#lanes.get(conversation) ?? { at: 0, queue: [] };
    this.#lanes.set(conversation, lane);
    const delay = plan.extraDelay();
    if (delay === 0 && lane.queue.length === 0) return run();
    lane.at = Math.max(lane.at, clock.now() + delay);
    lane.queue.push(run);
    clock.after(lane.at - clock.now(), () => lane.queue.shift()?.());
  }

  // ---- preferences ----

  prefs(conversation: string): Prefs | undefined {
    const prefs = this.#prefs.get(conversation)?.prefs;
    return prefs && Object.keys(prefs).length > 0 ? prefs : undefined;
  }

  setPrefs(conversation: string, change: PrefsChange): Prefs {
    const before = this.#prefs.get(conversation)?.prefs ?? {};
    const prefs = changedPrefs(before, change, Math.floor(this.#world.clock.now()));
    if (prefs === before) return before;
    this.#prefs.set(conversation, { prefs, note: ++this.cursor });
    const frame = this.#prefsFrame(conversation, prefs, this.cursor);
    for (const connection of this.#ready()) connection.send(frame(connection));
    return prefs;
  }

  #prefsFrame(conversation: string, prefs: Prefs, cursor: number): (connection: Connection) => Down {
    return ({ synced, base }) => ({ type: 'prefs', cursor: synced ? cursor : base, conversation, prefs });
  }
}
