import { changed, isChange } from './message-state.ts';
import type { TimelineEntry, TimelineView } from './timeline.ts';
import type { Conversation, Prefs } from './types.ts';

/** The known conversations with last line and unread count, kept up to date by what arrives. Pure. */
export class Conversations {
  readonly #changed: (id: string) => void;
  readonly #byId = new Map<string, Conversation>();
  /** Those whose unread count is a guess: what the service told was older than what was read here. */
  readonly guesses = new Set<string>();
  #sorted: readonly Conversation[] | undefined;

  constructor(changed: (id: string) => void = () => {}) {
    this.#changed = changed;
  }

  get(id: string): Conversation | undefined {
    return this.#byId.get(id);
  }

  /** Latest first. */
  get list(): readonly Conversation[] {
    this.#sorted ??= [...this.#byId.values()].sort((a, b) => latest(b) - latest(a) || (a.id < b.id ? -1 : 1));
    return this.#sorted;
  }

  /** As the service tells it. What arrived or was read since the answer was made is newer, and stays. */
  put(told: Conversation, timeline?: TimelineView, me?: string): Conversation {
    const known = this.#byId.get(told.id);
    const merged = known && timeline ? this.#merged(known, told, timeline, me) : told;
    this.#set(merged);
    return merged;
  }

  #merged(known: Conversation, told: Conversation, timeline: TimelineView, me?: string): Conversation {
    const read = Math.max(known.read, told.read);
    const delivered = Math.max(known.delivered, told.delivered);
    const ahead = known.head > told.head;
    const { head, last } = ahead ? known : told;
    let { unread } = told;
    let guess = false;
    if (known.read > told.read) {
      // Read here, and the service has not heard of it.
      guess = !isWhole(timeline, read, head);
      unread = guess ? known.unread : above(timeline, read, me);
    } else if (ahead && known.read === told.read) {
      // An answer that was long on its way.
      guess = this.guesses.has(told.id);
      unread = known.unread;
    } else if (ahead) {
      guess = !isWhole(timeline, told.head, head);
      unread += above(timeline, told.head, me);
    }
    this.guesses[guess ? 'add' : 'delete'](told.id);
    return { ...told, ...(last ? { last } : {}), head, delivered, read, unread };
  }

  clear(): void {
    this.#byId.clear();
    this.#sorted = undefined;
  }

  delete(id: string): void {
    this.#sorted = undefined;
    this.#byId.delete(id);
    this.#changed(id);
  }

  setPrefs(id: string, prefs: Prefs | undefined): void {
    const known = this.#byId.get(id);
    if (!known) return;
    const { prefs: _, ...rest } = known;
    this.#set(prefs === undefined ? rest : { ...rest, prefs });
  }

  /** New entries at the end of the log. False: the conversation is not known here. */
  applied(timeline: TimelineView, entries: readonly TimelineEntry[], me: string | undefined): boolean {
    const known = this.#byId.get(timeline.conversation);
    if (!known) return false;
    let next = known;
    for (const entry of entries) if (entry.seq > known.head) next = after(next, entry, me);
    this.#set(withLast(next, timeline, entries));
    return true;
  }

  /**
   * The user has seen everything up to `seq`, on this device or another. `guessed`: not everything after it is here to
   * be counted, so the service has to be asked.
   */
  readUpTo(timeline: TimelineView, seq: number, me: string | undefined): 'counted' | 'guessed' | undefined {
    const known = this.#byId.get(timeline.conversation);
    if (!known || seq <= known.read) return undefined;
    const counted = seq >= known.head || isWhole(timeline, seq, known.head);
    const here = above(timeline, seq, me);
    const left = here + Math.max(0, known.head - timeline.last);
    const unread = seq >= known.head ? 0 : counted ? here : Math.min(known.unread, left);
    this.#set({ ...known, read: seq, delivered: Math.max(known.delivered, seq), unread });
    if (counted) return 'counted';
    this.guesses.add(known.id);
    return 'guessed';
  }

  #set(conversation: Conversation): void {
    this.#byId.set(conversation.id, conversation);
    this.#sorted = undefined;
    this.#changed(conversation.id);
  }
}

/** Everything after `seq` is here, as far as the conversation goes. */
const isWhole = ({ floor, gaps, last }: TimelineView, seq: number, head: number): boolean =>
  floor <= seq && last >= head && gaps.every(({ to }) => to <= seq);

const above = ({ messages }: TimelineView, seq: number, me: string | undefined): number =>
  messages.filter((message) => message.seq > seq && message.from !== me).length;

const latest = (conversation: Conversation): number => conversation.last?.at ?? conversation.createdAt;

/** The last line as it is now: from the timeline, or changed by entries that came when it isn't there. */
function withLast(
  known: Conversation,
  timeline: TimelineView,
  entries: readonly TimelineEntry[],
): Conversation {
  const { last } = known;
  if (!last) return known;
  const changes = entries.filter(isChange).filter(({ target }) => target === last.seq);
  return { ...known, last: timeline.message(last.seq) ?? changes.reduce(changed, last) };
}

function after(known: Conversation, entry: TimelineEntry, me: string | undefined): Conversation {
  const next = { ...known, head: entry.seq };
  switch (entry.type) {
    case 'message': {
      const unread = known.unread + (entry.from !== me && entry.seq > known.read ? 1 : 0);
      return { ...next, unread, last: entry };
    }
    case 'conversation':
      return entry.title === undefined ? next : { ...next, title: entry.title };
    case 'member':
      return { ...next, ...membership(known, entry) };
    default:
      return next;
  }
}

function membership(
  { members, memberCount }: Conversation,
  { user, change, role = 'member' }: Extract<TimelineEntry, { type: 'member' }>,
): Partial<Conversation> {
  const stays = change === 'added' || change === 'role';
  if (!members) return { memberCount: memberCount + (change === 'added' ? 1 : stays ? 0 : -1) };
  const others = members.filter((member) => member.user !== user);
  const now = stays ? [...others, { user, role }] : others;
  return { members: now, memberCount: now.length };
}
