import type { Client, Conversation, User } from '../client/index.ts';

/** Names of people, asked for once each. Until the answer is there a name is '…'. */
export class People {
  readonly #client: Client;
  readonly #changed: () => void;
  readonly #known = new Map<string, User>();
  readonly #asked = new Set<string>();

  constructor(client: Client, me: User, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#known.set(me.id, me);
  }

  get(id: string): User | undefined {
    if (!this.#known.has(id) && !this.#asked.has(id)) this.#ask(id);
    return this.#known.get(id);
  }

  name(id: string): string {
    return this.get(id)?.name ?? '…';
  }

  /** What a conversation is called on this person's screen. */
  title(conversation: Conversation, me: string): string {
    if (conversation.title !== undefined) return conversation.title;
    const others = (conversation.members ?? []).filter((member) => member.user !== me);
    if (others.length === 0) return conversation.kind === 'direct' ? 'Notes to yourself' : 'Group';
    const names = others.slice(0, 4).map((member) => this.name(member.user));
    const more = conversation.memberCount - 1 - names.length;
    return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
  }

  #ask(id: string): void {
    this.#asked.add(id);
    this.#client.api<User>('GET', `/users/${encodeURIComponent(id)}`).then(
      (user) => {
        this.#known.set(id, user);
        this.#changed();
      },
      () => this.#asked.delete(id),
    );
  }
}
