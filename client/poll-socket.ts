import type { Down } from '../schema/protocol/down.ts';
import { ERRORS } from '../schema/protocol/errors.ts';
import { fullJitter } from './backoff.ts';
import { BETTER, type CloseInfo } from './connection.ts';
import { PING } from './decode.ts';
import { ParleyError } from './errors.ts';
import { request } from './http.ts';
import type { SocketLike, TransportTools } from './transport.ts';

/** Seconds the service may keep a poll; shorter than a heartbeat, so that a good line has always just answered. */
const WAIT_S = 12;
/** For so long an answer shows that the line is good. */
const FRESH_MS = 15_000;
/** A request that takes this much longer than the service was asked to is lost. */
const SLACK_MS = 10_000;
/** What is sent within this time shares a request. */
const GATHER_MS = 5;
const PONG = '{"type":"pong"}';
const MOST_FRAMES = 100;
/** Failures in a row before the connection counts as lost. */
const RETRIES = 3;
const RETRY = { base: 500, cap: 4000 };
const FRAME_BYTES = 65_536;
/** For the names and numbers of a body. */
const ENVELOPE_BYTES = 1000;

/** What happens to it that its owner wants to know. */
export interface PollEvents {
  /** The service answered. */
  heard(): void;
  doubted(): void;
  /** Closed, from either side. */
  over(): void;
}

interface Answer {
  readonly session: string;
  readonly n: number;
  readonly frames: readonly Down[];
}

/**
 * Long polling that looks like a socket: one request that waits for news, beside it at most one that brings frames.
 * A lost answer comes again by its number, so a failed request is made again before anything counts as lost.
 */
export class PollSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  readonly #url: string;
  readonly #tools: TransportTools;
  readonly #events: PollEvents;
  readonly #flights = new Set<AbortController>();
  #token: string;
  #queue: string[] = [];
  #posting = false;
  #waiting = false;
  #session: string | undefined;
  #n = 0;
  /** The frames of answer `#n`. */
  #last: readonly string[] = [];
  #heard = Number.NEGATIVE_INFINITY;
  /** A ping that the next answer answers. */
  #pinged = false;
  #failures = 0;
  /** Ends the pause after a failure, or before what is gathered is posted. */
  #resume: (() => void) | undefined;
  #bytes = 4 * FRAME_BYTES;
  #over = false;

  /** @param url of the socket it stands for */
  constructor(url: string, token: string, tools: TransportTools, events: PollEvents) {
    this.#url = url.replace(/^ws/, 'http').replace(/\/v1\/ws$/, '');
    this.#token = token;
    this.#tools = tools;
    this.#events = events;
    this.#later(() => this.onopen?.(undefined as never));
  }

  send(text: string): void {
    if (text !== PING) this.#queue.push(text);
    else if (this.#tools.clock.now() - this.#heard < FRESH_MS) return this.#later(() => this.say(PONG));
    else this.#pinged = true;
    if (!this.#resume) this.#pause(GATHER_MS);
  }

  close(): void {
    if (this.#over) return;
    this.#end();
    // What was not confirmed is noted at once then, and not when the session has run out.
    if (this.#session !== undefined) this.#request(this.#batch(), { close: true }).catch(() => {});
  }

  /** Sockets get through again. */
  leave(): void {
    if (this.#over) return;
    this.close();
    this.onclose?.({ code: BETTER, reason: '' } satisfies CloseInfo as never);
  }

  doubt(): void {
    this.#heard = Number.NEGATIVE_INFINITY;
    this.#events.doubted();
    if (this.#failures === 0) return;
    this.#resume?.();
    this.#pump();
  }

  #later(run: () => void): void {
    this.#tools.clock.after(0, () => this.#over || run());
  }

  #pause(ms: number): void {
    this.#resume?.();
    const cancel = this.#tools.clock.after(ms, () => {
      this.#resume = undefined;
      this.#pump();
    });
    this.#resume = () => {
      cancel();
      this.#resume = undefined;
    };
  }

  #pump(): void {
    if (this.#over || this.#posting || this.#resume) return;
    if (this.#queue.length > 0 || this.#pinged) {
      this.#posting = true;
      this.#ask(this.#batch(), 0);
    } else if (!this.#waiting && this.#session !== undefined) {
      this.#waiting = true;
      this.#ask([], WAIT_S);
    }
  }

  /** As many frames as one body may have. */
  #batch(): string[] {
    let bytes = ENVELOPE_BYTES;
    let count = 0;
    for (const text of this.#queue) {
      bytes += new TextEncoder().encode(text).length + 1;
      if (count === MOST_FRAMES || (count > 0 && bytes > this.#bytes)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #ask(frames: readonly string[], wait: number): void {
    const { clock } = this.#tools;
    const flight = new AbortController();
    this.#flights.add(flight);
    const cancel = clock.after(wait * 1000 + SLACK_MS, () => flight.abort());
    const n = this.#n;
    const done = (): void => {
      cancel();
      this.#flights.delete(flight);
      if (wait === 0) this.#posting = false;
      else this.#waiting = false;
    };
    this.#request(frames, { wait }, flight.signal).then(
      (answer) => {
        done();
        if (!this.#over) this.#took(n, answer);
        this.#pump();
      },
      (error: unknown) => {
        done();
        this.#queue.unshift(...frames);
        if (!this.#over) this.#failed(error);
        this.#pump();
      },
    );
  }

  async #request(
    frames: readonly string[],
    how: { readonly wait: number } | { readonly close: true },
    signal?: AbortSignal,
  ): Promise<Answer> {
    const used = this.#token;
    const session = this.#session;
    const body = {
      ...(session === undefined ? {} : { session, n: this.#n }),
      frames: frames.map((text): unknown => JSON.parse(text)),
      ...how,
    };
    const options = { url: this.#url, fetch: this.#tools.fetch, ...(signal && { signal }) };
    const ask = () => request<Answer>(options, 'POST', '/poll', body, this.#token);
    const { body: answer } = await ask().catch(async (error: unknown) => {
      const stale = error instanceof ParleyError && error.code === 'unauthenticated';
      if (!stale || session === undefined) throw error;
      // A socket would outlive its token, so this does too.
      if (this.#token === used) this.#token = await this.#tools.getToken({ force: true });
      return ask();
    });
    // Some networks answer everything with a page of their own.
    if (!Array.isArray(answer?.frames)) throw new ParleyError('network', 'Not the service');
    return answer;
  }

  #took(asked: number, { session, n, frames }: Answer): void {
    // The service forgot the session, and with it what it had not answered yet.
    if (this.#session !== undefined && session !== this.#session) return this.#closed(1006);
    this.#session = session;
    this.#heard = this.#tools.clock.now();
    this.#failures = 0;
    this.#resume?.();
    if (n > this.#n) {
      const texts = frames.map((frame) => JSON.stringify(frame));
      // With two requests under way, or after a lost answer, one may begin with what another one brought.
      const repeats =
        (asked < this.#n || n > this.#n + 1) && this.#last.every((text, i) => text === texts[i]);
      const skip = repeats ? this.#last.length : 0;
      this.#n = n;
      this.#last = texts;
      const [first] = frames;
      if (first?.type === 'welcome') this.#bytes = 4 * (first.limits.frameBytes ?? FRAME_BYTES);
      for (const text of texts.slice(skip)) this.say(text);
    }
    if (this.#pinged) this.say(PONG);
    this.#pinged = false;
    this.#events.heard();
  }

  #failed(error: unknown): void {
    const known = error instanceof ParleyError ? error : new ParleyError('network', 'No answer');
    const { code, status = 0, retryAfter, message } = known;
    const again = code === 'network' || [500, 502, 504].includes(status);
    // Without a session nothing can be lost yet, and whoever opened this knows better when to come again.
    if (again && this.#session !== undefined && this.#failures < RETRIES) {
      if (!this.#resume) this.#pause(fullJitter(this.#failures++, this.#tools.random, RETRY));
      return;
    }
    if (retryAfter !== undefined)
      this.say(JSON.stringify({ type: 'error', code, detail: message, retryAfter }));
    this.#closed(closeCode(code, status), code);
  }

  /** As if it came from the service. */
  say(data: string): void {
    if (!this.#over) this.onmessage?.({ data } as never);
  }

  #closed(code: number, reason = ''): void {
    if (this.#over) return;
    this.#end();
    this.onclose?.({ code, reason } satisfies CloseInfo as never);
  }

  #end(): void {
    this.#over = true;
    this.#events.over();
    this.#resume?.();
    for (const flight of this.#flights) flight.abort();
  }
}

/** What the close of a socket would have said, by the error table, else by the status. */
function closeCode(code: string, status: number): number {
  if (code === 'network') return 1006;
  const rows = Object.entries(ERRORS);
  const row = rows.find(([name]) => name === code) ?? rows.find(([, known]) => known.status === status);
  // "Policy violation": the service won't have this, and there is no other code for it.
  return row?.[1].close || 1008;
}
