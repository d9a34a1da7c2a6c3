import type { Prefs } from '../../schema/protocol/frames-prefs.ts';
import type { PrefsChange } from '../../schema/protocol/http-conversations.ts';
import type { Connection } from './connection.ts';
import type { Inbox } from './inbox.ts';
import type { PrefsRow, UserStore } from './store.ts';

const NOTHING: Prefs = {};

/**
 * How the user keeps each conversation: pinned, muted, archived, marked as unread. The row of a conversation carries the
 * user's cursor of its last change, so a device that comes back is told of what changed above its own: no note and no
 * confirmation is needed, because a device can only have a later cursor from a frame that came after the one it missed.
 */
export class Preferences {
  readonly #store: UserStore;
  readonly #inbox: Inbox;
  readonly #now: () => number;
  #rows: Map<string, PrefsRow> | undefined;

  constructor(store: UserStore, inbox: Inbox, now: () => number) {
    this.#store = store;
    this.#inbox = inbox;
    this.#now = now;
  }

  get #all(): Map<string, PrefsRow> {
    this.#rows ??= new Map(this.#store.prefs().map((row) => [row.conversation, row]));
    return this.#rows;
  }

  /** What is set; an empty object for nothing. */
  of(conversation: string): Prefs {
    return this.#all.get(conversation)?.prefs ?? NOTHING;
  }

  /** Puts what is set into a conversation's summary, which is the JSON text of an object. */
  into(summary: string, conversation: string): string {
    const prefs = this.of(conversation);
    return isEmpty(prefs) ? summary : `${summary.slice(0, -1)},"prefs":${JSON.stringify(prefs)}}`;
  }

  /** Changes what is given. One row, none for no change. */
  set(conversation: string, change: PrefsChange): Prefs {
    const before = this.of(conversation);
    const after = changed(before, change, this.#now());
    if (same(before, after)) return before;
    this.#put(conversation, after);
    return after;
  }

  /** A device read something there: it is not marked as unread any more. */
  read(conversation: string): void {
    if (this.of(conversation).unread) this.set(conversation, { unread: false });
  }

  /** The membership ended. The row stays, empty: a device that is away still holds what was set. */
  forget(conversation: string): void {
    if (!isEmpty(this.of(conversation))) this.#put(conversation, NOTHING);
  }

  /** Tells a connection that resumes what changed above `since`. */
  resume(c: Connection, since: number): void {
    for (const { conversation, prefs, cursor } of this.#all.values())
      if (cursor > since) this.#inbox.pushes.frame(c, frame(conversation, prefs));
  }

  /** Every connection is told, those of the asking device too: it may be open in other tabs. */
  #put(conversation: string, prefs: Prefs): void {
    const row = { conversation, prefs, cursor: this.#inbox.notes.next() };
    this.#store.putPrefs(row);
    this.#all.set(conversation, row);
    this.#inbox.tell(frame(conversation, prefs));
  }
}

/** Without its opening brace and `cursor`, like entries. */
const frame = (conversation: string, prefs: Prefs): string =>
  `"type":"prefs","conversation":"${conversation}","prefs":${JSON.stringify(prefs)}}`;

const isEmpty = (prefs: Prefs): boolean => Object.keys(prefs).length === 0;

/** Pinning again what is pinned keeps its time, so that a repeated request changes nothing. */
function changed(prefs: Prefs, change: PrefsChange, now: number): Prefs {
  const pinned = (change.pinned ?? prefs.pinned !== undefined) ? (prefs.pinned ?? now) : undefined;
  const mutedUntil = change.mutedUntil === undefined ? prefs.mutedUntil : (change.mutedUntil ?? undefined);
  const archived = change.archived ?? prefs.archived ?? false;
  const unread = change.unread ?? prefs.unread ?? false;
  return {
    ...(pinned === undefined ? {} : { pinned }),
    ...(mutedUntil === undefined ? {} : { mutedUntil }),
    ...(archived ? { archived } : {}),
    ...(unread ? { unread } : {}),
  };
}

const same = (a: Prefs, b: Prefs): boolean =>
  a.pinned === b.pinned &&
  a.mutedUntil === b.mutedUntil &&
  a.archived === b.archived &&
  a.unread === b.unread;
