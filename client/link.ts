import type { Down } from '../schema/protocol/down.ts';
import type { Up } from '../schema/protocol/up.ts';
import {
  type CloseInfo,
  type Connection,
  type ConnectionEvent,
  deadline,
  type Effect,
  idle,
  LOST,
  step,
} from './connection.ts';
import { decode, PING } from './decode.ts';
import { ParleyError } from './errors.ts';
import { type SocketLike, shut, type Transport, type TransportTools } from './transport.ts';

export interface LinkOptions extends TransportTools {
  /** Of the socket. */
  readonly url: string;
  readonly transport: Transport;
  /** The first frame of each connection. */
  readonly hello: () => Up;
  readonly onFrame: (frame: Down) => void;
  readonly onState: (state: Connection, before: Connection) => void;
  readonly onError: (error: ParleyError) => void;
  /** Something happened, and all that follows from it is done. */
  readonly onDone: () => void;
}

/** Runs the connection's state machine on a real socket and clock. */
export class Link {
  readonly #options: LinkOptions;
  #state: Connection = idle;
  #socket: SocketLike | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get state(): Connection {
    return this.#state;
  }

  /** Whether frames reach the service: from `welcome` on. */
  get linked(): boolean {
    return this.#state.phase === 'link';
  }

  deadline(): number {
    return deadline(this.#state);
  }

  /** Without a socket the frame is lost, which every sender of frames has to expect anyway. */
  send(frame: Up): void {
    this.#write(JSON.stringify(frame));
  }

  event(event: ConnectionEvent): void {
    const { clock, random, onState } = this.#options;
    const before = this.#state;
    const { state, effects } = step(before, event, { now: clock.now(), random });
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (changed(state, before)) onState(state, before);
  }

  /** An event from outside, not from a call of ours. */
  #happened(event: ConnectionEvent): void {
    this.event(event);
    this.#options.onDone();
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'get-token':
        return this.#getToken(effect.epoch, effect.force);
      case 'open':
        return this.#open(effect.epoch, effect.token);
      case 'hello':
        return this.send(this.#options.hello());
      case 'ping':
        return this.#write(PING);
      case 'doubt':
        return this.#socket?.doubt?.();
      case 'drop':
        return this.#drop();
    }
  }

  #getToken(epoch: number, force: boolean): void {
    this.#options.getToken({ force }).then(
      (token) => this.#happened({ type: 'token', epoch, token }),
      (cause) => {
        const error = asError(cause);
        const { code, retryAfter } = error;
        if (!EXPECTED.includes(code)) this.#options.onError(error);
        this.#happened({ type: 'token-failed', epoch, code, retryAfter });
      },
    );
  }

  #open(epoch: number, token: string): void {
    const lost = { type: 'closed', epoch, ...LOST } as const;
    try {
      const made = this.#options.transport(this.#options.url, token, this.#options);
      if ('then' in made) {
        made.then(
          (socket) => this.#use(epoch, socket),
          () => this.#happened(lost),
        );
      } else this.#use(epoch, made);
    } catch (error) {
      this.#options.onError(asError(error));
      this.event(lost);
    }
  }

  #use(epoch: number, socket: SocketLike): void {
    if (epoch !== this.#state.epoch) return shut(socket);
    this.#socket = socket;
    // Whatever it says after its `close` is of an old epoch.
    socket.onopen = () => this.#happened({ type: 'opened', epoch });
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (typeof data === 'string') this.#text(epoch, data);
    };
    socket.onclose = ({ code = 1006, reason = '' }: Partial<CloseInfo>) =>
      this.#happened({ type: 'closed', epoch, code, reason });
    // An error is always followed by a close, and says no more than it.
    socket.onerror = () => {};
  }

  #text(epoch: number, text: string): void {
    if (epoch !== this.#state.epoch) return;
    let frame: Down | undefined;
    try {
      frame = decode(text);
      // First applied, then announced: at `online` everything that was missed is there.
      if (frame) this.#options.onFrame(frame);
    } catch (error) {
      this.#options.onError(asError(error));
    }
    if (frame) this.#happened({ type: 'frame', epoch, frame });
  }

  #write(text: string): void {
    try {
      this.#socket?.send(text);
    } catch {
      // Not open any more: its `closed` is on the way.
    }
  }

  #drop(): void {
    // Whatever it says while it closes is of an old epoch.
    shut(this.#socket);
    this.#socket = undefined;
  }
}

/** For those outside: another name, another try, or another time of the next one. */
const changed = (state: Connection, before: Connection): boolean =>
  state.name !== before.name || state.epoch !== before.epoch || (!state.phase && state.at !== before.at);

/** Failures of `getToken` that the state tells of. */
const EXPECTED: string[] = ['session_ended', 'unauthenticated', 'network'];

const asError = (cause: unknown): ParleyError =>
  cause instanceof ParleyError ? cause : new ParleyError('internal', String(cause), { cause });
