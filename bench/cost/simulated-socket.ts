import type { SocketLike } from '../../client/index.ts';
import { PING, PONG } from '../../schema/protocol/codec.ts';
import type { UserNode, World } from './world.ts';

/** Between a device and the edge, one way, in ms. */
const WAY_MS = 30;

/** What of a frame tells which entries it brings. */
interface Brought {
  readonly type: string;
  readonly conversation?: string;
  readonly seq?: number;
  readonly entries?: readonly { readonly seq: number }[];
}

/** A device's socket to its user's object. What arrives there is billed; pings are answered by the runtime. */
export class SimulatedSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  /** When the runtime last answered a ping, 0 for never. */
  lastPing = 0;
  readonly #world: World;
  readonly #user: UserNode;
  readonly #device: string;
  #number = 0;

  constructor(world: World, user: string, device: string) {
    this.#world = world;
    this.#user = world.user(user);
    this.#device = device;
    world.clock.after(WAY_MS, () => {
      world.bill.add('calls', 'user: fetch (upgrade)', 1);
      this.#number = this.#user.open(this, device);
      world.clock.after(WAY_MS, () => this.onopen?.({} as never));
    });
  }

  send(text: string): void {
    this.#world.clock.after(WAY_MS, () => {
      if (!this.#user.sockets.has(this.#number)) return;
      // The runtime answers, whether the object is in memory or not.
      if (text === PING) {
        this.lastPing = this.#world.clock.now();
        return this.deliver(PONG);
      }
      const { type } = JSON.parse(text) as { type: string };
      this.#world.bill.add('frames', type, 1);
      this.#user.object.turn(type, (core) => core.frame(this.#number, text));
    });
  }

  /** A frame from the service. */
  deliver(text: string): void {
    if (text !== PONG) this.#countRepeats(text);
    this.#world.clock.after(WAY_MS, () => this.onmessage?.({ data: text } as never));
  }

  #countRepeats(text: string): void {
    const { type, conversation, entries, seq } = JSON.parse(text) as Brought;
    if (conversation === undefined || type === 'receipt') return;
    // An acknowledged send is known to the device that sent it.
    for (const brought of entries?.map((entry) => entry.seq) ?? (seq === undefined ? [] : [seq]))
      if (!this.#world.bring(this.#device, conversation, brought)) this.#world.bill.add('repeats', type, 1);
  }

  close(code = 1000, reason = ''): void {
    this.#world.clock.after(WAY_MS, () => this.#user.closed(this.#number));
    this.#world.clock.after(2 * WAY_MS, () => this.onclose?.({ code, reason } as never));
  }

  /** The service closed it and knows it no more. */
  closedByService(code: number, reason: string): void {
    this.#world.clock.after(WAY_MS, () => this.onclose?.({ code, reason } as never));
  }
}
