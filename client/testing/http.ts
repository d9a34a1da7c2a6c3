import type { Check } from '../../schema/protocol/check.ts';
import { fits, isObject } from '../../schema/protocol/check.ts';
import { accept, parse } from '../../schema/protocol/codec.ts';
import { ERRORS, type Failure, fail, problemOf } from '../../schema/protocol/errors.ts';
import { ROUTES } from '../../schema/protocol/http.ts';
import type { Route } from '../../schema/protocol/http-route.ts';
import { id } from '../../schema/protocol/ids.ts';
import type { Caller, Outcome } from './accounts.ts';
import type { World } from './world.ts';

/** A request that was found in the table of routes and whose parts fit. */
export interface Request {
  readonly route: string;
  /** Undefined on open routes. */
  readonly caller: Caller | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Checked by the route's own check. */
  readonly body: unknown;
}

/** Status and JSON; no body for 204. */
export type Answer = { readonly ok: true; readonly status: number; readonly body?: unknown } | Failure;

export type Handle = (request: Request) => Answer | Promise<Answer>;

/** A poll carries several frames and the heads of up to 1,000 conversations. */
const POLL_FRAMES = 4;
const JSON_TYPE = /^(application|text)\/([\w.-]+\+)?json\s*(;|$)/i;

/** What came over HTTP, as text. */
export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** Finds the route, checks every part of the request as the service does, and has it carried out. */
export async function answer(world: World, handle: Handle, incoming: Incoming): Promise<Answer> {
  const { method, url, headers } = incoming;
  const found = routeOf(method, url.pathname);
  if (!found || found.route.path.endsWith('/ws'))
    return fail('not_found', 'there is no such route: see /openapi.json');
  const { route, params } = found;
  let caller: Caller | undefined;
  if (route.open !== true) {
    const [, token] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? [];
    if (token !== undefined && world.plan.chance('expire')) world.accounts.expire(token);
    const known = world.accounts.caller(token);
    if (!known.ok) return known;
    caller = known.value;
  }
  const checked = paramsOf(route, params);
  if (!checked.ok) return checked;
  const query = queryOf(route, url.searchParams, world.limits.page);
  if (!query.ok) return query;
  const body = bodyOf(route, incoming, world.limits.frameBytes);
  if (!body.ok) return body;
  return handle({ route: route.id, caller, params: checked.value, query: query.value, body: body.value });
}

function routeOf(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
  const parts = path.split('/');
  const fitsPath = (route: Route): boolean => {
    const wanted = route.path.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))
    );
  };
  const candidates = ROUTES.filter((route) => route.method === method && fitsPath(route));
  // `/users/me` is no user of that name.
  const route = candidates.find(({ path: fixed }) => !fixed.includes(':')) ?? candidates[0];
  if (!route) return undefined;
  const names = route.path.split('/').map((part, i) => [part, parts[i] ?? ''] as const);
  const params = names
    .filter(([part]) => part.startsWith(':'))
    .map(([part, value]) => [part.slice(1), value]);
  return { route, params: Object.fromEntries(params) };
}

function paramsOf(route: Route, given: Record<string, string>): Outcome<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    const value = text.replace(/^%40/, '@');
    if (!fits(route.parameters?.[name] ?? id, value)) return fail('bad_request', `${name}: is not an id`);
    params[name] = value;
  }
  return { ok: true, value: params };
}

/** Values by the route's own check; what it calls integers is read from digits. */
function queryOf(route: Route, given: URLSearchParams, page: number): Outcome<Record<string, unknown>> {
  if (!route.query) return { ok: true, value: {} };
  const fields = isObject(route.query.json.properties) ? route.query.json.properties : {};
  const positions = ['before', 'after', 'around'].filter((name) => given.has(name));
  const foreign = positions.find((name) => 'after' in fields && !(name in fields));
  if (foreign !== undefined) return fail('bad_request', `${foreign}: is not known here`);
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const [text, second] = given.getAll(name);
    if (second !== undefined) return fail('bad_request', `${name}: must be given once`);
    if (text === undefined) continue;
    const field = fields[name];
    const whole = isObject(field) && field.type === 'integer';
    values[name] =
      whole && /^\d{1,16}$/.test(text) ? Number(text) : name === 'handle' ? text.replace(/^@/, '') : text;
  }
  if (typeof values.limit === 'number' && values.limit > page)
    return fail('bad_request', `limit: must be an integer from 1 to ${page}`);
  return accept(route.query as Check<Record<string, unknown>>, values);
}

function bodyOf(route: Route, { headers, body }: Incoming, frameBytes: number): Outcome<unknown> {
  if (!route.body) return { ok: true, value: undefined };
  if (route.bodyOptional && body === '') return { ok: true, value: {} };
  const type = headers.get('content-type');
  if (type !== null && !JSON_TYPE.test(type))
    return fail('bad_request', 'content-type: must be application/json');
  return parse(route.body, body, route.id === 'poll' ? frameBytes * POLL_FRAMES : frameBytes);
}

export function toResponse(answered: Answer, now: number): Response {
  const headers = new Headers({ date: new Date(now).toUTCString() });
  if (answered.ok) {
    if (answered.body === undefined) return new Response(null, { status: answered.status, headers });
    headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(answered.body), { status: answered.status, headers });
  }
  headers.set('content-type', 'application/problem+json');
  if (answered.retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(answered.retryAfter)));
  const { status } = ERRORS[answered.code];
  return new Response(JSON.stringify(problemOf(answered)), { status, headers });
}
