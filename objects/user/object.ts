import { DurableObject } from 'cloudflare:workers';
import { createHash, randomBytes } from 'node:crypto';
import { PING, PONG } from '../../schema/protocol/codec.ts';
import { ERRORS, problemOf } from '../../schema/protocol/errors.ts';
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
import type { KeptSocket, UserHost } from './host.ts';
import { User } from './user.ts';

interface Env {
  readonly CONVERSATIONS: ConversationNamespace;
  readonly USERS: UserNamespace;
  readonly PARLEY_LIMITS?: string;
}

/** What a socket keeps across hibernation: whose it is, besides what the core keeps. */
interface Attachment extends KeptSocket {
  readonly user: string;
  readonly socket: number;
}

/** One user: sockets, devices, inbox. Only translates: platform callbacks in, core calls, effects out. */
export class UserObject extends DurableObject<Env> implements UserCalls {
  readonly #limits: Limits;
  readonly #sockets = new Map<number, WebSocket>();
  readonly #numbers = new Map<WebSocket, number>();
  readonly #calls = new Calls();
  #nextSocket = 1;
  #core: User | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#limits = parseLimits(env.PARLEY_LIMITS);
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const open = state.getWebSockets();
    const kept = open[0]?.deserializeAttachment() as Attachment | null | undefined;
    if (kept) this.#start(kept.user, open);
  }

  /** The object doesn't know its own name: the first call tells it. */
  #as(user: string): User {
    return this.#core ?? this.#start(user, []);
  }

  #start(user: string, open: readonly WebSocket[]): User {
    const kept = new Map<number, KeptSocket>();
    for (const ws of open) {
      const attachment = ws.deserializeAttachment() as Attachment | null;
      if (!attachment) continue;
      this.#hold(ws, attachment.socket);
      kept.set(attachment.socket, attachment);
    }
    const core = new User(user, durableSql(this.ctx.storage), this.#host(user), this.#limits, kept);
    this.#core = core;
    return core;
  }

  #hold(ws: WebSocket, socket: number): void {
    this.#sockets.set(socket, ws);
    this.#numbers.set(ws, socket);
    this.#nextSocket = Math.max(this.#nextSocket, socket + 1);
  }

  #host(user: string): UserHost {
    const conversations = this.env.CONVERSATIONS;
    const users = this.env.USERS;
    return {
      now: () => Date.now(),
      id: () => randomBytes(15).toString('base64url'),
      directId: (a, b) =>
        `d_${createHash('sha256')
          .update(a < b ? `${a}\n${b}` : `${b}\n${a}`)
          .digest('base64url')
          .slice(0, 32)}`,
      send: (socket, frame) => {
        try {
          this.#sockets.get(socket)?.send(frame);
        } catch {
          // A socket that is closing; its close event follows and notes what was not confirmed.
        }
      },
      close: (socket, code, reason) => {
        const ws = this.#sockets.get(socket);
        if (ws) this.#forget(ws, socket);
        try {
          ws?.close(code, reason);
        } catch {
          // Closed already.
        }
      },
      keep: (socket, kept) =>
        this.#sockets.get(socket)?.serializeAttachment({ ...kept, user, socket } satisfies Attachment),
      lastPing: (socket) => {
        const ws = this.#sockets.get(socket);
        return ws ? (this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0) : 0;
      },
      call: (conversation, method, argument, done) => {
        this.#calls.call(
          conversations,
          conversation,
          (stub) => (stub[method] as (a: unknown) => Promise<unknown>)(argument),
          done as (answer: unknown) => void,
        );
      },
      blocks: (other, of, done) =>
        this.#calls.call(users, other, (stub) => stub.blocks({ user: other, of }) as Promise<boolean>, done),
      timer: (ms, run) => {
        const timeout = setTimeout(run, ms);
        return () => clearTimeout(timeout);
      },
    };
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
    const core = this.#as(user);
    const refused = core.refuses(device);
    if (refused) {
      const headers = new Headers({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
      });
      if (refused.retryAfter !== undefined) headers.set('retry-after', String(refused.retryAfter));
      return Response.json(problemOf(refused), { status: ERRORS[refused.code].status, headers });
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const socket = this.#nextSocket;
    this.#hold(server, socket);
    server.serializeAttachment({ user, socket, device, synced: false, ceiling: 0 } satisfies Attachment);
    core.opened(socket, device);
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
      this.#core?.frame(socket, message);
    } catch (thrown) {
      // Left to the platform the frame would never be answered and the socket stay open. The reason goes to the log alone.
      console.error('frame', thrown);
      this.#core?.broke(socket);
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
    this.#forget(ws, socket);
    this.#core?.closed(socket);
  }

  // ---- calls ----

  async deliver(delivery: DeliverCall): Promise<DeliverAnswer> {
    return this.#as(delivery.user).deliver(delivery);
  }

  async blocks({ user, of }: { readonly user: string; readonly of: string }): Promise<boolean> {
    return this.#as(user).blocks(of);
  }

  request(user: string, device: string, request: UserRequest): Promise<ApiAnswer> {
    return new Promise((resolve) => this.#as(user).request(device, request, resolve));
  }

  poll(user: string, device: string, poll: PollCall): Promise<ApiAnswer> {
    return new Promise((resolve) => this.#as(user).poll(device, poll, resolve));
  }

  async removeDevice(user: string, device: string): Promise<void> {
    this.#as(user).removeDevice(device);
  }
}
