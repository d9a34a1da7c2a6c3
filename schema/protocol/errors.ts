/** The one table of errors: what each is called, how each transport says it, and what the client does next. */
export const ERRORS = {
  bad_request: { status: 400, close: 0, retry: 'never', title: 'The request is malformed' },
  too_large: { status: 413, close: 1009, retry: 'never', title: 'The request is too large' },
  too_slow: { status: 408, close: 0, retry: 'backoff', title: 'The request took too long to arrive' },
  unauthenticated: { status: 401, close: 4401, retry: 'token', title: 'A valid access token is needed' },
  forbidden: { status: 403, close: 0, retry: 'never', title: 'Not allowed' },
  not_member: { status: 403, close: 0, retry: 'never', title: 'Not a member of this conversation' },
  blocked: { status: 403, close: 0, retry: 'never', title: 'Blocked' },
  not_found: { status: 404, close: 0, retry: 'never', title: 'Not found' },
  conflict: { status: 409, close: 0, retry: 'never', title: 'In conflict with the present state' },
  client_id_reused: {
    status: 409,
    close: 0,
    retry: 'never',
    title: 'This clientId was used for something else',
  },
  rate_limited: { status: 429, close: 4429, retry: 'after', title: 'Too many requests' },
  unsupported_version: {
    status: 426,
    close: 4426,
    retry: 'never',
    title: 'This protocol version is not spoken here',
  },
  session_ended: { status: 401, close: 4403, retry: 'never', title: 'The session has ended' },
  overloaded: { status: 503, close: 1013, retry: 'backoff', title: 'Too busy at the moment' },
  unavailable: { status: 503, close: 1013, retry: 'backoff', title: 'A part of the service is unavailable' },
  internal: { status: 500, close: 1011, retry: 'backoff', title: 'Something went wrong here' },
} as const satisfies Record<string, ErrorRow>;

interface ErrorRow {
  readonly status: number;
  /** WebSocket close code; 0 where the socket stays open. */
  readonly close: number;
  readonly retry: 'never' | 'token' | 'after' | 'backoff';
  readonly title: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** An expected failure. Returned, never thrown; each border converts it once. */
export interface Failure {
  readonly ok: false;
  readonly code: ErrorCode;
  /** Says what to do; safe to show. */
  readonly detail: string;
  /** Seconds, where waiting helps. */
  readonly retryAfter?: number;
}

export function fail(code: ErrorCode, detail: string, retryAfter?: number): Failure {
  return retryAfter === undefined ? { ok: false, code, detail } : { ok: false, code, detail, retryAfter };
}

/** What is asked of an object by one of a later release, which it doesn't know: in some minutes it may. */
export const laterRelease = (): Failure =>
  fail(
    'unavailable',
    'a part of the service is older than another at the moment: try again in some minutes',
    30,
  );

/** What a code means here. One that a later release brought, and an object of it answered, is `internal`. */
export const errorRow = (code: ErrorCode): ErrorRow =>
  Object.hasOwn(ERRORS, code) ? ERRORS[code] : ERRORS.internal;

/** `application/problem+json` for a failure. */
export function problemOf(failure: Failure): Record<string, unknown> {
  const row = errorRow(failure.code);
  return {
    status: row.status,
    code: failure.code,
    title: row.title,
    detail: failure.detail,
    ...(failure.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter }),
  };
}
