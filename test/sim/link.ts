import type { Rng } from '../support/rng.ts';
import type { Clock } from './clock.ts';
import type { Line } from './poll-line.ts';

export interface LinkEnds {
  /** At the server: a frame came, the socket closed. */
  up(frame: string): void;
  serverClosed(): void;
  /** At the device. */
  down(frame: string): void;
  clientClosed(code: number): void;
}

/** One socket between a device and its user's object. Frames keep their order; a cut loses what is on the way. */
export class Link implements Line {
  readonly repeats = false;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #ends: LinkEnds;
  #cut = false;
  #lastUp = 0;
  #lastDown = 0;
  #serverOpen = true;
  #clientOpen = true;
  #inFlight = 0;
  readonly opened: number;
  #cutAt = Number.POSITIVE_INFINITY;
  /** Extra time each frame needs to be read by a slow device. */
  slowness = 0;
  lost = 0;

  constructor(clock: Clock, rng: Rng, ends: LinkEnds) {
    this.#clock = clock;
    this.#rng = rng;
    this.#ends = ends;
    this.opened = clock.now;
  }

  get alive(): boolean {
    return !this.#cut && this.#serverOpen && this.#clientOpen;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** When the runtime last answered a ping: every 15 s while the line is whole. */
  get lastPing(): number {
    const until = Math.min(this.#clock.now, this.#cutAt);
    return this.opened + Math.floor((until - this.opened) / 15_000) * 15_000;
  }

  sendUp(frame: string): void {
    this.#lastUp = this.#travel(this.#lastUp, 0, () => {
      if (this.#serverOpen) this.#ends.up(frame);
    });
  }

  sendDown(frame: string): void {
    this.#lastDown = this.#travel(this.#lastDown, this.slowness, () => {
      if (this.#clientOpen) this.#ends.down(frame);
    });
  }

  #travel(last: number, extra: number, arrive: () => void): number {
    const at = Math.max(last, this.#clock.now + this.#rng.int(1, 20) + extra);
    if (this.#cut) {
      this.lost++;
      return at;
    }
    this.#inFlight++;
    this.#clock.at(at, () => {
      this.#inFlight--;
      if (this.#cut) this.lost++;
      else arrive();
    });
    return at;
  }

  /** The line breaks. Each end learns of it after its time, or never (undefined). */
  cut(server: number | undefined, client: number): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#cutAt = this.#clock.now;
    if (server !== undefined) this.#clock.after(server, () => this.#endServer());
    this.#clock.after(client, () => this.#endClient(1006));
  }

  /** The device closes in order: what it wrote before arrives. */
  closeByClient(): void {
    this.#clientOpen = false;
    this.#lastUp = this.#travel(this.#lastUp, 0, () => this.#endServer());
  }

  closeByServer(code: number): void {
    this.#serverOpen = false;
    if (this.#cut) return;
    this.#lastDown = this.#travel(this.#lastDown, 0, () => this.#endClient(code));
  }

  /** The object behind it is gone; the device learns of it after `client` ms. */
  serverDied(client: number): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#clock.after(client, () => this.#endClient(1006));
  }

  #endServer(): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#ends.serverClosed();
  }

  #endClient(code: number): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#ends.clientClosed(code);
  }
}
