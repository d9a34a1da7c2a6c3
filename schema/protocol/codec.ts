import { type Check, fits, isObject } from './check.ts';
import { MAX_DEPTH } from './constants.ts';
import { utf8Exceeds } from './content.ts';
import { type Down, down } from './down.ts';
import { type Failure, fail } from './errors.ts';
import { id } from './ids.ts';
import type { Limits } from './limits.ts';
import { type Up, up } from './up.ts';

export { FATAL_BYTES, PING, PONG } from './constants.ts';

/** The only place where wire data is parsed. Nothing here throws: what is wrong comes back as a `Failure`. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Failure;

/**
 * JSON text to a checked value. `limit` in bytes of UTF-8. Of a key given twice the last counts. Whatever comes back,
 * its unknown fields included, is nested at most `MAX_DEPTH` deep, so it may be written as JSON again.
 */
export function parse<T>(check: Check<T>, json: string, limit: number): Parsed<T> {
  const parsed = parseJson(json, limit);
  return parsed.ok ? accept(check, parsed.value) : parsed;
}

function parseJson(json: string, limit: number): Parsed<unknown> {
  if (utf8Exceeds(json, limit)) return fail('too_large', `at most ${limit} bytes`);
  if (isDeeperThan(json, MAX_DEPTH)) return fail('bad_request', `is nested deeper than ${MAX_DEPTH}`);
  try {
    return { ok: true, value: JSON.parse(json) };
  } catch {
    return fail('bad_request', 'is not valid JSON');
  }
}

/** A value that was parsed already (an item of a poll's `frames`). */
export function accept<T>(check: Check<T>, value: unknown): Parsed<T> {
  const problem = check.problem(value, '');
  return problem === undefined ? { ok: true, value: value as T } : fail('bad_request', problem);
}

/** A frame that was refused, with what the `error` frame may repeat of it, so that a client knows which send failed. */
export interface Rejected extends Failure {
  readonly clientId?: string;
  readonly conversation?: string;
}
export type ParsedUp = { readonly ok: true; readonly value: Up } | Rejected;

/** One frame of a client: a message of a socket, or the JSON text of an item of a poll's `frames`. */
export function parseUp(frame: string | ArrayBuffer, limits: Pick<Limits, 'frameBytes'>): ParsedUp {
  if (typeof frame !== 'string') return fail('bad_request', 'frames are text, not binary');
  const json = parseJson(frame, limits.frameBytes);
  if (!json.ok) return json;
  const parsed = accept(up, json.value);
  return parsed.ok ? parsed : { ...parsed, ...namesIn(json.value) };
}

function namesIn(value: unknown): Pick<Rejected, 'clientId' | 'conversation'> {
  if (!isObject(value)) return {};
  const { clientId, conversation } = value;
  return {
    ...(fits(id, clientId) ? { clientId } : {}),
    ...(fits(id, conversation) ? { conversation } : {}),
  };
}

/** For clients that want to trust nothing; the SDK's own decoder only looks at `type`. */
export function parseDown(frame: string): Parsed<Down> {
  return parse(down, frame, Number.MAX_SAFE_INTEGER);
}

export const encode = (frame: Down | Up): string => JSON.stringify(frame);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{` differ in this bit alone, and so do `]` and `}`. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** Whether JSON text nests deeper than `limit`. Of text that is not JSON it says something, in linear time. */
function isDeeperThan(json: string, limit: number): boolean {
  // Each level takes two characters, which spares the short frames.
  if (json.length <= 2 * limit) return false;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === QUOTE) i = endOfString(json, i);
    else if ((unit | CURLY) === OPENING) {
      if (++depth > limit) return true;
    } else if ((unit | CURLY) === CLOSING) depth--;
  }
  return false;
}

/** Index of the quote that ends the string begun at `start`; the end of the text if none does. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let slashes = end;
    while (json.charCodeAt(slashes - 1) === BACKSLASH) slashes--;
    if ((end - slashes) % 2 === 0) return end;
  }
  return json.length;
}
