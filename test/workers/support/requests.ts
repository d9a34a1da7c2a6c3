/** A well-formed request for every route of the table and every frame up, all about one conversation. */
import { ROUTES } from '../../../schema/protocol/http.ts';
import type { Route } from '../../../schema/protocol/http-route.ts';
import { UP } from '../../../schema/protocol/up.ts';
import { newHandle, PASSWORD } from '../identity/support.ts';
import { textOf } from './site.ts';

/** What a request is about. */
export interface About {
  readonly conversation: string;
  /** A user the caller may name: a member of that conversation, if it exists. */
  readonly user: string;
  /** Told apart from other requests of the same kind. */
  readonly clientId: string;
}

export interface Asking {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

type Filled = (about: About) => { readonly query?: string; readonly body?: unknown; readonly id?: string };

/** What goes into the routes that take more than a path. */
const FILLED: { readonly [route: string]: Filled } = {
  register: () => ({ body: { handle: newHandle(), password: PASSWORD } }),
  login: () => ({ body: { handle: newHandle(), password: PASSWORD } }),
  refresh: () => ({ body: { refreshToken: 'x.y' } }),
  exchange: () => ({ body: { token: 'x.y.z' } }),
  changeMe: () => ({ body: { name: 'New name' } }),
  findUsers: () => ({ query: '?handle=nobody_at_all' }),
  removeDevice: () => ({ id: 'd_none' }),
  createConversation: ({ user }) => ({ body: { kind: 'group', members: [user] } }),
  changeConversation: () => ({ body: { title: 'New title' } }),
  changePrefs: () => ({ body: { pinned: true } }),
  sendMessage: ({ clientId }) => ({ body: { clientId, content: textOf('hi') } }),
  poll: () => ({ body: { cursor: 0, frames: [] } }),
};

export const ROUTE_TABLE: readonly Route[] = ROUTES;

export function asking(route: Route, about: About): Asking {
  const { query = '', body, id = about.user } = FILLED[route.id]?.(about) ?? {};
  if (route.body && !route.bodyOptional && body === undefined) throw new Error(`no body for ${route.id}`);
  const path = route.path.replace(':c', about.conversation).replace(':u', about.user).replace(':id', id);
  return { method: route.method, path: path + query, ...(body === undefined ? {} : { body }) };
}

export const FRAME_TYPES = Object.keys(UP) as (keyof typeof UP)[];

/** A well-formed frame of this type; sends of any kind are about the conversation's first message. */
export function frameUp(
  type: keyof typeof UP,
  { conversation, user, clientId }: About,
): Record<string, unknown> {
  const fields: { readonly [T in keyof typeof UP]: object } = {
    hello: { cursor: 0, heads: { [conversation]: 0 } },
    send: { clientId, conversation, content: textOf('hi') },
    edit: { clientId, conversation, seq: 1, content: textOf('ho') },
    delete: { clientId, conversation, seq: 1 },
    react: { clientId, conversation, seq: 1, emoji: '+', on: true },
    received: { conversation, seq: 1 },
    read: { conversation, seq: 1 },
    pull: { conversation, after: 0 },
    typing: { conversation, on: true },
    focus: { conversation },
    watch: { users: [user] },
    ping: {},
  };
  return { type, ...fields[type] };
}

/** Frames that are answered, be it with an error; the others only inform. */
export const ANSWERED: readonly string[] = ['send', 'edit', 'delete', 'react', 'pull'];
/** Frames that are answered only when they are refused. */
export const REFUSABLE: readonly string[] = ['received', 'read'];
