import { randomUUID } from 'node:crypto';
import type { Headless } from '../../client/headless.ts';
import { sleep, until } from '../support/parallel.ts';
import type { Line, Room } from './lines.ts';
import type { Device, Person } from './person.ts';
import type { Watcher } from './watcher.ts';

/** However bad the connection: a line is acknowledged within this time, or something is wrong. */
const ACK_MS = 120_000;
/** After the last line everything arrives within this time. */
const SETTLE_MS = 120_000;

/** A room on stage: its group, its people, and what was said in the order of the acknowledgements. */
export class Stage {
  readonly room: Room;
  readonly people: readonly Person[];
  readonly said: Line[] = [];
  /** Milliseconds until each acknowledgement. */
  readonly acks: number[] = [];
  readonly #away: ReadonlySet<Person>;
  readonly #watcher: Watcher;
  readonly #random: () => number;
  #conversation = '';

  constructor(
    room: Room,
    people: readonly Person[],
    away: ReadonlySet<Person>,
    watcher: Watcher,
    random: () => number,
  ) {
    this.room = room;
    this.people = people;
    this.#away = away;
    this.#watcher = watcher;
    this.#random = random;
  }

  get conversation(): string {
    return this.#conversation;
  }

  /** Makes the group and says every line, each once the one before is acknowledged; `said` runs after each. */
  async play(said: () => void): Promise<void> {
    const byName = new Map(this.people.map((person) => [person.name, person]));
    const host = this.people.find((person) => !this.#away.has(person));
    if (!host) throw new Error('somebody must be there');
    const members = this.people.filter((person) => person !== host).map((person) => person.id);
    const made = await clientOf(host, 0).createConversation({
      kind: 'group',
      members,
      title: this.room.name,
    });
    this.#conversation = made.id;
    for (const line of this.room.lines) {
      const author = byName.get(line.from) as Person;
      const begin = performance.now();
      const seq = await inTime(this.#say(author, line.text), `no acknowledgement of ${line.text}`);
      this.acks.push(performance.now() - begin);
      this.said.push(line);
      said();
      if (seq !== this.said.length) this.#violation(`line ${this.said.length} got number ${seq}`);
    }
  }

  /** From one of the author's sockets; who is away answers without opening the app, over HTTP. */
  async #say(author: Person, text: string): Promise<number> {
    if (!this.#away.has(author)) {
      const device = Math.floor(this.#random() * author.devices.length);
      return (await clientOf(author, device).send(this.#conversation, text).acked).seq;
    }
    const { url, account } = author.devices[0] as Device;
    return sendOverHttp(url, await account.getToken(), this.#conversation, text);
  }

  /** Everybody is there now: waits until they have everything, and says what is wrong. */
  async verify(): Promise<void> {
    const clients = this.people.flatMap((person) => person.devices.map((device) => device.client));
    const { length } = this.said;
    await until(
      () => clients.every((client) => client.timeline(this.#conversation).last >= length),
      SETTLE_MS,
    );
    for (const [i, client] of clients.entries()) {
      await this.#page(client, i % 2 === 0);
      this.#compare(client);
      client.read(this.#conversation, length);
    }
    await this.#marks();
  }

  /** Loads what a resume left out: over the socket or over HTTP, whichever this device likes. */
  async #page(client: Headless, bySocket: boolean): Promise<void> {
    const timeline = client.timeline(this.#conversation);
    this.#watcher.leftOut += timeline.gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, timeline.floor);
    const rounds = this.said.length / 50 + 20;
    for (let i = 0; i < rounds && (timeline.gaps.length > 0 || timeline.floor > 0); i++) {
      const before = timeline.entries.length;
      const gap = timeline.gaps.at(-1);
      if (bySocket) {
        await client.online();
        client.pull(this.#conversation, { before: gap ? gap.to + 1 : timeline.floor + 1, limit: 100 });
        // Its answer may be lost with the socket; then the next round asks again.
        await until(() => timeline.entries.length > before, 2_000);
      } else await client.loadOlder(this.#conversation, 100);
    }
  }

  /** Everything once, in the order of the acknowledgements, byte for byte. */
  #compare(client: Headless): void {
    const { entries, gaps, floor } = client.timeline(this.#conversation);
    if (gaps.length > 0 || floor > 0)
      return this.#violation(`a device could not page what it missed: ${JSON.stringify({ gaps, floor })}`);
    if (entries.length !== this.said.length)
      return this.#violation(`a device has ${entries.length} of ${this.said.length}`);
    const idOf = new Map(this.people.map((person) => [person.name, person.id]));
    const wrong = entries.findIndex((entry, i) => {
      const line = this.said[i];
      return (
        entry.seq !== i + 1 ||
        entry.type !== 'message' ||
        entry.from !== idOf.get(line?.from ?? '') ||
        (entry.content as { text?: unknown }).text !== line?.text
      );
    });
    if (wrong >= 0) this.#violation(`entry ${wrong + 1} is not what was said`);
  }

  /** Everybody has read everything that others said; the service must come to the same view. */
  async #marks(): Promise<void> {
    const asked = this.people[0];
    if (!asked) return;
    let behind: string[] = [];
    for (const end = performance.now() + SETTLE_MS; performance.now() < end; await sleep(250)) {
      const members = await clientOf(asked, 0).loadMembers(this.#conversation);
      behind = members
        .filter(({ user, delivered, read }) => {
          const due = this.#lastOfOthers(user);
          return delivered < due || read < due;
        })
        .map(({ user, delivered, read }) => `${user} at ${delivered}/${read}`);
      if (behind.length === 0) return;
    }
    this.#violation(`marks of ${behind.length} did not arrive: ${behind.slice(0, 3).join(', ')}`);
  }

  #lastOfOthers(user: string): number {
    const name = this.people.find((person) => person.id === user)?.name;
    return this.said.findLastIndex((line) => line.from !== name) + 1;
  }

  #violation(text: string): void {
    this.#watcher.violations.push(`${this.room.name}: ${text}`);
  }
}

function clientOf(person: Person, device: number): Headless {
  const { client } = person.devices[device] ?? {};
  if (!client) throw new Error(`${person.name} is away`);
  return client;
}

async function sendOverHttp(url: string, token: string, conversation: string, text: string): Promise<number> {
  const response = await fetch(`${url}/v1/conversations/${conversation}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ clientId: randomUUID(), content: { kind: 'text', text } }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`POST messages: ${response.status} ${answer}`);
  return (JSON.parse(answer) as { seq: number }).seq;
}

function inTime<T>(promise: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), ACK_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
