import type { CloseReason, RetryReason } from './types.ts';

export interface CloseInfo {
  readonly code: number;
  /** The service writes the error's code here. */
  readonly reason: string;
}

export type AfterClose =
  | { readonly do: 'end'; readonly reason: CloseReason }
  | { readonly do: 'fresh-token' }
  /** Back off; `ms` at least. */
  | { readonly do: 'wait'; readonly ms: number; readonly reason: RetryReason };

/** Whoever was sent away for talking too much waits this long even if no time was named. */
const TOO_MUCH_MS = 5000;

/** Of the protocol's errors, and of WebSocket's own codes. */
const REASONS: Readonly<Record<number, RetryReason>> = {
  1001: 'going-away',
  1005: 'network',
  1006: 'network',
  1011: 'unavailable',
  1012: 'going-away',
  1013: 'unavailable',
  4429: 'rate_limited',
};

/** What a close means, by the error table. Every other code is a lost connection: back off and come again. */
export function afterClose({ code, reason }: CloseInfo): AfterClose {
  switch (code) {
    case 4401:
      return { do: 'fresh-token' };
    case 4403:
      return { do: 'end', reason: 'session_ended' };
    case 4426:
      return { do: 'end', reason: 'unsupported_version' };
    default: {
      const why = REASONS[code] ?? 'refused';
      return {
        do: 'wait',
        ms: code === 4429 ? TOO_MUCH_MS : 0,
        reason: why === 'unavailable' && reason === 'overloaded' ? reason : why,
      };
    }
  }
}
