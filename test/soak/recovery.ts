import type { Device } from './device.ts';

/** How long the devices take to be online again after each start of the service. */
export class Recovery {
  /** Of each start: from its first answer until the last device was there, or the next kill, in ms. */
  readonly times: number[] = [];
  #began = 0;
  #last = 0;
  #missing = new Set<Device>();

  /** The service answers again; these have to find out, unless they have already. */
  begin(devices: readonly Device[]): void {
    this.#began = performance.now();
    this.#last = 0;
    this.#missing = new Set(devices.filter(({ client }) => client.connection.get().name !== 'online'));
  }

  online(device: Device): void {
    if (this.#missing.delete(device)) this.#last = performance.now() - this.#began;
  }

  end(): void {
    if (this.#began === 0) return;
    this.times.push(this.#missing.size > 0 ? performance.now() - this.#began : this.#last);
    this.#began = 0;
    this.#missing.clear();
  }
}
