import type { Rng } from './rng.ts';
import type { Phone, Room } from './system-crowd.ts';

/** Something that was sent: its text names the sender, and counts what that device said in that room. */
export interface Said {
  readonly phone: Phone;
  readonly room: Room;
  readonly clientId: string;
  readonly text: string;
}

export interface Acked extends Said {
  readonly seq: number;
}

/** Most messages of one device without an answer: more would only queue while the service is down. */
const MOST_WAITING = 24;
/** Between two moments in which a device says something, in ms. */
const PACE_MS = 90;

/** Everybody talks in all of their rooms until `stop`, whether there is a service or not. */
export class Talk {
  readonly acked: Acked[] = [];
  readonly failures: string[] = [];
  readonly #rng: Rng;
  readonly #waiting = new Map<Phone, number>();
  /** How often this device spoke in this room. */
  readonly #counts = new Map<Room, Map<Phone, number>>();
  readonly #answers: Promise<void>[] = [];
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(phones: readonly Phone[], rooms: readonly Room[], rng: Rng) {
    this.#rng = rng;
    for (const phone of phones) {
      const mine = rooms.filter((room) => room.phones.includes(phone));
      this.#timers.push(setInterval(() => this.#speak(phone, mine), PACE_MS + rng.int(0, PACE_MS)));
    }
  }

  #speak(phone: Phone, rooms: readonly Room[]): void {
    const room = this.#rng.pick(rooms);
    for (let left = this.#rng.int(1, 3); left > 0; left--) {
      if ((this.#waiting.get(phone) ?? 0) >= MOST_WAITING) return;
      this.say(phone, room);
    }
  }

  say(phone: Phone, room: Room): void {
    const { id } = room.conversation;
    const counts = this.#counts.get(room) ?? new Map<Phone, number>();
    const n = counts.get(phone) ?? 0;
    this.#counts.set(room, counts.set(phone, n + 1));
    const text = textOf(phone, n);
    this.#waiting.set(phone, (this.#waiting.get(phone) ?? 0) + 1);
    const { clientId, acked } = phone.client.send(id, text);
    const said = { phone, room, clientId, text };
    const done = acked.then(
      ({ seq }) => {
        this.acked.push({ ...said, seq });
        this.#waiting.set(phone, (this.#waiting.get(phone) ?? 1) - 1);
      },
      (error: unknown) => {
        this.failures.push(`${clientId}: ${String(error)}`);
      },
    );
    this.#answers.push(done);
  }

  /** Resolves when everything that was said has its answer. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#answers);
  }
}

export const textOf = (phone: Phone, n: number): string => `${phone.name} #${n}`;
