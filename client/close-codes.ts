import { CLOSE } from './error-codes.ts';
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

/** What a close means, by the error table. Every other code is a lost connection: back off and come again. */
export function afterClose({ code, reason }: CloseInfo): AfterClose {
  switch (code) {
    case CLOSE.unauthenticated:
      return { do: 'fresh-token' };
    case CLOSE.session_ended:
      return { do: 'end', reason: 'session_ended' };
    case CLOSE.unsupported_version:
      return { do: 'end', reason: 'unsupported_version' };
    case CLOSE.rate_limited:
      return { do: 'wait', ms: TOO_MUCH_MS, reason: 'rate_limited' };
    case CLOSE.unavailable:
    case CLOSE.internal:
      return { do: 'wait', ms: 0, reason: reason === 'overloaded' ? reason : 'unavailable' };
    case 1001:
    case 1012:
      return { do: 'wait', ms: 0, reason: 'going-away' };
    case 1005:
    case 1006:
      return { do: 'wait', ms: 0, reason: 'network' };
    default:
      return { do: 'wait', ms: 0, reason: 'refused' };
  }
}
