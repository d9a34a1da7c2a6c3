import type { ERRORS, ErrorCode } from '../schema/protocol/errors.ts';

type Table = typeof ERRORS;

/** What of the protocol's table of errors a client goes by; the table itself is mostly titles. */
export const CLOSE: {
  readonly [C in ErrorCode as Table[C]['close'] extends 0 | 1009 ? never : C]: Table[C]['close'];
} = {
  unauthenticated: 4401,
  rate_limited: 4429,
  unsupported_version: 4426,
  session_ended: 4403,
  overloaded: 1013,
  unavailable: 1013,
  internal: 1011,
};

/** Every other error is final. */
export const RETRY_CODES: {
  readonly [C in ErrorCode as Table[C]['retry'] extends 'never' ? never : C]: Table[C]['retry'];
} = {
  unauthenticated: 'token',
  rate_limited: 'after',
  overloaded: 'backoff',
  unavailable: 'backoff',
  internal: 'backoff',
};
