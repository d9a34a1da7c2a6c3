import type { Confirmations } from './confirmations.ts';
import type { Conversations } from './conversations.ts';
import type { Emitter } from './emitter.ts';
import type { EngineEvents } from './engine-types.ts';
import type { Keeping } from './keeping.ts';
import type { Logs } from './logs.ts';
import type { Marks } from './marks.ts';
import type { Outbox } from './outbox.ts';
import type { TabMessage } from './tabs.ts';
import type { ConnectionState, Draft, ServiceLimits, User } from './types.ts';
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
  readonly drafts: Map<string, Draft>;
  readonly users: Map<string, User>;
  /** Conversations that were heard of, and of which it isn't known what they are. */
  readonly unlisted: Set<string>;
  /** The whole list of conversations was loaded once, so resumes keep it complete. */
  listed: boolean;
  /** Undefined: memory alone. */
  kept: Keeping | undefined;
  /** The state of the tab that is connected, while this one isn't. */
  followed: ConnectionState | undefined;
  readonly state: () => ConnectionState;
  /** To the other tabs. */
  post: (message: TabMessage) => void;
  /** Does what is due and sets the clock for what is not. Every way into the client ends here. */
  readonly settle: () => void;
  readonly now: () => number;
  /** From `welcome`. */
  me: string | undefined;
  device: string | undefined;
  /** Of this deployment, from `welcome`; until then, what is known of most. */
  limits: ServiceLimits;
}
