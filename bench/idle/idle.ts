import { WebSocket } from 'ws';
import { PING, PONG } from '../../schema/protocol/codec.ts';
import type { Session } from '../../schema/protocol/http-auth.ts';
import { inParallel, sleep } from '../support/parallel.ts';
import { childrenUsage } from '../support/process-tree.ts';
import { print, type RunOptions } from '../support/report.ts';
import { signIn, startService } from '../support/service.ts';

/**
 * What people cost who are connected and silent: memory each, and whether their pings wake anything. The runtime answers
 * the exact text of a ping without the object. The same frame with a space more has to be parsed by the object, which
 * has hibernated by then: the difference in processor time shows who answered.
 */
const USERS = 2_000;
const HEARTBEAT_MS = 15_000;
const PHASE_MS = 30_000;
const CONNECTING = 20;
const WAKING_PING = PING.replace(':', ': ');

interface Phase {
  readonly name: string;
  readonly frames: number;
  readonly answers: number;
  /** Processor time of the service, in cores. */
  readonly cores: number;
  readonly rss: number;
}

export async function run(options: RunOptions): Promise<void> {
  const service = await startService();
  try {
    const people = await signIn(
      service,
      Array.from({ length: USERS }, (_, i) => `idle ${i}`),
    );
    await sleep(2_000);
    const empty = childrenUsage().rss;
    const home = new Home();
    const begin = performance.now();
    const sockets = await inParallel(CONNECTING, people, (person) => home.open(service.url, person));
    const connects = USERS / ((performance.now() - begin) / 1000);
    const phases = [
      await home.phase('pings every 15 s', sockets, PING, PHASE_MS),
      await home.phase('nothing at all', sockets, undefined, PHASE_MS / 2),
      await home.phase('a frame that wakes, every 15 s', sockets, WAKING_PING, PHASE_MS / 2),
    ];
    for (const socket of sockets) socket.terminate();
    report(empty, connects, phases, home.violations, options);
  } finally {
    await service.close();
  }
}

class Home {
  #answers = 0;
  readonly violations: string[] = [];

  open(url: string, session: Session): Promise<WebSocket> {
    const socket = new WebSocket(
      `${url.replace(/^http/, 'ws')}/v1/ws`,
      ['parley.v1', `parley.bearer.${session.accessToken}`],
      { perMessageDeflate: false },
    );
    return new Promise((resolve, reject) => {
      socket.on('open', () => socket.send('{"type":"hello"}'));
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text === PONG) this.#answers++;
        else if (text.includes('"synced"')) resolve(socket);
      });
      socket.on('error', reject);
      socket.on('close', (code) => {
        if (code !== 1006) this.violations.push(`a silent socket was closed with ${code}`);
      });
    });
  }

  /** Everybody sends `frame` every 15 s, spread evenly over that time. */
  async phase(
    name: string,
    sockets: readonly WebSocket[],
    frame: string | undefined,
    ms: number,
  ): Promise<Phase> {
    const before = childrenUsage();
    const begin = performance.now();
    this.#answers = 0;
    let frames = 0;
    for (let passed = 0; passed < ms; passed = performance.now() - begin) {
      const due = frame === undefined ? 0 : Math.floor((passed / HEARTBEAT_MS) * sockets.length);
      for (; frames < due; frames++) sockets[frames % sockets.length]?.send(frame ?? '');
      await sleep(20);
    }
    await sleep(200);
    const after = childrenUsage();
    const seconds = (performance.now() - begin) / 1000;
    if (this.#answers !== frames)
      this.violations.push(`${name}: ${this.#answers} answers to ${frames} frames`);
    return {
      name,
      frames,
      answers: this.#answers,
      cores: (after.cpu - before.cpu) / seconds,
      rss: after.rss,
    };
  }
}

function report(
  empty: number,
  connects: number,
  phases: readonly Phase[],
  violations: readonly string[],
  options: RunOptions,
): void {
  const [pings, , waking] = phases;
  const perUser = ((pings?.rss ?? Number.NaN) - empty) / USERS / 1024;
  const share = (pings?.cores ?? Number.NaN) / (waking?.cores ?? Number.NaN);
  print(
    {
      title: `${USERS} people connected, one device each, silent`,
      sections: [
        {
          title: 'Memory of the service',
          rows: [
            ['before anybody connects, MiB', empty / 2 ** 20],
            [`connected for ${PHASE_MS / 1000} s, MiB`, (pings?.rss ?? Number.NaN) / 2 ** 20],
            ['a person, KiB', perUser],
            ['connections a second', connects],
          ],
        },
        {
          title: 'Processor time of the service',
          head: ['everybody sends', 'frames', 'answers', 'cores', 'ms a frame'],
          rows: phases.map((p) => [
            p.name,
            p.frames,
            p.answers,
            p.cores,
            ((p.cores * PHASE_MS) / p.frames) * (p === pings ? 1 : 0.5),
          ]),
        },
      ],
      targets: [
        { name: 'cores kept busy by pings', value: pings?.cores ?? Number.NaN, most: 0.1 },
        { name: 'pings ÷ frames that wake, processor time', value: share, most: 0.2 },
      ],
      violations,
      data: { users: USERS, emptyBytes: empty, perUserKib: perUser, connects, phases },
    },
    options,
  );
}
