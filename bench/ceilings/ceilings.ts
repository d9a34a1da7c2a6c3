import { WebSocket } from 'ws';
import { inParallel, sleep } from '../support/parallel.ts';
import { startRuntime } from '../support/runtime.ts';

/** What this machine can do at best; ratios to these mean the same on any machine. */
const SOCKETS = 50;
const ECHOES_IN_FLIGHT = 16;
const CALLERS = 50;

export interface Ceilings {
  /** Messages echoed a second: 50 sockets to one object, 16 on the way in each. */
  echo(ms: number): Promise<number>;
  /** Calls a second from 50 objects to 50 others, one at a time in each pair. */
  call(ms: number): Promise<number>;
  /** The same where every call inserts one row and is answered when that is on disk. */
  commit(ms: number): Promise<number>;
  close(): Promise<void>;
}

/** Objects keep their storage under `data`, which should be on the same file system as what is compared. */
export async function startCeilings(data: string): Promise<Ceilings> {
  const { url, close } = await startRuntime('bench/ceilings/worker.ts', data, {
    ECHO: 'Echo',
    CALLER: 'Caller',
    COMMITTER: 'Committer',
  });
  const rate = async (kind: 'call' | 'commit', ms: number): Promise<number> => {
    const response = await fetch(`${url}/${kind}?callers=${CALLERS}&ms=${ms}`);
    const { calls, ms: took } = (await response.json()) as { calls: number; ms: number };
    return (calls / took) * 1000;
  };
  // Objects are made and compiled code gets warm before anything counts.
  for (const kind of ['call', 'commit'] as const) await rate(kind, 300);
  return {
    echo: (ms) => echo(url, ms),
    call: (ms) => rate('call', ms),
    commit: (ms) => rate('commit', ms),
    close,
  };
}

async function echo(url: string, ms: number): Promise<number> {
  const sockets = await inParallel(10, Array.from({ length: SOCKETS }), () => open(`${url}/echo`));
  const frame = JSON.stringify({ type: 'send', clientId: 'x'.repeat(16), text: 'x'.repeat(100) });
  let echoes = 0;
  let running = true;
  for (const socket of sockets) {
    socket.on('message', () => {
      echoes++;
      if (running) socket.send(frame);
    });
    for (let i = 0; i < ECHOES_IN_FLIGHT; i++) socket.send(frame);
  }
  await sleep(ms / 5);
  const before = echoes;
  const begin = performance.now();
  await sleep(ms);
  const rate = ((echoes - before) / (performance.now() - begin)) * 1000;
  running = false;
  for (const socket of sockets) socket.close();
  return rate;
}

function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket)).once('error', reject);
  });
}
