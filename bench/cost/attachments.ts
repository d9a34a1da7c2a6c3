import { deserialize, serialize } from 'node:v8';
import type { KeptSocket } from '../../objects/user/host.ts';

/** More than this the platform refuses to keep with a socket. */
export const ATTACHMENT_BYTES = 16_384;

/**
 * What the sockets of one user keep while their object is out of memory: copies, as the platform makes them, so nothing
 * survives that was only changed in memory.
 */
export class Attachments {
  readonly #user: string;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(user: string) {
    this.#user = user;
  }

  /** Throws when it is too large, as the platform does. */
  keep(socket: number, kept: KeptSocket): void {
    // The object's class keeps whose socket it is beside what the core keeps.
    const bytes = serialize({ ...kept, user: this.#user, socket });
    if (bytes.byteLength > ATTACHMENT_BYTES)
      throw new Error(`an attachment has at most ${ATTACHMENT_BYTES} bytes, this one ${bytes.byteLength}`);
    this.#kept.set(socket, bytes);
  }

  delete(socket: number): void {
    this.#kept.delete(socket);
  }

  /** What an object finds that starts anew. */
  all(): Map<number, KeptSocket> {
    return new Map([...this.#kept].map(([socket, bytes]) => [socket, deserialize(bytes) as KeptSocket]));
  }
}
