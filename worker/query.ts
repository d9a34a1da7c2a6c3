import { fail } from '../schema/protocol/errors.ts';
import type { Limits } from '../schema/protocol/limits.ts';
import { done, type Outcome } from './outcome.ts';

/** One value of `name`: undefined when it is left out, `bad_request` when it is given twice. */
export function textParam(query: URLSearchParams, name: string): Outcome<string | undefined> {
  const all = query.getAll(name);
  return all.length > 1 ? fail('bad_request', `${name}: must be given once`) : done(all[0]);
}

/** An integer from `min` to `max`, undefined when it is left out; else `bad_request` naming it. */
export function integerParam(
  query: URLSearchParams,
  name: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): Outcome<number | undefined> {
  const text = textParam(query, name);
  if (!text.ok) return text;
  if (text.value === undefined) return done(undefined);
  // Digits alone: Number() would also take '', ' 7', '0x7' and '7e0'.
  const value = /^\d{1,16}$/.test(text.value) ? Number(text.value) : Number.NaN;
  return value >= min && value <= max
    ? done(value)
    : fail('bad_request', `${name}: must be an integer from ${min} to ${max}`);
}

/** A string that an earlier answer gave out, undefined when it is left out; else `bad_request` naming it. */
export function markParam(query: URLSearchParams, name: string): Outcome<string | undefined> {
  const text = textParam(query, name);
  if (!text.ok || text.value === undefined) return text;
  return text.value.length > 0 && text.value.length <= 128
    ? text
    : fail('bad_request', `${name}: must be what an earlier answer gave as next`);
}

/** How many items a page shall have: at most, and by default, `limits.page`. */
export function pageLimit(query: URLSearchParams, limits: Pick<Limits, 'page'>): Outcome<number> {
  const limit = integerParam(query, 'limit', 1, limits.page);
  return limit.ok ? done(limit.value ?? limits.page) : limit;
}

/** A stretch of a conversation's log, by `seq`. */
export interface Stretch {
  readonly limit: number;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
}

/**
 * `limit`, and at most one of the `allowed` positions; none means the newest.
 * Everything else is `bad_request` naming the parameter.
 */
export function stretchOf(
  query: URLSearchParams,
  limits: Pick<Limits, 'page'>,
  allowed: readonly ('before' | 'after' | 'around')[],
): Outcome<Stretch> {
  const limit = pageLimit(query, limits);
  if (!limit.ok) return limit;
  const given = (['before', 'after', 'around'] as const).filter((name) => query.has(name));
  const [name, second] = given;
  if (second !== undefined) return fail('bad_request', `${second}: can't be given together with ${name}`);
  if (name === undefined) return done({ limit: limit.value });
  if (!allowed.includes(name)) return fail('bad_request', `${name}: is not known here`);
  const position = integerParam(query, name, name === 'after' ? 0 : 1);
  if (!position.ok) return position;
  return done({ limit: limit.value, [name]: position.value });
}
