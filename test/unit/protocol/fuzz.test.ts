import { expect, test } from 'vitest';
import type { Check } from '../../../schema/protocol/check.ts';
import { type Parsed, parse, parseUp } from '../../../schema/protocol/codec.ts';
import { DOWN, down } from '../../../schema/protocol/down.ts';
import { ERRORS } from '../../../schema/protocol/errors.ts';
import { ROUTES } from '../../../schema/protocol/http.ts';
import { DEFAULT_LIMITS } from '../../../schema/protocol/limits.ts';
import { UP, up } from '../../../schema/protocol/up.ts';
import { inputs, MUTATIONS } from './fuzz.ts';

const SEED = 20_260_731;
const COUNT = 100_000;
/** Most that one input may take, in ms. */
const SLOWEST = 250;
/** What takes longer is looked at again: a machine that does other things is slow once, a bad check every time. */
const LOOKS = 5;

const checks: Check<unknown>[] = [
  ...Object.values(UP),
  ...Object.values(DOWN),
  up,
  down,
  ...ROUTES.flatMap((route) => (route.body ? [route.body] : [])),
];

/** The kinds of refusal that must all have been seen, by what their detail says. */
const KINDS: { readonly [kind: string]: RegExp } = {
  size: /^at most \d+ bytes$/,
  syntax: /^is not valid JSON$/,
  depth: /^is nested deeper than 40$/,
  'no object': /^must be an object$/,
  'unknown type': /^type: must be one of/,
  'missing field': /^\w+: is missing$/,
  'wrong literal': /: must be "/,
  'no string': /: must be a string$/,
  'no integer': /: must be an integer from/,
  'no number': /: must be a number of at least/,
  'no boolean': /: must be true or false$/,
  'no array': /: must be an array$/,
  'no object inside': /: must be an object$/,
  length: /: must have \d+ to \d+ characters$/,
  items: /: must have \d+ to \d+ items$/,
  keys: /: must have at most \d+ keys$/,
  pattern: /: must match /,
  unicode: /: is not well-formed Unicode$/,
  'item of a list': /^[\w.]+\[\d+\]/,
  'forbidden key': /__proto__$/,
  'deep content': /^content: is nested deeper than 32$/,
  'number that is none': /beyond what a double can hold$/,
};

test(`P8 ${COUNT} malformed frames and bodies are each answered`, () => {
  const seen = new Map(Object.keys(KINDS).map((kind) => [kind, 0]));
  const byMutation = new Map(Object.keys(MUTATIONS).map((name) => [name, 0]));
  let refused = 0;
  let slowest = { ms: 0, json: '' };
  let i = 0;
  for (const { mutation, json, check: own } of inputs(SEED, COUNT)) {
    byMutation.set(mutation, (byMutation.get(mutation) ?? 0) + 1);
    // Each goes the socket's way, through the check it was meant for, and through all the others by turns.
    const check = checks[i++ % checks.length]!;
    const bytes = DEFAULT_LIMITS.frameBytes;
    const ask = () => [parseUp(json, DEFAULT_LIMITS), parse(own, json, bytes), parse(check, json, bytes)];
    const [answers, ms] = timed(ask);
    if (ms > slowest.ms) slowest = { ms, json: json.slice(0, 200) };
    for (const answer of answers) judge(answer, json, seen);
    if (!answers[1]!.ok) refused++;
  }
  // Guards: a fuzzer that mostly sends good frames, or always the same bad one, proves nothing.
  expect(refused).toBeGreaterThan(COUNT * 0.7);
  expect(refused).toBeLessThan(COUNT);
  for (const [name, count] of byMutation) expect(count, name).toBeGreaterThan(COUNT / 100);
  expect(Object.fromEntries([...seen].filter(([, count]) => count === 0))).toEqual({});
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(slowest.ms, slowest.json).toBeLessThan(SLOWEST);
});

/** With the time it takes, in ms. */
function timed<T>(run: () => T): readonly [T, number] {
  const first = once(run);
  const [result] = first;
  let [, least] = first;
  for (let look = 1; look < LOOKS && least > SLOWEST; look++) {
    const [, ms] = once(run);
    least = Math.min(least, ms);
  }
  return [result, least];
}

function once<T>(run: () => T): readonly [T, number] {
  const began = performance.now();
  return [run(), performance.now() - began];
}

function judge(answer: Parsed<unknown>, json: string, seen: Map<string, number>): void {
  if (answer.ok) {
    // What is taken can be written again, whatever unknown fields it carries.
    JSON.stringify(answer.value);
    return;
  }
  if (!Object.hasOwn(ERRORS, answer.code) || answer.detail === '' || answer.detail.length > 1024)
    throw new Error(`not an answer: ${JSON.stringify(answer)} to ${json.slice(0, 500)}`);
  for (const [kind, says] of Object.entries(KINDS))
    if (says.test(answer.detail)) seen.set(kind, (seen.get(kind) ?? 0) + 1);
}
