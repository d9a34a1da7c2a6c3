import type { Clock } from '../../../client/clock.ts';
import { type SocketLike, socketUrl, type Transport } from '../../../client/transport.ts';
import type { UserHost } from '../../../objects/user/host.ts';
import { Polls } from '../../../objects/user/polls.ts';
import { parse } from '../../../schema/protocol/codec.ts';
import { ERRORS, type Failure, fail, problemOf } from '../../../schema/protocol/errors.ts';
import { pollBody } from '../../../schema/protocol/http-conversations.ts';

export interface PollRequest {
  readonly session?: string | undefined;
  readonly n?: number | undefined;
  readonly frames: readonly Record<string, unknown>[];
  readonly wait?: number | undefined;
}

/** What becomes of a request: lost on the way, its answer lost, or answered by something else. */
export type Fate = 'arrives' | 'lost' | 'answer lost' | Response;

/** `POST /v1/poll` in memory: the service's own sessions over the sockets of a fake service, on the test's clock. */
export class FakePolls {
  readonly requests: PollRequest[] = [];
  /** Requests that have no answer yet. */
  open = 0;
  /** ms each way. */
  lag = 1;
  fate: (request: PollRequest) => Fate = () => 'arrives';
  #polls: Polls;
  /** Ends the requests that wait at the service. */
  readonly #answers = new Set<(failure: Failure | undefined) => void>();
  readonly #sockets = new Map<number, SocketLike>();
  readonly #clock: Clock;
  readonly #sock: Transport;
  #ids = 0;

  /** @param sock opens a socket of the service that the sessions stand for, for a token */
  constructor(clock: Clock, sock: Transport) {
    this.#clock = clock;
    this.#sock = sock;
    this.#polls = this.#make();
  }

  /** The service lost its memory: no session is known any more, and what waited gets an error or no answer at all. */
  restart(failure?: Failure): void {
    for (const socket of this.#sockets.values()) {
      socket.onclose = null;
      socket.close(1006);
    }
    this.#sockets.clear();
    const broken = [...this.#answers];
    this.#answers.clear();
    for (const answer of broken) answer(failure);
    this.#polls = this.#make();
  }

  #make(): Polls {
    const host: Pick<UserHost, 'now' | 'id' | 'timer'> = {
      now: this.#clock.now,
      id: () => `session-${this.#ids++}`,
      timer: (ms, run) => this.#clock.after(ms, run),
    };
    const polls: Polls = new Polls(host as UserHost, {
      open: (id, token) => this.#opened(polls, id, token),
      frame: (id, raw) => this.#sockets.get(id)?.send(raw),
      isHello: (raw) => raw.includes('"type":"hello"'),
      closed: (id) => {
        this.#sockets.get(id)?.close();
        this.#sockets.delete(id);
      },
    });
    return polls;
  }

  #opened(polls: Polls, id: number, token: string): void {
    const socket = this.#sock(socketUrl('http://fake'), token, {
      getToken: async () => token,
      clock: this.#clock,
      random: Math.random,
    });
    if ('then' in socket) throw new Error('a fake socket is there at once');
    this.#sockets.set(id, socket);
    socket.onmessage = ({ data }: { readonly data: string }) => void polls.send(id, data);
    socket.onclose = ({ code }: { readonly code: number }) => {
      const name = (Object.keys(ERRORS) as (keyof typeof ERRORS)[]).find((key) => ERRORS[key].close === code);
      polls.close(id, fail(name ?? 'unavailable', 'closed'));
    };
  }

  readonly fetch: typeof globalThis.fetch = (_input, init) =>
    new Promise((resolve, reject) => {
      const body = parse(pollBody, String(init?.body), 4 * 65_536);
      if (!body.ok) throw new Error(`the client sent a bad body: ${body.detail}`);
      const { frames } = body.value;
      if (frames.length > 100) throw new Error('more frames than a body may have');
      const asked = { ...body.value, frames: frames as readonly Record<string, unknown>[] };
      this.requests.push(asked);
      this.open++;
      let over = false;
      const end = (run: () => void): void => {
        if (over) return;
        over = true;
        this.open--;
        run();
      };
      const broken = (): void => end(() => reject(new TypeError('fetch failed')));
      init?.signal?.addEventListener('abort', broken);
      const fate = this.fate(asked);
      const back = (response: () => Response): void => {
        this.#clock.after(this.lag, () =>
          fate === 'answer lost' ? broken() : end(() => resolve(response())),
        );
      };
      this.#clock.after(this.lag, () => {
        if (fate === 'lost') return broken();
        if (fate instanceof Response) return back(() => fate);
        const token = new Headers(init?.headers).get('authorization')?.slice(7) ?? '';
        const { wait = 0, ...position } = body.value;
        const answered = (failure: Failure | undefined): void => {
          if (failure) back(() => problem(failure));
          else broken();
        };
        this.#answers.add(answered);
        const call = { ...position, wait, frames: frames.map((frame) => JSON.stringify(frame)) };
        this.#polls.poll(token, call as Parameters<Polls['poll']>[1], (answer) => {
          if (!this.#answers.delete(answered)) return;
          back(() => (answer.ok ? new Response(answer.body, { status: answer.status }) : problem(answer)));
        });
      });
    });
}

export const problem = (failure: Failure): Response =>
  Response.json(problemOf(failure), {
    status: ERRORS[failure.code].status,
    headers: { 'content-type': 'application/problem+json' },
  });
