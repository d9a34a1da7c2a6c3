import type { Connection } from './connection.ts';
import type { World } from './world.ts';

const WATCH_MS = 60_000;

/** Who is there, for those who watch them, and who types, for those who have the conversation in focus. */
export class Presence {
  readonly #world: World;
  /** By user: who watches, and until when. */
  readonly #watchers = new Map<string, Map<Connection, number>>();
  readonly #lastSeen = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  watch(connection: Connection, users: readonly string[]): void {
    const until = this.#world.clock.now() + WATCH_MS;
    for (const user of users) {
      const watchers = this.#watchers.get(user) ?? new Map();
      this.#watchers.set(user, watchers.set(connection, until));
      this.#tell(connection, user);
    }
  }

  /** A connection of this user came or went. */
  changed(user: string): void {
    const now = this.#world.clock.now();
    if (!this.#online(user)) this.#lastSeen.set(user, Math.floor(now));
    const watchers = this.#watchers.get(user) ?? new Map<Connection, number>();
    for (const [connection, until] of watchers) {
      if (!connection.open || until <= now) watchers.delete(connection);
      else this.#tell(connection, user);
    }
  }

  #online(user: string): boolean {
    return [...this.#world.mailbox(user).connections].some(({ ready }) => ready);
  }

  #tell(connection: Connection, user: string): void {
    const { accounts } = this.#world;
    // Who is blocked sees nobody there, and can't tell why.
    const hidden = this.#world.mailbox(user).blocks.has(connection.user);
    const online = !hidden && this.#online(user);
    const lastSeen = this.#lastSeen.get(user);
    const told = online || hidden || lastSeen === undefined || accounts.hidesLastSeen(user);
    connection.send({ type: 'presence', user, online, ...(told ? {} : { lastSeen }) });
  }

  typing(user: string, id: string, on: boolean): void {
    const conversation = this.#world.conversations.get(id);
    if (!conversation?.active(user)) return;
    for (const member of conversation.listed) {
      const mailbox = this.#world.mailbox(member.user);
      if (member.user === user || member.shunned || mailbox.blocks.has(user)) continue;
      for (const connection of mailbox.connections)
        if (connection.focus === id) connection.send({ type: 'typing', conversation: id, user, on });
    }
  }
}
