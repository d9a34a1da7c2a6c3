import type { Confirmations } from './confirmations.ts';
import type { Conversations } from './conversations.ts';
import type { Emitter } from './emitter.ts';
import type { EngineEvents } from './engine-types.ts';
import type { Kept } from './kept.ts';
import type { Logs } from './logs.ts';
import type { Marks } from './marks.ts';
import type { Outbox } from './outbox.ts';
import type { Waiters } from './waiters.ts';

/** What a client consists of, for the modules that work on several of them. */
export interface Parts {
  readonly logs: Logs;
  readonly outbox: Outbox;
  readonly confirmations: Confirmations;
  readonly conversations: Conversations;
  readonly marks: Map<string, Marks>;
  /** Messages of this device that are stored, and whose turn in the log has not come: by `clientId`. */
  readonly mine: Set<string>;
  readonly waiters: Waiters;
  readonly events: Emitter<EngineEvents>;
  readonly kept: Kept;
  readonly confirm: boolean;
  readonly now: () => number;
  /** From `welcome`. */
  me: string | undefined;
  device: string | undefined;
  /** Bytes a frame may have. */
  frameBytes: number;
}
