import type { Memory } from './auto-transport.ts';
import { PollSocket } from './poll-socket.ts';
import { attach, type SocketLike, shut, type Transport, type TransportTools } from './transport.ts';

/** A socket that has not opened by then does not get through. */
const OPENING_MS = 5000;
/** Before a connection polls it tries a socket once more; later, beside the polls, after these times. */
const FIRST_PROBE_MS = 5 * 60_000;
const LAST_PROBE_MS = 60 * 60_000;
/** A network that changes, or a page that wakes, is a reason to try a socket after this part of that time. */
const EARLY = 1 / 10;

export interface PollPlace {
  readonly url: string;
  readonly token: string;
  readonly tools: TransportTools;
  readonly webSocket: Transport | undefined;
  readonly memory: Memory;
}

/** A real socket, if one gets through after all, else one that polls. */
export async function poll(place: PollPlace): Promise<SocketLike> {
  const { memory, tools } = place;
  const real = memory.polling ? undefined : await opening(place, place.token);
  if (!real) return polling(place);
  memory.refused = 0;
  tools.clock.after(0, () => real.onopen?.(undefined as never));
  return real;
}

/** Opens a socket, or finds out that it can't be: then there is none. */
async function opening({ url, tools, webSocket }: PollPlace, token: string): Promise<SocketLike | undefined> {
  let socket: SocketLike | undefined;
  try {
    socket = await webSocket?.(url, token, tools);
  } catch {
    // Such as an address that this page may not open a socket to.
  }
  const made = socket;
  if (!made) return undefined;
  return new Promise((done) => {
    const end = (opened: boolean): void => {
      cancel();
      if (!opened) shut(made);
      done(opened ? made : undefined);
    };
    const cancel = tools.clock.after(OPENING_MS, () => end(false));
    attach(made, { opened: () => end(true), text: () => {}, closed: () => end(false) });
  });
}

function polling(place: PollPlace): SocketLike {
  const { url, tools, webSocket, memory } = place;
  const { clock } = tools;
  let gap = FIRST_PROBE_MS;
  let probed = clock.now();
  let state: 'new' | 'heard' | 'probing' | 'over' = 'new';
  let cancel = (): void => {};
  const wait = (): void => {
    if (state === 'over') return;
    state = 'heard';
    cancel = clock.after(gap, probe);
  };
  const probe = async (): Promise<void> => {
    cancel();
    state = 'probing';
    probed = clock.now();
    gap = Math.min(2 * gap, LAST_PROBE_MS);
    const token = await tools.getToken().catch(() => undefined);
    const real = token === undefined ? undefined : await opening(place, token);
    if (!real) return wait();
    // The next connection opens one of its own: this one has said no hello.
    shut(real);
    memory.refused = 0;
    memory.polling = false;
    polls.leave();
  };
  const polls: PollSocket = new PollSocket(url, place.token, tools, {
    heard() {
      if (!webSocket || state !== 'new') return;
      memory.polling = true;
      wait();
    },
    doubted() {
      if (state === 'heard' && clock.now() - probed >= gap * EARLY) probe();
    },
    over() {
      // Polls don't get through either, so the next connection asks for both again.
      if (state === 'new') memory.polling = false;
      state = 'over';
      cancel();
    },
  });
  return polls;
}
