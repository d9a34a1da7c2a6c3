import type { Check } from './check.ts';
import { ERRORS, type ErrorCode } from './errors.ts';

/** One route of the HTTP API. The tables in http-*.ts list them all; OpenAPI is generated from them. */
export interface Route {
  /** Name of the operation, unique. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/v1` on; parameters as `:name`. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly about?: string;
  /** Left out: an access token is needed. */
  readonly open?: true;
  /** Checks of the query's values, as one object; integers are written in decimal digits. */
  readonly query?: Check<object>;
  readonly body?: Check<object>;
  /** The body may be left out, which stands for `{}`. */
  readonly bodyOptional?: true;
  /** Checks of path parameters that are not ids. */
  readonly parameters?: { readonly [name: string]: Check<string> };
  readonly answers: { readonly [status: number]: Answer };
  /** What may fail besides what may fail everywhere; see `errorsOf`. */
  readonly errors?: readonly ErrorCode[];
}

export interface Answer {
  readonly what: string;
  readonly body?: Check<unknown>;
}

export const TAGS = {
  service: 'The deployment itself.',
  session: 'Accounts, log-in and tokens.',
  users: 'Profiles, and whom the caller blocks.',
  devices: "The caller's devices. A device is one log-in.",
  conversations: 'Conversations and their summaries.',
  messages: 'Sending and history.',
  members: 'Who is in a conversation.',
  live: 'Sockets, and long polling where sockets do not get through.',
} as const;
export type Tag = keyof typeof TAGS;

const EVERYWHERE: readonly ErrorCode[] = ['rate_limited', 'overloaded', 'unavailable', 'internal'];
const SIGNED_IN: readonly ErrorCode[] = ['unauthenticated', 'session_ended'];

/** Every error this route can answer, in the order of the table. */
export function errorsOf(route: Route): ErrorCode[] {
  const takesInput = route.body || route.query || route.path.includes(':');
  const set = new Set<string>([
    ...EVERYWHERE,
    ...(route.open ? [] : SIGNED_IN),
    ...(takesInput ? ['bad_request'] : []),
    ...(route.body ? ['too_large', 'too_slow'] : []),
    ...(route.errors ?? []),
  ]);
  return (Object.keys(ERRORS) as ErrorCode[]).filter((code) => set.has(code));
}

/** Names of the parameters in a path. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map((m) => m[1] ?? '');
