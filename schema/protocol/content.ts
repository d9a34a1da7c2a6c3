import { type Check, type Infer, isObject, list, named, object, optional, text } from './check.ts';
import { type Failure, fail } from './errors.ts';
import { id } from './ids.ts';
import type { Limits } from './limits.ts';

const mentions = list(id, 256);
const kind = text({ min: 1, max: 64, pattern: /^[a-z][a-z0-9_.-]*$/ });
const textContent = object({ kind, text: text({ min: 1, max: 1_048_576 }), mentions: optional(mentions) });

export interface TextContent {
  readonly kind: 'text';
  readonly text: string;
  readonly mentions?: string[];
}

/** What a message says: a text, or any other kind, which is stored as it came and left to the clients. */
export type Content = TextContent | { readonly kind: string; readonly [field: string]: unknown };

/** Kinds that only the service writes. */
const RESERVED = ['deleted', 'system'];

/**
 * Objects and arrays inside one another in a content, the content itself counted. JSON.stringify and most other walks
 * recurse, so without a bound one message could overflow the stack of everything that touches it later.
 */
export const MAX_CONTENT_DEPTH = 32;

/** A `Content` as a client may send it. */
export const content: Check<Content> = {
  json: {
    type: 'object',
    required: ['kind'],
    properties: { kind: kind.json },
    anyOf: [
      {
        required: ['text'],
        properties: {
          kind: { const: 'text' },
          text: {
            type: 'string',
            minLength: 1,
            maxLength: 1_048_576,
            description: 'At most `textBytes` bytes of UTF-8.',
          },
          mentions: mentions.json,
        },
      },
      {
        properties: { kind: { not: { enum: ['text', ...RESERVED] } } },
        description: 'Stored as it came. At most `textBytes` bytes as JSON, nested at most 32 deep.',
      },
    ],
  },
  problem(value, at) {
    if (!isObject(value)) return named(at, 'must be an object');
    const below = at === '' ? '' : `${at}.`;
    const wrong =
      value.kind === 'text' ? textContent.problem(value, at) : otherProblem(value.kind, `${below}kind`);
    if (wrong !== undefined) return wrong;
    const broken = unkeepable(value, MAX_CONTENT_DEPTH);
    return broken === undefined ? undefined : named(at, broken);
  },
};

function otherProblem(given: unknown, at: string): string | undefined {
  if (given === undefined) return named(at, 'is missing');
  const wrong = kind.problem(given, at);
  if (wrong !== undefined) return wrong;
  return typeof given === 'string' && RESERVED.includes(given) ? named(at, 'is reserved') : undefined;
}

export type ContentKind = Infer<typeof kind>;

/** Why a value can't be kept as it came; `undefined` when it can. Looks at most `depth` levels down. */
function unkeepable(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'has a number beyond what a double can hold';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === 0) return `is nested deeper than ${MAX_CONTENT_DEPTH}`;
  for (const name of Object.keys(value)) {
    // Code that copies an object key by key would set the prototype of its copy.
    if (name === '__proto__') return 'must not have a key __proto__';
    const wrong = unkeepable((value as Record<string, unknown>)[name], depth - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Whether `value` takes more than `limit` bytes in UTF-8; stops counting there. */
export function utf8Exceeds(value: string, limit: number): boolean {
  if (value.length > limit) return true;
  if (value.length * 3 <= limit) return false;
  let bytes = 0;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    // A surrogate pair is two units and four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
    if (bytes > limit) return true;
  }
  return false;
}

/** The limit the validator can't know, because it is a setting. */
export function contentTooLarge(value: Content, limits: Limits): Failure | undefined {
  const body = value.kind === 'text' ? (value as TextContent).text : JSON.stringify(value);
  if (!utf8Exceeds(body, limits.textBytes)) return undefined;
  return fail('too_large', `content: at most ${limits.textBytes} bytes; send long texts as several messages`);
}
