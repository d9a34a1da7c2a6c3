import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Above the ports browsers refuse, below those that systems give to outgoing connections (from 32,768). One of those
 * could be taken by anybody's connection while a service is down that wants to come back to it.
 */
const [FROM, TO] = [11_000, 32_000] as const;
const LOOK_MS = 20;

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM));
    if (await isFree(port)) return port;
  }
}

/** Resolves when nobody listens there any more: what a killed service started may outlive it for a moment. */
export async function untilFree(port: number): Promise<void> {
  while (!(await isFree(port))) await pause(LOOK_MS);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
