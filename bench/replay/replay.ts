import { percentile } from '../support/numbers.ts';
import { inParallel } from '../support/parallel.ts';
import { seeded, shuffled } from '../support/random.ts';
import { type Service, startService } from '../support/service.ts';
import type { Cutting } from './cutting-transport.ts';
import { handlesFor, type Room } from './lines.ts';
import { join, type Person } from './person.ts';
import { Stage } from './stage.ts';
import { Watcher } from './watcher.ts';

export interface ReplayOptions {
  readonly rooms: readonly Room[];
  /** Devices of everybody. */
  readonly devices: number;
  /** Share of the people who are away until the end. */
  readonly away: number;
  /** Chance per frame that its socket is cut. */
  readonly drop: number;
  readonly seed: number;
  /** Rooms played at the same time. */
  readonly together: number;
  /** A service that runs already; without it one is started on a temporary folder. */
  readonly url?: string;
  readonly progress?: (line: string) => void;
}

export interface ReplayResult {
  readonly rooms: number;
  readonly people: number;
  readonly messages: number;
  readonly deliveries: number;
  /** Seconds in which people talked. */
  readonly seconds: number;
  readonly ack: { readonly p50: number; readonly p99: number };
  readonly cuts: number;
  readonly reconnects: number;
  /** Entries that came by paging, since a resume left them out. */
  readonly leftOut: number;
  readonly violations: readonly string[];
}

const SIGNING_IN = 8;
const CONNECTING = 16;
/** Share of the lines after which the last of those who are away have left. */
const LEAVING = 0.1;
/** Lines between two signs of life. */
const PROGRESS = 1_000;

/** Lets people say again what they said once, and checks at every device that it arrived as it was said. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const service: Service = options.url
    ? { url: options.url, issuer: undefined, close: async () => {} }
    : await startService();
  try {
    return await new Replay(service, options).run();
  } finally {
    await service.close();
  }
}

class Replay {
  readonly #service: Service;
  readonly #options: ReplayOptions;
  readonly #random: () => number;
  readonly #cutting: Cutting;
  readonly #watcher = new Watcher();
  readonly #acks: number[] = [];
  #seconds = 0;

  constructor(service: Service, options: ReplayOptions) {
    this.#service = service;
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#cutting = { drop: options.drop, random: seeded(options.seed + 1), cuts: 0 };
  }

  async run(): Promise<ReplayResult> {
    const { rooms, together, progress = () => {} } = this.#options;
    const people = await this.#signIn([...new Set(rooms.flatMap(namesIn))]);
    for (let i = 0; i < rooms.length; i += together) {
      const batch = rooms.slice(i, i + together);
      await this.#play(batch, people);
      progress(
        `${batch.map((room) => room.name).join(', ')}: ${this.#watcher.violations.length} violations so far`,
      );
    }
    return {
      rooms: rooms.length,
      people: people.size,
      messages: this.#acks.length,
      deliveries: this.#watcher.deliveries,
      seconds: this.#seconds,
      ack: { p50: percentile(this.#acks, 0.5), p99: percentile(this.#acks, 0.99) },
      cuts: this.#cutting.cuts,
      reconnects: this.#watcher.reconnects,
      leftOut: this.#watcher.leftOut,
      violations: this.#watcher.violations,
    };
  }

  async #signIn(names: readonly string[]): Promise<Map<string, Person>> {
    const { url, issuer } = this.#service;
    const handles = handlesFor(names);
    const people = await inParallel(SIGNING_IN, names, (name) =>
      join(url, issuer, { name, handle: handles.get(name) ?? '' }, this.#options.devices, this.#cutting),
    );
    return new Map(people.map((person) => [person.name, person]));
  }

  async #play(rooms: readonly Room[], everybody: ReadonlyMap<string, Person>): Promise<void> {
    const present = [...new Set(rooms.flatMap(namesIn))].map((name) => everybody.get(name) as Person);
    const count = Math.min(Math.floor(present.length * this.#options.away), present.length - 1);
    const away = new Set(shuffled(present, this.#random).slice(0, count));
    const stages = rooms.map((room) => {
      const people = namesIn(room).map((name) => everybody.get(name) as Person);
      return new Stage(room, people, away, this.#watcher, this.#random);
    });
    await this.#come(present);
    // Some never see the room before they come back; others leave in the middle of it.
    const [early, late] = [[...away].filter((_, i) => i % 2 === 0), [...away].filter((_, i) => i % 2 === 1)];
    leave(early);
    let linesUntilLate = Math.ceil(rooms.reduce((sum, room) => sum + room.lines.length, 0) * LEAVING);
    let lines = 0;
    const said = (): void => {
      if (--linesUntilLate === 0) leave(late);
      if (++lines % PROGRESS === 0) this.#options.progress?.(`${lines} lines of ${rooms.length} rooms`);
    };
    const begin = performance.now();
    await Promise.all(stages.map((stage) => stage.play(said)));
    this.#seconds += (performance.now() - begin) / 1000;
    await this.#come([...away]);
    for (const stage of stages) {
      await stage.verify();
      this.#acks.push(...stage.acks);
    }
    leave(present);
  }

  async #come(people: readonly Person[]): Promise<void> {
    await inParallel(
      CONNECTING,
      people.flatMap((person) => person.devices),
      (device) => device.come(this.#watcher),
    );
  }
}

function leave(people: readonly Person[]): void {
  for (const person of people) for (const device of person.devices) device.go();
}

const namesIn = (room: Room): string[] => [...new Set(room.lines.map((line) => line.from))];
