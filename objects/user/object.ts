import { DurableObject } from 'cloudflare:workers';
import { createHash, randomBytes } from 'node:crypto';
import { PING, PONG } from '../../schema/protocol/codec.ts';
import { ERRORS, errorRow, problemOf } from '../../schema/protocol/errors.ts';
import { type Limits, parseLimits } from '../../schema/protocol/limits.ts';
import { Calls } from '../shared/durable/call.ts';
import type { ConversationNamespace, UserNamespace } from '../shared/durable/namespaces.ts';
import { durableSql } from '../shared/durable/sql.ts';
import type {
  ApiAnswer,
  DeliverAnswer,
  DeliverCall,
  PollCall,
  UserCalls,
  UserRequest,
} from '../shared/rpc.ts';
import { atEndOfTurn, type TelemetryEnv, telemetryOf } from '../shared/telemetry.ts';
import { type Life, Turns } from '../shared/turns.ts';
import type { KeptSocket, UserHost } from './host.ts';
import { User } from './user.ts';

interface Env extends TelemetryEnv {
  readonly CONVERSATIONS: ConversationNamespace;
  readonly USERS: UserNamespace;
  readonly PARLEY_LIMITS?: string;
}

/** What a socket keeps across hibernation: whose it is, besides what the core keeps. */
interface Attachment extends KeptSocket {
  readonly user: string;
  readonly socket: number;
}

const INTERNAL = JSON.stringify({ type: 'error', code: 'internal', detail: 'try again later' });

/** One user: sockets, devices, inbox. Only translates: platform callbacks in, core calls, effects out. */
export class UserObject extends DurableObject<Env> implements UserCalls {
  readonly #limits: Limits;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #numbers = new Map<WebSocket, number>();
  readonly #calls = new Calls();
  #nextSocket = 1;
  /** Whose object this is. It doesn't know its own name: the first call tells it, or a socket that outlived hibernation. */
  #user = '';
  readonly #turns: Turns<User>;
  /** Sockets that the memory that was lost had something under way for. */
  #interrupted: ReadonlySet<number> = new Set();

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#limits = parseLimits(env.PARLEY_LIMITS);
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#turns = new Turns<User>({
      start: (life) => this.#start(life),
      // Each turn whole or not at all: a savepoint costs some microseconds.
      atomic: (body) => state.storage.transactionSync(body),
      crashed: (error, core) => this.#crashed(error, core),
    });
    for (const ws of state.getWebSockets()) {
      const attachment = ws.deserializeAttachment() as Attachment | null;
      if (!attachment) continue;
      this.#user = attachment.user;
      this.#hold(ws, attachment.socket);
    }
  }

  /** A core for whoever's object this is, with what its sockets remember. */
  #start(life: Life): User {
    const kept = new Map<number, KeptSocket>();
    for (const [socket, ws] of this.#sockets) {
      const attachment = ws.deserializeAttachment() as Attachment | null;
      if (!attachment) continue;
      const interrupted = this.#interrupted.has(socket);
      kept.set(socket, interrupted ? { ...attachment, interrupted } : attachment);
    }
    this.#interrupted = new Set();
    return new User(this.#user, durableSql(this.ctx.storage), this.#host(life), this.#limits, kept);
  }

  /**
   * The memory is lost, the sockets are not. Those that wait for something it had under way would wait forever: they are
   * told and closed. The next core, which starts with the next event, takes leave of them.
   */
  #crashed(error: unknown, core: User | undefined): void {
    console.error('turn of a user', error);
    telemetryOf(this.env).count('user.turn.crashed');
    for (const socket of core?.interruptible ?? []) this.#interrupt(socket);
  }

  #interrupt(socket: number): void {
    const ws = this.#sockets.get(socket);
    if (!ws || this.#interrupted.has(socket)) return;
    this.#interrupted = new Set([...this.#interrupted, socket]);
    try {
      ws.send(INTERNAL);
      ws.close(ERRORS.internal.close, 'internal');
    } catch {
      // Closed already.
    }
  }

  #turn<T>(user: string, body: (core: User) => T): T {
    this.#user = user;
    return this.#turns.run(body);
  }

  #ask<A>(user: string, body: (core: User, answer: (value: A) => void) => void): Promise<A> {
    this.#user = user;
    return new Promise((resolve, reject) =>
      this.#turns.ask<A>(body, (answer) =>
        answer === undefined ? reject(new Error('the turn failed')) : resolve(answer),
      ),
    );
  }

  #hold(ws: WebSocket, socket: number): void {
    this.#sockets.set(socket, ws);
    this.#numbers.set(ws, socket);
    this.#nextSocket = Math.max(this.#nextSocket, socket + 1);
  }

  #host(life: Life): UserHost {
    const conversations = this.env.CONVERSATIONS;
    const users = this.env.USERS;
    return {
      telemetry: atEndOfTurn(telemetryOf(this.env), life.effect),
      now: () => Date.now(),
      id: () => randomBytes(15).toString('base64url'),
      directId: (a, b) =>
        `d_${createHash('sha256')
          .update(a < b ? `${a}\n${b}` : `${b}\n${a}`)
          .digest('base64url')
          .slice(0, 32)}`,
      send: (socket, frame) =>
        life.effect(() => {
          try {
            this.#sockets.get(socket)?.send(frame);
          } catch {
            // A socket that is closing; its close event follows and notes what was not confirmed.
          }
        }),
      close: (socket, code, reason) =>
        life.effect(() => {
          const ws = this.#sockets.get(socket);
          if (ws) this.#forget(ws, socket);
          try {
            ws?.close(code, reason);
          } catch {
            // Closed already.
          }
        }),
      keep: (socket, kept) => life.effect(() => this.#keep(socket, kept)),
      lastPing: (socket) => {
        const ws = this.#sockets.get(socket);
        return ws ? (this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0) : 0;
      },
      call: (conversation, method, argument, done) =>
        life.effect(() =>
          this.#calls.call(
            conversations,
            conversation,
            (stub) => (stub[method] as (a: unknown) => Promise<unknown>)(argument),
            (answer) => life.turn(() => (done as (answer: unknown) => void)(answer)),
          ),
        ),
      blocks: (other, of, done) =>
        life.effect(() =>
          this.#calls.call(
            users,
            other,
            (stub) => stub.blocks({ user: other, of }) as Promise<boolean>,
            (blocks) => life.turn(() => done(blocks)),
          ),
        ),
      timer: (ms, run) => {
        const timeout = setTimeout(() => life.turn(run), ms);
        return () => clearTimeout(timeout);
      },
    };
  }

  #keep(socket: number, kept: KeptSocket): void {
    const attachment: Attachment = { ...kept, user: this.#user, socket };
    try {
      this.#sockets.get(socket)?.serializeAttachment(attachment);
    } catch (error) {
      // Too large, against all reckoning. Without the lists the conversations' alarms make good what is not remembered.
      console.error('attachment', error);
      const { heads: _, pending: __, acked: ___, ...small } = attachment;
      this.#sockets.get(socket)?.serializeAttachment(small);
    }
  }

  #forget(ws: WebSocket, socket: number): void {
    this.#sockets.delete(socket);
    this.#numbers.delete(ws);
  }

  // ---- sockets ----

  override async fetch(request: Request): Promise<Response> {
    const user = request.headers.get('x-parley-user');
    const device = request.headers.get('x-parley-device');
    if (!user || !device || request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
      return new Response(null, { status: 400 });
    const refused = this.#turn(user, (core) => core.refuses(device));
    if (refused) {
      const headers = new Headers({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
      });
      if (refused.retryAfter !== undefined) headers.set('retry-after', String(refused.retryAfter));
      return Response.json(problemOf(refused), { status: errorRow(refused.code).status, headers });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const socket = this.#nextSocket;
    this.#hold(server, socket);
    server.serializeAttachment({ user, socket, device, synced: false, ceiling: 0 } satisfies Attachment);
    this.#turn(user, (core) => core.opened(socket, device));
    const protocol = request.headers.get('x-parley-protocol');
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: protocol ? { 'sec-websocket-protocol': protocol } : {},
    });
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    const socket = this.#numbers.get(ws);
    if (socket === undefined) return;
    try {
      this.#turns.run((core) => core.frame(socket, message));
    } catch {
      // Left to the platform the frame would never be answered and the socket stay open.
      this.#interrupt(socket);
    }
  }

  override webSocketClose(ws: WebSocket, code: number): void {
    this.#gone(ws);
    try {
      // 1005 and 1006 only report; they can't be sent.
      ws.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // Closed already.
    }
  }

  override webSocketError(ws: WebSocket): void {
    this.#gone(ws);
  }

  #gone(ws: WebSocket): void {
    const socket = this.#numbers.get(ws);
    if (socket === undefined) return;
    try {
      this.#turns.run((core) => core.closed(socket));
    } catch {
      // What it left unconfirmed isn't noted yet: the next core does it.
      this.#interrupted = new Set([...this.#interrupted, socket]);
      return;
    }
    this.#forget(ws, socket);
  }

  // ---- calls ----

  async deliver(delivery: DeliverCall): Promise<DeliverAnswer> {
    return this.#turn(delivery.user, (core) => core.deliver(delivery));
  }

  async blocks({ user, of }: { readonly user: string; readonly of: string }): Promise<boolean> {
    return this.#turn(user, (core) => core.blocks(of));
  }

  request(user: string, device: string, request: UserRequest): Promise<ApiAnswer> {
    return this.#ask(user, (core, answer) => core.request(device, request, answer));
  }

  poll(user: string, device: string, poll: PollCall): Promise<ApiAnswer> {
    return this.#ask(user, (core, answer) => core.poll(device, poll, answer));
  }

  async removeDevice(user: string, device: string): Promise<void> {
    this.#turn(user, (core) => core.removeDevice(device));
  }
}
