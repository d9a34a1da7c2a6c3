/**
 * Validators that carry their own JSON Schema: one table for the socket path, the types and the published documents.
 *
 * A check looks at a value and answers `undefined` when it fits, else one sentence that names the field. It copies
 * nothing and throws nothing, which is what makes it cheap on the socket path (`npm run bench -- codec`). Because
 * nothing is copied, a value that fits still carries the fields its check doesn't know: pass on named fields only.
 */
export type JsonSchema = { readonly [key: string]: unknown };

export interface Check<T> {
  /** `undefined` when `value` fits; else what is wrong, beginning with `at`, the path of the field. */
  readonly problem: (value: unknown, at: string) => string | undefined;
  readonly json: JsonSchema;
  /** Only for inference; never set. */
  readonly type?: T;
}

export type Infer<C> = C extends Check<infer T> ? T : never;

/** Narrows `value` to the type of `check`. */
export function fits<T>(check: Check<T>, value: unknown): value is T {
  return check.problem(value, '') === undefined;
}

/** The sentence for a problem; an empty `at` is the value itself. */
export const named = (at: string, problem: string): string => (at === '' ? problem : `${at}: ${problem}`);

const check = <T>(json: JsonSchema, problem: Check<T>['problem']): Check<T> => ({ problem, json });

export interface TextOptions {
  readonly min?: number;
  readonly max: number;
  readonly pattern?: RegExp;
  readonly describe?: string;
}

/**
 * A string of `min` to `max` characters (code points, as JSON Schema counts them), well-formed Unicode, matching
 * `pattern` where given.
 */
export function text({ min = 0, max, pattern, describe }: TextOptions): Check<string> {
  const json = {
    type: 'string',
    minLength: min,
    maxLength: max,
    ...(pattern ? { pattern: pattern.source } : {}),
    ...(describe ? { description: describe } : {}),
  };
  return check(json, (value, at) => {
    if (typeof value !== 'string') return named(at, 'must be a string');
    if (!hasLength(value, min, max)) return named(at, `must have ${min} to ${max} characters`);
    if (pattern && !pattern.test(value)) return named(at, `must match ${pattern.source}`);
    return value.isWellFormed() ? undefined : named(at, 'is not well-formed Unicode');
  });
}

/** A code point is one or two UTF-16 units, so most strings are decided without counting. */
function hasLength(value: string, min: number, max: number): boolean {
  const units = value.length;
  if (units < min || units > 2 * max) return false;
  if (units <= max && units >= 2 * min) return true;
  let points = 0;
  for (const _ of value) points++;
  return points >= min && points <= max;
}

/** An integer from `min` to `max`. */
export function integer(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  describe?: string,
): Check<number> {
  const json = {
    type: 'integer',
    minimum: min,
    maximum: max,
    ...(describe ? { description: describe } : {}),
  };
  return check(json, (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? undefined
      : named(at, `must be an integer from ${min} to ${max}`),
  );
}

/** A finite number of at least `min`. */
export function number(min: number, describe?: string): Check<number> {
  const json = { type: 'number', minimum: min, ...(describe ? { description: describe } : {}) };
  return check(json, (value, at) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min
      ? undefined
      : named(at, `must be a number of at least ${min}`),
  );
}

export const bool: Check<boolean> = check({ type: 'boolean' }, (value, at) =>
  typeof value === 'boolean' ? undefined : named(at, 'must be true or false'),
);

/** Exactly this value. */
export function literal<const T extends string | boolean | null>(only: T): Check<T> {
  return check({ const: only }, (value, at) =>
    value === only ? undefined : named(at, `must be ${JSON.stringify(only)}`),
  );
}

/** One of these strings. */
export function oneOf<const T extends string>(...options: readonly T[]): Check<T> {
  const set: ReadonlySet<unknown> = new Set(options);
  return check({ enum: options }, (value, at) =>
    set.has(value) ? undefined : named(at, `must be one of ${options.join(', ')}`),
  );
}

export function nullable<T>(inner: Check<T>): Check<T | null> {
  return check({ anyOf: [inner.json, { type: 'null' }] }, (value, at) =>
    value === null ? undefined : inner.problem(value, at),
  );
}

/** An array of `min` to `max` items. */
export function list<T>(item: Check<T>, max: number, min = 0): Check<T[]> {
  return check({ type: 'array', items: item.json, minItems: min, maxItems: max }, (value, at) => {
    if (!Array.isArray(value)) return named(at, 'must be an array');
    if (value.length < min || value.length > max) return named(at, `must have ${min} to ${max} items`);
    for (let i = 0; i < value.length; i++) {
      // The path is only written for an item that is wrong; most never are.
      if (item.problem(value[i], '') !== undefined) return item.problem(value[i], `${at}[${i}]`);
    }
    return undefined;
  });
}

/**
 * An object used as a map, at most `max` keys. The key `__proto__` is refused: JSON can carry it, and code that copies
 * the map key by key would set the prototype of its copy.
 */
export function record<T>(key: Check<string>, item: Check<T>, max: number): Check<Record<string, T>> {
  const json = {
    type: 'object',
    propertyNames: key.json,
    additionalProperties: item.json,
    maxProperties: max,
  };
  return check(json, (value, at) => {
    if (!isObject(value)) return named(at, 'must be an object');
    const names = Object.keys(value);
    if (names.length > max) return named(at, `must have at most ${max} keys`);
    for (const name of names) {
      if (name === '__proto__') return named(at, 'must not have the key __proto__');
      const wrong = key.problem(name, `${at} key`);
      if (wrong !== undefined) return wrong;
      if (item.problem(value[name], '') !== undefined) return item.problem(value[name], `${at}.${name}`);
    }
    return undefined;
  });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const OPTIONAL: unique symbol = Symbol('optional');
type Optional<T> = Check<T> & { readonly [OPTIONAL]: true };

/** A field that may be left out (an explicit `undefined` can't come over the wire). */
export function optional<T>(inner: Check<T>): Optional<T> {
  return { ...inner, [OPTIONAL]: true };
}

type Shape = { readonly [key: string]: Check<unknown> };
type Must<S extends Shape> = { [K in keyof S as S[K] extends Optional<unknown> ? never : K]: Infer<S[K]> };
type Maybe<S extends Shape> = { [K in keyof S as S[K] extends Optional<unknown> ? K : never]?: Infer<S[K]> };
type Fields<S extends Shape> = Must<S> & Maybe<S>;
export type Flat<T> = { [K in keyof T]: T[K] };

/** An object with these fields; fields it doesn't know are ignored, so the protocol can grow. */
export function object<S extends Shape>(shape: S, describe?: string): Check<Flat<Fields<S>>> {
  const fields = Object.entries(shape).map(([name, field]) => ({ name, field, must: !(OPTIONAL in field) }));
  const json = {
    type: 'object',
    ...(describe ? { description: describe } : {}),
    properties: Object.fromEntries(fields.map(({ name, field }) => [name, field.json])),
    required: fields.filter((f) => f.must).map((f) => f.name),
  };
  return check(json, (value, at) => {
    if (!isObject(value)) return named(at, 'must be an object');
    for (const { name, field, must } of fields) {
      const got = value[name];
      const wrong = got !== undefined ? field.problem(got, name) : must ? `${name}: is missing` : undefined;
      // Every problem begins with the name it was given, so the path can be put in front of it here.
      if (wrong !== undefined) return at === '' ? wrong : `${at}.${wrong}`;
    }
    return undefined;
  });
}

/** Objects told apart by the string in their field `tag`. */
export function union<const T extends { readonly [tag: string]: Check<unknown> }>(
  tag: string,
  options: T,
): Check<Infer<T[keyof T]>> {
  const byTag = new Map<unknown, Check<unknown>>(Object.entries(options));
  const expected = `must be one of ${[...byTag.keys()].join(', ')}`;
  const json = { oneOf: [...byTag.values()].map((o) => o.json) };
  return check(json, (value, at) => {
    if (!isObject(value)) return named(at, 'must be an object');
    const option = byTag.get(value[tag]);
    return option ? option.problem(value, at) : named(at === '' ? tag : `${at}.${tag}`, expected);
  });
}

/** Adds a rule to a check, with the same type. */
export function refine<T>(inner: Check<T>, rule: (value: T) => string | undefined): Check<T> {
  return check(inner.json, (value, at) => {
    const wrong = inner.problem(value, at);
    if (wrong !== undefined) return wrong;
    const broken = rule(value as T);
    return broken === undefined ? undefined : named(at, broken);
  });
}

/** The same check with a description for the published documents. */
export function described<T>(inner: Check<T>, description: string): Check<T> {
  return { problem: inner.problem, json: { ...inner.json, description } };
}

/** Any JSON object; its fields are its owner's business. */
export const openObject: Check<Record<string, unknown>> = check({ type: 'object' }, (value, at) =>
  isObject(value) ? undefined : named(at, 'must be an object'),
);
