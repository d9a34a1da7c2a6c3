import { createEngine as createClient } from '../../client/engine.ts';
import type { Engine as Client, Unsent as PendingMessage } from '../../client/engine-types.ts';
import type { Account, ConnectionState, Content, ParleyError, User } from '../../client/index.ts';
import { createValue, type Observable } from '../state/value.ts';
import { People } from './people.ts';

/** A message that will not be sent, until the person decides. */
export interface FailedMessage extends PendingMessage {
  readonly error: ParleyError;
}

/** Newest page of history that an opened conversation shows at first. */
const PAGE = 50;
/** Unread conversations whose newest page is fetched right after the start, so that senders see them delivered. */
const PREFETCH = 20;

/** One signed-in person in one window: the client, what is open, and what the views need to know. */
export class Chat {
  readonly client: Client;
  readonly people: People;
  readonly me: User;
  readonly #connection = createValue<ConnectionState>({ name: 'idle' });
  /** Grows with every change of the list, of people, or of a timeline. */
  readonly #version = createValue(0);
  readonly #failed = new Map<string, FailedMessage[]>();
  readonly #drafts = new Map<string, string>();
  readonly #loading = new Set<string>();
  #open: string | undefined;
  #listed = false;

  constructor(account: Account, me: User, url: string) {
    this.me = me;
    this.client = createClient({ url, getToken: account.getToken });
    this.people = new People(this.client, me, this.#changed);
    this.client.on('state', (state) => {
      this.#connection.set(state);
      if (state.name === 'online' && !this.#listed) void this.#start();
    });
    this.client.on('conversations', this.#changed);
    this.client.on('unlisted', ({ conversation }) => this.#load(conversation));
    this.client.on('timeline', ({ conversation }) => this.#touched(conversation));
    this.client.on('receipt', ({ conversation }) => this.#touched(conversation));
    this.client.on('failed', ({ conversation, error, message }) => {
      if (message) this.#failed.set(conversation, [...this.failed(conversation), { ...message, error }]);
      this.#changed();
    });
    document.addEventListener('visibilitychange', this.markRead);
    window.addEventListener('online', this.#network);
    window.addEventListener('offline', this.#network);
    this.client.start();
  }

  get connection(): Observable<ConnectionState> {
    return this.#connection;
  }

  get version(): Observable<number> {
    return this.#version;
  }

  get open(): string | undefined {
    return this.#open;
  }

  /** Whether the list has been loaded. */
  get listed(): boolean {
    return this.#listed;
  }

  async close(): Promise<void> {
    document.removeEventListener('visibilitychange', this.markRead);
    window.removeEventListener('online', this.#network);
    window.removeEventListener('offline', this.#network);
    this.client.close();
  }

  /** Tries to connect at once instead of waiting. */
  tryNow(): void {
    this.client.network(true);
  }

  /** Shows a conversation, or none. */
  show(conversation: string | undefined): void {
    if (this.#open === conversation) return;
    this.#open = conversation;
    this.client.focus(conversation ?? null);
    this.#changed();
    if (conversation !== undefined) void this.#fill(conversation);
  }

  send(conversation: string, text: string): void {
    this.#drafts.delete(conversation);
    this.client.send(conversation, text);
  }

  /** Takes a message back out of those that failed, to send it again or not at all. */
  dismiss(conversation: string, clientId: string): Content | undefined {
    const all = this.#failed.get(conversation) ?? [];
    this.#failed.set(
      conversation,
      all.filter((message) => message.clientId !== clientId),
    );
    this.#changed();
    return all.find((message) => message.clientId === clientId)?.content;
  }

  failed(conversation: string): readonly FailedMessage[] {
    return this.#failed.get(conversation) ?? [];
  }

  draft(conversation: string): string {
    return this.#drafts.get(conversation) ?? '';
  }

  keepDraft(conversation: string, text: string): void {
    this.#drafts.set(conversation, text);
  }

  async older(): Promise<void> {
    if (this.#open !== undefined) await this.client.loadOlder(this.#open, PAGE);
  }

  /** Read is what is open in a window that can be seen. */
  readonly markRead = (): void => {
    if (this.#open === undefined || document.visibilityState !== 'visible') return;
    const { last } = this.client.timeline(this.#open);
    if (last > 0 && this.client.conversation(this.#open)) this.client.read(this.#open, last);
  };

  readonly #network = (): void => this.client.network(navigator.onLine);

  readonly #changed = (): void => this.#version.set(this.#version.get() + 1);

  #touched(conversation: string): void {
    if (conversation !== this.#open) return;
    this.markRead();
    this.#changed();
  }

  async #start(): Promise<void> {
    try {
      const { conversations, incomplete } = await this.client.listConversations({ limit: 100 });
      if (incomplete) setTimeout(() => void this.#start(), 2_000);
      this.#listed = true;
      this.#changed();
      if (this.#open !== undefined) void this.#fill(this.#open);
      for (const { id } of conversations.filter(({ unread }) => unread > 0).slice(0, PREFETCH)) {
        await this.client.loadOlder(id, PAGE);
      }
    } catch {
      // The next connection tries again; until then the connection line says what is wrong.
    }
  }

  #load(conversation: string): void {
    if (this.#loading.has(conversation)) return;
    this.#loading.add(conversation);
    const done = (): boolean => this.#loading.delete(conversation);
    this.client.loadConversation(conversation).then(done, done);
  }

  /** Brings what an opened conversation shows: the newest page, and how far the others are. */
  async #fill(conversation: string): Promise<void> {
    try {
      const timeline = this.client.timeline(conversation);
      if (!this.client.conversation(conversation)) await this.client.loadConversation(conversation);
      if (timeline.messages.length < PAGE && timeline.floor > 0)
        await this.client.loadOlder(conversation, PAGE);
      this.markRead();
      await this.client.loadMembers(conversation);
    } catch {
      // Shown as far as it came; scrolling up or the next connection asks again.
    } finally {
      this.#changed();
    }
  }
}
