import { fail } from '../../schema/protocol/errors.ts';
import { accountHandlers } from './account-handlers.ts';
import type { Caller } from './accounts.ts';
import { conversationHandlers } from './conversation-handlers.ts';
import type { Answer, Handle, Request } from './http.ts';
import { memberHandlers } from './member-handlers.ts';
import { messageHandlers } from './message-handlers.ts';
import type { PollCall, Polls } from './polls.ts';
import type { World } from './world.ts';

/** Carries out one route for somebody who is signed in. */
export type Handler = (caller: Caller, request: Request) => Answer | Promise<Answer>;

/** By the route's id in the table of routes. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Every route there is. Their bodies and queries have passed the checks of the table of routes. */
export function createHandle(world: World, polls: Polls): Handle {
  const { open, signedIn } = accountHandlers(world);
  const handlers: Handlers = {
    ...signedIn,
    ...conversationHandlers(world),
    ...messageHandlers(world),
    ...memberHandlers(world),
    poll: async (caller, { body }) => {
      const answer = await polls.poll(caller, body as PollCall);
      if (!answer.ok) return answer;
      const { ok: _, ...result } = answer;
      return { ok: true, status: 200, body: result };
    },
  };
  return (request) => {
    const { route, caller } = request;
    if (!caller) return open[route]?.(request) ?? fail('not_found', 'there is no such route');
    return handlers[route]?.(caller, request) ?? fail('not_found', 'there is no such route');
  };
}

export const json = (status: number, body: unknown): Answer => ({ ok: true, status, body });
export const noContent: Answer = { ok: true, status: 204 };
