import { WebSocket } from 'ws';
import type { SocketLike, Transport } from '../../client/index.ts';

/** How often, and by which dice, sockets are cut; `cuts` counts. */
export interface Cutting {
  /** Chance per frame, either way. */
  readonly drop: number;
  readonly random: () => number;
  cuts: number;
}

type Handler = ((event: never) => void) | null;

/** Sockets that break without a word: after a frame left, before one left, or with one on its way to us. */
export function cuttingTransport(cutting: Cutting): Transport {
  return (url, token) => new CutSocket(url, token, cutting);
}

class CutSocket implements SocketLike {
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  readonly #socket: WebSocket;
  readonly #cutting: Cutting;
  #cut = false;

  constructor(url: string, token: string, cutting: Cutting) {
    this.#cutting = cutting;
    this.#socket = new WebSocket(url, ['parley.v1', `parley.bearer.${token}`], { perMessageDeflate: false });
    this.#socket.onopen = (event) => this.onopen?.(event as never);
    this.#socket.onclose = (event) => this.onclose?.(event as never);
    this.#socket.onerror = (event) => this.onerror?.(event as never);
    this.#socket.onmessage = (event) => {
      if (!this.#cut && !this.#cutNow()) this.onmessage?.(event as never);
    };
  }

  send(text: string): void {
    if (this.#cut) return;
    const lost = this.#chance();
    if (lost && this.#cutting.random() < 0.5) this.#socket.send(text, () => this.#terminate());
    else if (lost) this.#terminate();
    else this.#socket.send(text);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  #cutNow(): boolean {
    if (!this.#chance()) return false;
    this.#terminate();
    return true;
  }

  #chance(): boolean {
    return this.#cutting.drop > 0 && this.#cutting.random() < this.#cutting.drop;
  }

  #terminate(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#cutting.cuts++;
    this.#socket.terminate();
  }
}
