import type { ErrorCode } from '../schema/protocol/errors.ts';

/**
 * What a failure is called: a code of the protocol's error table, `network` (no answer came), `closed` (the client was
 * closed before there was an answer), or a code this version doesn't know yet.
 */
export type FailureCode = ErrorCode | 'network' | 'closed' | (string & {});

/** The one error this SDK throws or rejects with. `message` is safe to show. */
export class ParleyError extends Error {
  readonly code: FailureCode;
  /** Seconds, where waiting helps. */
  readonly retryAfter: number | undefined;
  /** HTTP status, where the failure came over HTTP. */
  readonly status: number | undefined;

  constructor(
    code: FailureCode,
    detail: string,
    more: {
      readonly retryAfter?: number | undefined;
      readonly status?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, more);
    this.name = 'ParleyError';
    this.code = code;
    this.retryAfter = more.retryAfter;
    this.status = more.status;
  }
}

export const closed = (): ParleyError => new ParleyError('closed', 'The client was closed');

export const cannotKeep = (cause: unknown): ParleyError =>
  new ParleyError('storage', 'This device can keep nothing', { cause });
