import type { Limits } from '../../schema/protocol/limits.ts';
import type { Clock } from '../clock.ts';
import type { Accounts, ProductUser } from './accounts.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import type { FaultPlan } from './faults.ts';
import type { Mailbox } from './mailbox.ts';
import type { Presence } from './presence.ts';
import type { Random } from './random.ts';
import type { Sends } from './sends.ts';

/** One frame on its way, as it was given to the line or came out of it. */
export interface Seen {
  readonly direction: 'up' | 'down';
  readonly user: string;
  readonly device: string;
  /** As it stands on the wire. */
  readonly text: string;
}

/** All there is in one server. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  /** What the service says that it knows. */
  knows: readonly string[];
  readonly plan: FaultPlan;
  readonly accounts: Accounts;
  /** Who a token of the embedding product is about; undefined: there is no such product. */
  readonly product: ((token: string) => ProductUser | undefined) | undefined;
  readonly conversations: Map<string, Conversation>;
  readonly presence: Presence;
  readonly sends: Sends;
  mailbox(user: string): Mailbox;
  /** The mailboxes there are. */
  mailboxes(): Iterable<Mailbox>;
  /** The connection whose own send is being stored: it gets the `ack` alone. */
  sender: Connection | undefined;
  seen(frame: Seen): void;
}
