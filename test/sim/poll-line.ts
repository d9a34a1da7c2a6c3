import type { ApiAnswer, PollCall } from '../../objects/shared/rpc.ts';
import type { World } from './world.ts';

/** What a device needs of a line, whatever it is made of. */
export interface Line {
  readonly alive: boolean;
  /** Extra time each frame needs to be read by a slow device. */
  slowness: number;
  /** Frames lost on the way. */
  readonly lost: number;
  /** Frames may come twice, so cursors may seem to go back. */
  readonly repeats: boolean;
  sendUp(frame: string): void;
  closeByClient(): void;
  /** The line breaks. Each end learns of it after its time, or never (undefined). */
  cut(server: number | undefined, client: number): void;
}

export interface PollEnds {
  /** What a new session begins from. */
  position(): Pick<PollCall, 'cursor' | 'heads'>;
  down(frame: string): void;
  closed(): void;
}

/** Most requests at a time: one that waits for news, one that brings frames. */
const PARALLEL = 2;
const WAIT_S = 20;

/** A device on long polling. What a lost request carried is sent again; what a lost answer carried comes again. */
export class PollLine implements Line {
  readonly repeats = true;
  slowness = 0;
  lost = 0;
  readonly #world: World;
  readonly #user: string;
  readonly #device: string;
  readonly #ends: PollEnds;
  #open = true;
  #cut = false;
  #session: string | undefined;
  #n = 0;
  #queue: string[] = [];
  #underWay = 0;
  #kicked = false;

  constructor(world: World, user: string, device: string, ends: PollEnds) {
    this.#world = world;
    this.#user = user;
    this.#device = device;
    this.#ends = ends;
    this.#poll();
  }

  get alive(): boolean {
    return this.#open && !this.#cut;
  }

  sendUp(frame: string): void {
    this.#queue.push(frame);
    if (this.#kicked) return;
    this.#kicked = true;
    this.#world.clock.after(3, () => {
      this.#kicked = false;
      this.#poll();
    });
  }

  #poll(): void {
    // Until the session has its name another request would begin one of its own.
    const most = this.#session === undefined ? 1 : PARALLEL;
    if (!this.alive || this.#underWay >= most) return;
    if (this.#underWay > 0 && this.#queue.length === 0) return;
    const session = this.#session;
    const frames = this.#queue.splice(0, 50);
    const call: PollCall = {
      ...(session === undefined ? {} : { session, n: this.#n }),
      ...this.#ends.position(),
      frames,
      wait: this.#world.faults.on ? WAIT_S : 1,
    };
    this.#underWay++;
    this.#world.counts.polls++;
    this.#world.network.call<ApiAnswer>(
      `worker:${this.#device}`,
      this.#user,
      (reply) => this.#world.user(this.#user).poll(this.#device, call, reply),
      (answer) => this.#answered(session, frames, answer),
    );
  }

  #answered(asked: string | undefined, frames: readonly string[], answer: ApiAnswer | undefined): void {
    this.#underWay--;
    if (!this.alive) return;
    if (!answer || this.#isStray(asked, answer)) this.#queue.unshift(...frames);
    else if (!answer.ok) return this.#end();
    else if (!this.#took(answer.body) && !this.#world.faults.on && this.#queue.length === 0) {
      // The quiet end would never come with somebody asking for news again and again.
      return this.#end();
    }
    this.#poll();
  }

  /** Two polls of a session that was lost begin one each. Going back to the other would bring what is older. */
  #isStray(asked: string | undefined, answer: ApiAnswer): boolean {
    if (!answer.ok || asked === this.#session) return false;
    return (JSON.parse(answer.body) as { session: string }).session !== this.#session;
  }

  /** @returns whether something came. */
  #took(body: string): boolean {
    const { session, n, frames } = JSON.parse(body) as { session: string; n: number; frames: unknown[] };
    if (session === this.#session && n <= this.#n) return true;
    this.#session = session;
    this.#n = n;
    for (const frame of frames) this.#ends.down(JSON.stringify(frame));
    return frames.length > 0;
  }

  /** A device that leaves says so, where it still can; else its session ends by itself. */
  closeByClient(): void {
    this.#open = false;
    const session = this.#session;
    if (session === undefined || this.#cut || this.#world.rng.chance(0.3)) return;
    this.#world.network.call<ApiAnswer>(
      `worker:${this.#device}`,
      this.#user,
      (reply) =>
        this.#world
          .user(this.#user)
          .poll(this.#device, { session, n: this.#n, frames: this.#queue, wait: 0, close: true }, reply),
      () => {},
    );
  }

  cut(_server: number | undefined, client: number): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#world.clock.after(client, () => this.#end());
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ends.closed();
  }
}
