/** What the tests of routes share: a Worker with real D1, and UserObjects that write down what they are asked. */
import { env as real } from 'cloudflare:workers';
import type { ApiAnswer, PollCall, UserRequest } from '../../../objects/shared/rpc.ts';
import type { Session } from '../../../schema/protocol/http-auth.ts';
import type { Env, UserStub } from '../../../worker/env.ts';
import worker from '../../../worker/index.ts';

export interface Asked {
  readonly user: string;
  readonly device: string;
  readonly request: UserRequest;
}

/** UserObjects in memory. `answer` stands for all of them; what was removed is refused, as the real ones do. */
export class FakeUsers {
  readonly asked: Asked[] = [];
  readonly polls: PollCall[] = [];
  readonly upgrades: Request[] = [];
  readonly removed = new Set<string>();
  answer: ApiAnswer = { ok: true, status: 200, body: '{"made":"by the object"}' };
  /** Thrown by the next calls, the first first. */
  readonly failures: Error[] = [];
  /** How many of the next removals fail. */
  failRemovals = 0;
  /** Happens in the middle of the next request. */
  beforeNext: (() => Promise<void>) | undefined;
  /** How many stubs were made. */
  stubs = 0;

  idFromName(name: string): DurableObjectId {
    return real.USERS.idFromName(name);
  }

  get(): UserStub {
    this.stubs++;
    return {
      request: async (user, device, request) => {
        this.#mayFail();
        const { beforeNext } = this;
        this.beforeNext = undefined;
        await beforeNext?.();
        this.asked.push({ user, device, request });
        return this.removed.has(device) ? ended : this.answer;
      },
      poll: async (_user, device, call) => {
        this.#mayFail();
        this.polls.push(call);
        return this.removed.has(device) ? ended : this.answer;
      },
      removeDevice: async (_user, device) => {
        this.#mayFail();
        if (this.failRemovals-- > 0) throw new Error('not now');
        this.removed.add(device);
      },
      fetch: async (request) => {
        this.#mayFail();
        this.upgrades.push(request);
        return new Response('upgraded');
      },
      deliver: () => Promise.reject(new Error('not here')),
      blocks: () => Promise.reject(new Error('not here')),
    };
  }

  #mayFail(): void {
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

const ended: ApiAnswer = { ok: false, code: 'session_ended', detail: 'this device was removed' };

/** A D1 of which every statement fails. */
export const brokenDatabase = new Proxy(real.DB, {
  get: () => () => {
    throw new Error('D1_ERROR: secret-host is down');
  },
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export class TestWorker {
  readonly users = new FakeUsers();
  env: Env;

  constructor(over: Partial<Env> = {}) {
    const limits = { authRate: 100_000, ...JSON.parse(over.PARLEY_LIMITS ?? '{}') };
    this.env = { ...real, USERS: this.users, ...over, PARLEY_LIMITS: JSON.stringify(limits) };
  }

  /** One request; `body` is sent as JSON unless it is a string or a stream already. */
  async ask(
    method: string,
    path: string,
    options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answered> {
    const { token, body } = options;
    const headers = new Headers(options.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const raw = typeof body === 'string' || body instanceof ReadableStream || body instanceof Uint8Array;
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    const request = new Request(`https://parley.test${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const response = await worker.fetch(request, this.env);
    const text = await response.text();
    const parsed = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, body: parsed, text };
  }

  /** A new user with a password, signed in. */
  async register(handle = newHandle(), extra: Record<string, unknown> = {}): Promise<Session> {
    const { status, text } = await this.ask('POST', '/v1/auth/register', {
      body: { handle, password: PASSWORD, device: { name: 'laptop' }, ...extra },
    });
    if (status !== 201) throw new Error(`register: ${status} ${text}`);
    return JSON.parse(text);
  }

  login(handle: string, password = PASSWORD): Promise<Answered> {
    return this.ask('POST', '/v1/auth/login', { body: { handle, password } });
  }

  refresh(refreshToken: string, attempt?: string, headers: Record<string, string> = {}): Promise<Answered> {
    const body = { refreshToken, ...(attempt === undefined ? {} : { attempt }) };
    return this.ask('POST', '/v1/auth/refresh', { body, headers });
  }
}

/** The session a log-in of any kind was answered with. */
export function sessionIn(answer: Answered): Session {
  if (answer.status >= 300) throw new Error(`no session: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text);
}

export const PASSWORD = 'correct horse battery';

let handles = 0;
/** A handle nobody has: files share one database. */
export const newHandle = (): string => `t${crypto.randomUUID().slice(0, 8)}_${++handles}`;
