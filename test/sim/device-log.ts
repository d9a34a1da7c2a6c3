import type { SeenEntry } from './checks.ts';

/** What a device holds of one conversation: applies in order, keeps what comes early, drops what it has. */
export class DeviceLog {
  readonly entries = new Map<number, SeenEntry>();
  /** Left out by an explicit cut, and not pulled yet. */
  readonly gaps = new Set<number>();
  readonly #early = new Map<number, SeenEntry>();
  readonly #user: string;
  last = 0;
  head = 0;
  /** The entry that ended this user's membership. */
  ended: number | undefined;
  /** The service says there is no such conversation for this user. */
  gone = false;
  /** It was not in the list of conversations. */
  unlisted = false;

  constructor(user: string) {
    this.#user = user;
  }

  get behind(): boolean {
    return !this.gone && this.last < Math.max(this.head, ...this.#early.keys());
  }

  get firstEarly(): number | undefined {
    return this.#early.size === 0 ? undefined : Math.min(...this.#early.keys());
  }

  add(entry: SeenEntry): void {
    this.gone = false;
    this.unlisted = false;
    this.head = Math.max(this.head, entry.seq);
    if (entry.seq <= this.last) {
      if (this.gaps.delete(entry.seq)) this.entries.set(entry.seq, entry);
      return;
    }
    this.#early.set(entry.seq, entry);
    this.#drain();
  }

  /** `gapBefore`: what lies between it and the first entry was left out on purpose. */
  batch(entries: readonly SeenEntry[], head: number, gapBefore: number | undefined): void {
    const first = entries[0]?.seq;
    if (first !== undefined && gapBefore !== undefined && gapBefore <= this.last) this.#cutTo(first);
    for (const entry of entries) this.add(entry);
    this.head = Math.max(this.head, head);
  }

  /** Nothing more can be had: what is missing before the entries that came early stays a cut. */
  giveUp(): void {
    this.gone = true;
    for (let first = this.firstEarly; first !== undefined; first = this.firstEarly) this.#cutTo(first);
  }

  #cutTo(first: number): void {
    for (let seq = this.last + 1; seq < first; seq++) {
      const early = this.#early.get(seq);
      if (early) this.#apply(early);
      else this.gaps.add(seq);
      this.last = seq;
    }
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#early.get(this.last + 1); next; next = this.#early.get(this.last + 1)) {
      this.#apply(next);
      this.last = next.seq;
    }
  }

  #apply(entry: SeenEntry): void {
    this.#early.delete(entry.seq);
    this.entries.set(entry.seq, entry);
    const mine = entry.type === 'member' && entry['user'] === this.#user;
    const over = mine && (entry['change'] === 'left' || entry['change'] === 'removed');
    // Whatever follows an end shows that the membership began anew, also where the entry that says so was cut out.
    this.ended = over ? entry.seq : undefined;
  }

  /** Messages of the log in their present state, as far as this device can tell: later entries change earlier ones. */
  present(): Map<number, { content: unknown; reactions: string }> {
    const messages = new Map<number, { content: unknown; reactions: Map<string, Set<string>> }>();
    for (const e of [...this.entries.values()].sort((a, b) => a.seq - b.seq)) {
      if (e.type === 'message') {
        const given = Object.entries((e['reactions'] ?? {}) as Record<string, string[]>);
        messages.set(e.seq, {
          content: e['content'],
          reactions: new Map(given.map(([k, v]) => [k, new Set(v)])),
        });
        continue;
      }
      const message = messages.get(e['target'] as number);
      if (message) change(message, e);
    }
    return new Map(
      [...messages].map(([seq, m]) => [seq, { content: m.content, reactions: reactionsText(m.reactions) }]),
    );
  }
}

function change(message: { content: unknown; reactions: Map<string, Set<string>> }, e: SeenEntry): void {
  if (e.type === 'edit') message.content = e['content'];
  if (e.type === 'delete') {
    message.content = { kind: 'deleted' };
    message.reactions.clear();
  }
  if (e.type !== 'react') return;
  const by = message.reactions.get(e['emoji'] as string) ?? new Set();
  if (e['on']) by.add(e.by as string);
  else by.delete(e.by as string);
  message.reactions.set(e['emoji'] as string, by);
}

/** Comparable: emojis with at least one person, sorted. */
export function reactionsText(reactions: Iterable<readonly [string, Iterable<string>]>): string {
  return [...reactions]
    .map(([emoji, by]) => [emoji, [...by].sort()] as const)
    .filter(([, by]) => by.length > 0)
    .map(([emoji, by]) => `${emoji}:${by.join(',')}`)
    .sort()
    .join(' ');
}
