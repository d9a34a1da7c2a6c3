import type { Entry } from '../schema/protocol/frames-log.ts';
import type { Waiting } from './outbox.ts';
import type { TimelineEntry } from './timeline.ts';
import type { User } from './types.ts';

/** What is told to whatever keeps things across restarts. */
export interface Keeping {
  // From the service.
  state(): void;
  conversation(id: string): void;
  entries(id: string, touched: readonly TimelineEntry[]): void;
  /** `Confirmations.applied` is called when everything up to `last` is safe. */
  mark(conversation: string, last: number, quiet: boolean): void;
  /** A page of the log that touches what is in memory; empty when not all of it is kept. */
  page(id: string, from: number, below: number): Promise<readonly Entry[]>;

  // From the person.
  /** How an operation stands now. `tried`: from now on it may be at the service. */
  queued(waiting: Waiting, tried?: boolean): void;
  /** The same of all that waits. Resolves when it is safe; undefined: there is nothing to wait for. */
  trying(): Promise<void> | undefined;
  settled(clientId: string): void;
  /** The same, because the service has it and its place in the log is known. */
  stored(clientId: string): void;
  draft(id: string): void;
  user(user: User): void;

  /** Resolves when everything told so far is safe. */
  flush(): Promise<void>;
  clear(): Promise<void>;
}
