// Values that fit a JSON schema of ours, for fast-check: what the published documents allow, the checks must take.
import fc from 'fast-check';
import type { JsonSchema } from '../../../schema/protocol/check.ts';

type Fields = { readonly [name: string]: JsonSchema };

/** @throws Error for a keyword it doesn't know, so that a new one can't go untested */
export function arbitraryOf(json: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in json) return fc.constant(json.const);
  if (Array.isArray(json.enum)) return fc.constantFrom(...json.enum);
  if (Array.isArray(json.oneOf)) return fc.oneof(...json.oneOf.map(arbitraryOf));
  if (Array.isArray(json.anyOf)) return fc.oneof(...json.anyOf.map((one) => arbitraryOf(merged(json, one))));
  switch (json.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Number(json.minimum), max: Number(json.maximum) });
    case 'number':
      return fc.double({ min: Number(json.minimum), noNaN: true, noDefaultInfinity: true });
    case 'string':
      return textOf(json);
    case 'array':
      return fc.array(arbitraryOf(json.items as JsonSchema), {
        minLength: Number(json.minItems),
        maxLength: Math.min(Number(json.maxItems), 8),
      });
    case 'object':
      return objectOf(json);
    default:
      throw new Error(`no arbitrary for ${JSON.stringify(json)}`);
  }
}

/** The kinds of a content: fields common to all beside those of one. */
function merged(json: JsonSchema, one: JsonSchema): JsonSchema {
  const { anyOf: _, ...base } = json;
  const own = (one.properties ?? {}) as Fields;
  const isOpen = own.kind !== undefined && 'not' in own.kind;
  return {
    ...base,
    ...one,
    type: json.type ?? one.type,
    required: [...((json.required ?? []) as string[]), ...((one.required ?? []) as string[])],
    properties: {
      ...(json.properties as Fields),
      ...own,
      ...(isOpen ? { kind: { enum: ['poll', 'x.y-z'] } } : {}),
    },
    ...(isOpen ? { open: true } : {}),
  };
}

function textOf(json: JsonSchema): fc.Arbitrary<string> {
  const min = Number(json.minLength ?? 0);
  const max = Number(json.maxLength ?? 100);
  const pattern = typeof json.pattern === 'string' ? new RegExp(json.pattern, 'u') : undefined;
  const letters = fc.string({
    unit: fc.constantFrom(...'abcxyz019_'),
    minLength: min,
    maxLength: Math.min(max, 40),
  });
  const any = fc.string({ unit: 'binary', minLength: min, maxLength: Math.min(max, 40) });
  const longest = fc.constantFrom('a', '👋').map((one) => one.repeat(Math.min(max, 2000)));
  return fc
    .oneof(any, letters, longest)
    .map((text) => (pattern === undefined || pattern.test(text) ? text : text.replace(/[^a-z]/gu, 'a')))
    .filter((text) => pattern === undefined || pattern.test(text));
}

function objectOf(json: JsonSchema): fc.Arbitrary<unknown> {
  if (json.propertyNames)
    return fc.dictionary(
      arbitraryOf(json.propertyNames as JsonSchema).filter(
        (key) => key !== '__proto__',
      ) as fc.Arbitrary<string>,
      arbitraryOf(json.additionalProperties as JsonSchema),
      { maxKeys: 8, noNullPrototype: true },
    );
  const fields = Object.entries((json.properties ?? {}) as Fields).map(([name, field]) => [
    name,
    arbitraryOf(field),
  ]);
  const known = fc.record(Object.fromEntries(fields), {
    requiredKeys: (json.required ?? []) as never[],
    noNullPrototype: true,
  });
  if (!json.open) return known;
  const extra = fc
    .jsonValue({ maxDepth: 4, noUnicodeString: false })
    .map((value) => JSON.parse(JSON.stringify(value)));
  return fc.tuple(known, extra).map(([base, data]) => ({ ...base, data }));
}
