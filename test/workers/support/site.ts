/** The Worker in front of the real objects, over HTTP. */
import { env } from 'cloudflare:workers';
import type { Conversation } from '../../../schema/protocol/http-conversations.ts';
import { type Answered, TestWorker } from '../identity/support.ts';
import type { Person } from './people.ts';

export const site = new TestWorker({ USERS: env.USERS });

export type Who = Pick<Person, 'token'>;

export const ask = (who: Who | undefined, method: string, path: string, body?: unknown): Promise<Answered> =>
  site.ask(method, path, {
    ...(who ? { token: who.token } : {}),
    ...(body === undefined ? {} : { body }),
  });

export const get = (who: Who, path: string): Promise<Answered> => ask(who, 'GET', path);

/** Throws what was answered unless it has one of these statuses. */
export function expectStatus(answer: Answered, ...statuses: number[]): Answered {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}

export async function direct(a: Person, b: Person): Promise<string> {
  const answer = await ask(a, 'POST', '/v1/conversations', { kind: 'direct', members: [b.id] });
  return String(expectStatus(answer, 200, 201).body['id']);
}

export async function group(owner: Person, others: readonly Person[], title = 'A group'): Promise<string> {
  const members = others.map((one) => one.id);
  const answer = await ask(owner, 'POST', '/v1/conversations', { kind: 'group', members, title });
  return String(expectStatus(answer, 201).body['id']);
}

export const textOf = (text: string) => ({ kind: 'text', text });

/** Sends over HTTP, whatever comes of it. */
export const tryPost = (
  who: Who,
  conversation: string,
  clientId: string,
  more: object = {},
): Promise<Answered> =>
  ask(who, 'POST', `/v1/conversations/${conversation}/messages`, {
    clientId,
    content: textOf(clientId),
    ...more,
  });

/** Sends over HTTP. @returns the `seq`. */
export async function post(who: Who, conversation: string, clientId: string): Promise<number> {
  return Number(expectStatus(await tryPost(who, conversation, clientId), 200, 201).body['seq']);
}

export const setMember = (by: Who, conversation: string, user: string, role?: string): Promise<Answered> =>
  ask(
    by,
    'PUT',
    `/v1/conversations/${conversation}/members/${user}`,
    role === undefined ? undefined : { role },
  );

export const removeMember = (by: Who, conversation: string, user: string): Promise<Answered> =>
  ask(by, 'DELETE', `/v1/conversations/${conversation}/members/${user}`);

export const block = (who: Who, other: Person): Promise<Answered> =>
  ask(who, 'PUT', `/v1/users/me/blocks/${other.id}`);
export const unblock = (who: Who, other: Person): Promise<Answered> =>
  ask(who, 'DELETE', `/v1/users/me/blocks/${other.id}`);

export async function listed(who: Who): Promise<Conversation[]> {
  return expectStatus(await get(who, '/v1/conversations'), 200).body['conversations'] as Conversation[];
}

export async function summary(who: Who, conversation: string): Promise<Conversation> {
  return JSON.parse(expectStatus(await get(who, `/v1/conversations/${conversation}`), 200).text);
}

/** An entry of a page, as far as tests look at it. */
export interface Entry {
  readonly type: string;
  readonly seq: number;
  readonly clientId?: string;
  readonly from?: string;
  readonly content?: { readonly kind: string; readonly text?: string };
  readonly [field: string]: unknown;
}

/** The whole log, page by page. */
export async function wholeLog(who: Who, conversation: string): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const page = await get(who, `/v1/conversations/${conversation}/log?after=${all.at(-1)?.seq ?? 0}`);
    const entries = expectStatus(page, 200).body['entries'] as Entry[];
    all.push(...entries);
    if (entries.length === 0 || all.at(-1)?.seq === page.body['head']) return all;
  }
}

export async function messages(who: Who, conversation: string, query = ''): Promise<Entry[]> {
  const page = await get(who, `/v1/conversations/${conversation}/messages${query}`);
  return expectStatus(page, 200).body['messages'] as Entry[];
}
