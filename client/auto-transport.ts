import { later } from './later.ts';
import { type Transport, webSocketTransport } from './transport.ts';

/** What a transport remembers from one connection to the next. */
export interface Memory {
  /** Sockets in a row that have not opened. */
  refused: number;
  /** Sockets don't get through here, and polls do. */
  polling: boolean;
}

/** So many sockets in a row that don't open are no accident: polls are tried. */
const REFUSALS = 2;

/**
 * The platform's WebSocket, and long polling where that doesn't get through; sockets are tried again now and then.
 * Without WebSocket it polls from the start.
 * @param webSocket how sockets are opened; they need `addEventListener`. Default: the platform's, if it has them
 */
export const autoTransport = (
  webSocket: Transport | undefined = globalThis.WebSocket && webSocketTransport(),
): Transport => choose(webSocket);

/** Long polling alone. */
export const pollTransport = (): Transport => choose();

function choose(webSocket?: Transport): Transport {
  const memory: Memory = { refused: 0, polling: false };
  return (url, token, tools) => {
    if (!webSocket || memory.refused >= REFUSALS)
      return later.polling().then(
        ({ poll }) => poll({ url, token, tools, webSocket, memory }),
        (error: unknown) => {
          // Only sockets are left then.
          memory.refused = 0;
          throw error;
        },
      );
    memory.refused++;
    const opened = (): void => {
      memory.refused = 0;
    };
    const made = webSocket(url, token, tools);
    if ('addEventListener' in made) made.addEventListener?.('open', opened);
    return made;
  };
}
