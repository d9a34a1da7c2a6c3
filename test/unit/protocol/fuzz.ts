// Malformed wire data by the hundred thousand: good values of samples.ts, spoiled in ways that attackers, broken clients
// and bad networks spoil them. Seeded, so a failure comes back.
import type { Check } from '../../../schema/protocol/check.ts';
import { DOWN } from '../../../schema/protocol/down.ts';
import { ROUTES } from '../../../schema/protocol/http.ts';
import { UP } from '../../../schema/protocol/up.ts';
import { BODY_SAMPLES, DOWN_SAMPLES, type Sample, UP_SAMPLES } from './samples.ts';

export type Random = () => number;

/** mulberry32: a small generator that is the same on every machine. @returns numbers in [0, 1) */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, n: number): number => Math.floor(random() * n);
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T;

/** JSON text of values that belong nowhere, or hardly anywhere. */
const ODD = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '0.5',
  '1e999',
  '-1e999',
  '1e-400',
  '9007199254740993',
  `${'9'.repeat(400)}`,
  '""',
  '"\\ud83d"',
  '"\\udc00x"',
  '"\\u0000"',
  '"__proto__"',
  '"constructor"',
  '"../../etc"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":null,"valueOf":null}',
  '{"length":1e9}',
] as const;

type Mutation = (json: string, random: Random) => string;

/** Puts `value`, JSON text or not, in the place of a field or item somewhere in `json`. */
function replaced(json: string, random: Random, value: string): string {
  let root: unknown;
  try {
    root = JSON.parse(json);
  } catch {
    return json + value;
  }
  const places: [parent: Record<string, unknown>, key: string][] = [];
  const walk = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null) return;
    for (const key of Object.keys(inner)) {
      places.push([inner as Record<string, unknown>, key]);
      walk((inner as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  if (places.length === 0) return value;
  const [parent, key] = pick(random, places);
  parent[key] = '@here@';
  return JSON.stringify(root).replace('"@here@"', () => value);
}

const nest = (random: Random, levels: number): string =>
  pick(random, [
    () => '['.repeat(levels) + ']'.repeat(levels),
    () => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`,
    () => '['.repeat(levels),
    () => `${'[{"a":'.repeat(levels >> 1)}[]${'}]'.repeat(levels >> 1)}`,
  ])();

export const MUTATIONS: { readonly [name: string]: Mutation } = {
  'odd value': (json, random) => replaced(json, random, pick(random, ODD)),
  'two odd values': (json, random) =>
    replaced(replaced(json, random, pick(random, ODD)), random, pick(random, ODD)),
  'missing field': (json, random) => {
    const fields = Object.entries(JSON.parse(json) as object);
    fields.splice(below(random, fields.length), 1);
    return JSON.stringify(Object.fromEntries(fields));
  },
  truncated: (json, random) => json.slice(0, below(random, json.length)),
  'cut out': (json, random) => {
    const from = below(random, json.length);
    return json.slice(0, from) + json.slice(from + 1 + below(random, 8));
  },
  'flipped character': (json, random) => {
    const at = below(random, json.length);
    return json.slice(0, at) + String.fromCharCode(below(random, 0x10000)) + json.slice(at + 1);
  },
  'doubled part': (json, random) => {
    const from = below(random, json.length);
    return json.slice(0, from) + json.slice(from, from + 20).repeat(1 + below(random, 5)) + json.slice(from);
  },
  'duplicate keys': (json, random) => {
    const keys = Object.keys(JSON.parse(json) as object);
    return `${json.slice(0, -1)},"${pick(random, keys)}":${pick(random, ODD)}}`;
  },
  '__proto__ key': (json, random) =>
    pick(random, [
      `{"__proto__":${json}}`,
      `${json.slice(0, -1)},"__proto__":${pick(random, ODD)}}`,
      replaced(json, random, `{"kind":"poll","__proto__":${pick(random, ODD)}}`),
    ]),
  'deep nesting': (json, random) => replaced(json, random, nest(random, 20 + below(random, 3000))),
  'deep content': (json, random) =>
    replaced(json, random, `{"kind":"poll","x":${nest(random, 25 + below(random, 20))}}`),
  'lone surrogate': (json, random) => {
    const at = below(random, json.length);
    return `${json.slice(0, at)}${pick(random, ['\ud83d', '\udc00', '\\ud83d', '\\udc00\\ud83d'])}${json.slice(at)}`;
  },
  'long array': (json, random) =>
    replaced(
      json,
      random,
      `[${Array(1 + below(random, 1500))
        .fill(pick(random, ODD))
        .join(',')}]`,
    ),
  'many keys': (json, random) =>
    replaced(
      json,
      random,
      `{${Array.from({ length: 1 + below(random, 1500) }, (_, i) => `"k${i}":${i}`).join(',')}}`,
    ),
  'too long': (json, random) =>
    replaced(json, random, `"${pick(random, ['x', '€', '\\u0041']).repeat(20_000)}"`),
  'other type': (json, random) =>
    JSON.stringify({
      ...JSON.parse(json),
      type: pick(random, [...Object.keys(UP_SAMPLES), ...Object.keys(DOWN_SAMPLES), 'x', '', 5, null]),
    }),
  'wrapped in an array': (json) => `[${json}]`,
  'two at once': (json) => json + json,
  'not JSON': (json, random) => json.replaceAll('"', pick(random, ["'", '', '`', '""'])),
  'good as it is': (json) => json,
};

const bodies = Object.fromEntries(ROUTES.flatMap(({ id, body }) => (body ? [[id, body]] : [])));
const pairs = (
  samples: { readonly [name: string]: Sample },
  checks: { readonly [name: string]: Check<unknown> },
) =>
  Object.entries(samples).map(([name, { good }]) => ({ json: JSON.stringify(good), check: checks[name]! }));
const poll = {
  kind: 'poll',
  question: '?',
  options: [
    { name: 'a', votes: 3 },
    { name: 'b', votes: 0.5 },
  ],
};
const GOOD = [
  { json: JSON.stringify({ ...UP_SAMPLES.send?.good, content: poll }), check: UP.send },
  ...pairs(UP_SAMPLES, UP),
  ...pairs(DOWN_SAMPLES, DOWN),
  ...pairs(BODY_SAMPLES, bodies),
];

export interface Input {
  readonly mutation: string;
  readonly json: string;
  /** The check that takes the value that was spoiled. */
  readonly check: Check<unknown>;
}

/** `count` inputs from one seed. */
export function* inputs(seed: number, count: number): Generator<Input> {
  const random = seeded(seed);
  const mutations = Object.entries(MUTATIONS);
  for (let i = 0; i < count; i++) {
    const [mutation, mutate] = pick(random, mutations);
    const { json, check } = pick(random, GOOD);
    yield { mutation, json: mutate(json, random), check };
  }
}
