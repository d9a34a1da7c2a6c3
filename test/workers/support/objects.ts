/** The objects behind the service, and faults to put into them. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { onTestFinished } from 'vitest';
import { ConversationObject } from '../../../objects/conversation/object.ts';
import { UserObject } from '../../../objects/user/object.ts';

export const userObject = (user: string): DurableObjectStub =>
  env.USERS.get(env.USERS.idFromName(user)) as unknown as DurableObjectStub;

export const conversationObject = (id: string): DurableObjectStub =>
  env.CONVERSATIONS.get(env.CONVERSATIONS.idFromName(id));

/** When the conversation's durable alarm is set for; null for never. */
export const alarmOf = (id: string): Promise<number | null> =>
  runInDurableObject(conversationObject(id), (_, { storage }) => storage.getAlarm());

/** A fault that can be taken away again. */
export interface Fault {
  /** How many calls ran into it. */
  readonly hits: number;
  /** Waits for the first call that runs into it. */
  hit(): Promise<void>;
  heal(): void;
}

/** What a faulty call does: fail at once, give no answer until the fault is healed, or do its work and lose the answer. */
export type How = 'throws' | 'hangs' | 'loses the answer';

/** How often either side looks what the other did: a promise can't be shared between objects and tests. */
const LOOK_MS = 10;
const look = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

/** Puts itself in front of `original` for the calls it applies to, until it is healed. */
function faulty<A, R>(original: (argument: A) => Promise<R>, applies: (argument: A) => boolean, how: How) {
  let healed = false;
  let hits = 0;
  async function replacement(this: unknown, argument: A): Promise<R> {
    if (healed || !applies(argument)) return original.call(this, argument);
    hits++;
    if (how === 'loses the answer') await original.call(this, argument);
    while (how === 'hangs' && !healed) await look();
    throw new Error('secret: this object is out of order');
  }
  const fault: Fault = {
    get hits() {
      return hits;
    },
    hit: async () => {
      while (hits === 0) await look();
    },
    heal: () => {
      healed = true;
    },
  };
  onTestFinished(fault.heal);
  return { replacement, fault };
}

// The methods are changed on the classes: the platform calls no others, and what is patched outlives an eviction.

/** Calls that tell `user` of entries run into the fault, until it is healed or the test ends. */
export function breakDelivery(user: string, how: How): Fault {
  const { replacement, fault } = faulty(UserObject.prototype.deliver, (call) => call.user === user, how);
  UserObject.prototype.deliver = replacement;
  return fault;
}

type Called = 'append' | 'pull' | 'marks' | 'summary' | 'history';

/** Calls of `method` by `user` to any conversation run into the fault, until it is healed or the test ends. */
export function breakConversation(method: Called, user: string, how: How): Fault {
  const original = ConversationObject.prototype[method] as (call: { user: string }) => Promise<unknown>;
  const { replacement, fault } = faulty(original, (call) => call.user === user, how);
  Object.assign(ConversationObject.prototype, { [method]: replacement });
  return fault;
}
