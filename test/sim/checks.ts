import type { DeliverCall } from '../../objects/shared/rpc.ts';
import { must } from './failure.ts';
import type { EntryTruth, MemberTruth, Truth } from './truth.ts';

/** An entry as a device got it. */
export interface SeenEntry {
  readonly type: string;
  readonly seq: number;
  readonly at?: number;
  readonly from?: string;
  readonly by?: string;
  readonly clientId?: string;
  readonly [field: string]: unknown;
}

export interface SeenReceipt {
  readonly user?: string;
  readonly delivered: number;
  readonly read: number;
}

/** What a user's object has committed of preferences. */
export interface PrefsTruth {
  hadPrefs(conversation: string, prefs: object): boolean;
}

interface Mark {
  readonly delivered: number;
  readonly read: number;
}

/** What all other members of a group have reached; what was said before they joined doesn't count. */
function together(truth: Truth, marks: ReadonlyMap<string, Mark>, user: string): Mark {
  const others = [...truth.members].filter((m) => m.user !== user && m.ended === undefined);
  const least = (name: keyof Mark): number =>
    Math.min(...others.map((m) => Math.max(marks.get(m.user)?.[name] ?? 0, m.joined)));
  return { delivered: least('delivered'), read: least('read') };
}

/** What is checked while a run goes on, whatever goes wrong in it. */
export class Checks {
  readonly #truthOf: (conversation: string) => Truth;
  readonly #userOf: (user: string) => PrefsTruth;
  /** The last message of each device that was stored, by conversation and device. */
  readonly #lastSent = new Map<string, number>();
  /** Sends a device has given up: their order doesn't count any more. */
  readonly dropped = new Set<string>();
  readonly #acks = new Map<string, string>();
  /** The greatest mark of a member that anybody was shown. */
  readonly #shown = new Map<string, { delivered: number; read: number }>();
  /** Users whose block of another was answered, and never lifted. */
  readonly blocked = new Set<string>();

  constructor(truthOf: (conversation: string) => Truth, userOf: (user: string) => PrefsTruth) {
    this.#truthOf = truthOf;
    this.#userOf = userOf;
  }

  /** P5: messages of one device are stored in the order they were written. */
  readonly stored = (truth: Truth, entry: EntryTruth): void => {
    this.#withheldWhereBlocked(truth, entry);
    const [, device, n] = /^m-(.+)-(\d+)$/.exec(entry.clientId ?? '') ?? [];
    if (device === undefined || this.dropped.has(entry.clientId as string)) return;
    const key = `${truth.conversation} ${device}`;
    const last = this.#lastSent.get(key) ?? -1;
    must(Number(n) > last, 'P5', () => `${key}: message ${n} is stored after ${last}`);
    this.#lastSent.set(key, Number(n));
  };

  /** P7: from the answer of a block on, nothing of the other gets through in their direct conversation. */
  #withheldWhereBlocked(truth: Truth, entry: EntryTruth): void {
    // A deletion brings nothing and is withheld from nobody.
    if (!truth.conversation.startsWith('d_') || entry.type === 'delete') return;
    for (const m of truth.present().values()) {
      if (m.user === entry.user || !this.blocked.has(`${m.user} ${entry.user}`)) continue;
      must(
        entry.hiddenFrom === m.user,
        'P7',
        () => `${truth.conversation}: ${entry.seq} of ${entry.user} gets through to ${m.user}`,
      );
    }
  }

  /** P7, at the conversation: what it is about to tell a member's object. */
  delivers(conversation: string, call: DeliverCall, members: Map<string, MemberTruth>): void {
    const m = members.get(call.user);
    // Somebody who left and was invited anew by a person they block is still told of the end.
    const mayBeCalled = m !== undefined && (!m.shunned || call.ended);
    must(mayBeCalled, 'P7', () => `${conversation} calls ${call.user}, no member`);
    const last = call.entries.at(-1)?.seq ?? 0;
    if (m.ended === undefined) return;
    const { ended } = m;
    must(last <= ended, 'P7', () => `${conversation} tells ${call.user} of ${last}, who left with ${ended}`);
    must(call.receipts.length === 0, 'P7', () => `${conversation} sends receipts to ${call.user}, who left`);
    must(call.head <= ended, 'P7', () => `${conversation} tells ${call.user}, who left, its head`);
  }

  /** P1 and P3: an acknowledgement names what is committed, and the same to every retry. */
  acked(user: string, conversation: string, clientId: string, seq: number, at: number): void {
    const truth = this.#truthOf(conversation);
    const stored = truth.entries[seq - 1];
    must(
      stored?.user === user && stored.clientId === clientId && stored.at === at,
      'P1',
      () => `${conversation}: ${clientId} is acknowledged as ${seq}, which is ${JSON.stringify(stored)}`,
    );
    const key = `${conversation} ${user} ${clientId}`;
    const result = `${seq} ${at}`;
    must((this.#acks.get(key) ?? result) === result, 'P3', () => `${key}: ${this.#acks.get(key)}, ${result}`);
    this.#acks.set(key, result);
  }

  /** P2 and P7: an entry that reached a device is the one that is stored, and for its user. */
  seen(user: string, conversation: string, entry: SeenEntry): void {
    const truth = this.#truthOf(conversation);
    this.about(user, conversation, entry.seq);
    const stored = truth.entries[entry.seq - 1];
    const where = (): string => `${conversation} ${entry.seq} at ${user}: ${JSON.stringify(entry)}`;
    must(stored !== undefined, 'P1', () => `${where()} is not stored`);
    if (stored.hiddenFrom === user) {
      must(entry.type === 'withheld' && entry['content'] === undefined, 'P7', () => `${where()} is withheld`);
      return;
    }
    const same =
      entry.type === stored.type &&
      entry.at === stored.at &&
      (entry.from ?? entry.by) === stored.user &&
      (entry.type !== 'message' || entry.clientId === stored.clientId);
    must(same, 'P2', () => `${where()} is stored as ${JSON.stringify(stored)}`);
    this.#noWithheldText(truth, user, entry);
  }

  /** P7: what was withheld doesn't come in through an edit either; texts name the sender's clientId. */
  #noWithheldText(truth: Truth, user: string, entry: SeenEntry): void {
    const { target } = entry;
    if (typeof target !== 'number' || truth.entries[target - 1]?.hiddenFrom !== user) return;
    must(
      false,
      'P7',
      () => `${truth.conversation}: ${user} is told of the withheld ${target}: ${JSON.stringify(entry)}`,
    );
  }

  /** P7: a frame about a conversation reached a device. */
  about(user: string, conversation: string, seq: number): void {
    const most = this.#truthOf(conversation).mayHave(user);
    must(seq <= most, 'P7', () => `${conversation}: ${seq} reached ${user}, who may have ${most}`);
  }

  /** P1: preferences that a device was told or answered are durable. None at all is what every conversation begins with. */
  prefs(user: string, conversation: string, prefs: object): void {
    const had = Object.keys(prefs).length === 0 || this.#userOf(user).hadPrefs(conversation, prefs);
    must(had, 'P1', () => `${user} never had ${JSON.stringify(prefs)} of ${conversation}`);
  }

  /** P6: what is shown is durable, read never passes delivered, and nothing passes the head. */
  receipt(viewer: string, conversation: string, receipt: SeenReceipt): void {
    const truth = this.#truthOf(conversation);
    const { user, delivered, read } = receipt;
    const text = (): string => `${conversation}: ${JSON.stringify(receipt)}`;
    must(read <= delivered && delivered <= truth.head, 'P6', text);
    // The user's own marks are told to their other devices before they are reported.
    if (user === viewer) return;
    // Of others together in a group, or of one.
    const key = user === undefined ? `${conversation} all but ${viewer}` : `${conversation} ${user}`;
    const best = this.#shown.get(key) ?? { delivered: 0, read: 0 };
    this.#shown.set(key, {
      delivered: Math.max(best.delivered, delivered),
      read: Math.max(best.read, read),
    });
  }

  /** P6: a mark that was shown is durable for good. */
  marksKept(conversation: string): void {
    const truth = this.#truthOf(conversation);
    const marks = truth.marks();
    for (const [user, mark] of marks) {
      this.#kept(`${conversation} ${user}`, mark);
      this.#kept(`${conversation} all but ${user}`, together(truth, marks, user));
    }
  }

  #kept(key: string, mark: Mark): void {
    const shown = this.#shown.get(key);
    if (!shown) return;
    const holds = mark.delivered >= shown.delivered && mark.read >= shown.read;
    must(holds, 'P6', () => `${key} was shown as ${JSON.stringify(shown)}, is ${JSON.stringify(mark)}`);
  }
}
