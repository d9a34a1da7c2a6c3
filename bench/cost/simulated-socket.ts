import type { SocketLike } from '../../client/index.ts';
import { PING, PONG } from '../../schema/protocol/codec.ts';
import type { UserNode, World } from './world.ts';

/** Between a device and the edge, one way, in ms. */
const WAY_MS = 30;

/** A device's socket to its user's object. What arrives there is billed; pings are answered by the runtime. */
export class SimulatedSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  lastPing = 0;
  readonly #world: World;
  readonly #user: UserNode;
  #number = 0;

  constructor(world: World, user: string, device: string) {
    this.#world = world;
    this.#user = world.user(user);
    world.clock.after(WAY_MS, () => {
      world.bill.add('calls', 'user: fetch (upgrade)', 1);
      this.#number = this.#user.open(this, device);
      world.clock.after(WAY_MS, () => this.onopen?.({} as never));
    });
  }

  send(text: string): void {
    this.#world.clock.after(WAY_MS, () => {
      if (text === PING) {
        this.lastPing = this.#world.clock.now();
        return this.deliver(PONG);
      }
      if (!this.#user.sockets.has(this.#number)) return;
      this.#world.bill.add('frames', (JSON.parse(text) as { type: string }).type, 1);
      this.#user.object.turn((core) => core.frame(this.#number, text));
    });
  }

  /** A frame from the service. */
  deliver(text: string): void {
    this.#world.clock.after(WAY_MS, () => this.onmessage?.({ data: text } as never));
  }

  close(code = 1000, reason = ''): void {
    this.#world.clock.after(WAY_MS, () => this.#user.closed(this.#number));
    this.#world.clock.after(2 * WAY_MS, () => this.onclose?.({ code, reason } as never));
  }

  closedByService(code: number, reason: string): void {
    this.#world.clock.after(WAY_MS, () => this.onclose?.({ code, reason } as never));
  }
}
