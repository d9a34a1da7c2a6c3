// What checking a frame costs: ns per frame for the checks of schema/protocol and for zod/mini schemas of the same
// shape, interleaved in one run so that both meet the same machine. `npm run bench -- codec [--json]`.
import * as z from 'zod/mini';
import { parseUp } from '../schema/protocol/codec.ts';
import { DEFAULT_LIMITS } from '../schema/protocol/limits.ts';
import { print, type RunOptions } from './support/report.ts';

export interface FrameCost {
  readonly frame: string;
  readonly bytes: number;
  /** ns per frame, from JSON text to a checked value; median of the rounds. */
  readonly ours: number;
  readonly zod: number;
  /** ns of JSON.parse alone, which both contain. */
  readonly json: number;
  /** zod / ours. */
  readonly ratio: number;
}
export interface CodecCost {
  readonly node: string;
  readonly rounds: number;
  readonly frames: readonly FrameCost[];
}

const ROUNDS = 30;
const PER_ROUND = 20_000;

const id = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[A-Za-z0-9_-]+$/));
const seq = z.int().check(z.minimum(1));
const position = z.int().check(z.minimum(0));
const text = z.looseObject({
  kind: z.literal('text'),
  text: z.string().check(
    z.minLength(1),
    z.maxLength(1_048_576),
    z.refine((value) => value.isWellFormed()),
  ),
  mentions: z.optional(z.array(id).check(z.maxLength(256))),
});
const frame = (type: string, shape: z.core.$ZodLooseShape) =>
  z.looseObject({ type: z.literal(type), ...shape });
const zodUp = z.discriminatedUnion('type', [
  frame('hello', {
    cursor: z.optional(position),
    heads: z.optional(z.record(id, position)),
    limit: z.optional(z.int().check(z.minimum(1), z.maximum(500))),
  }),
  frame('send', {
    clientId: id,
    conversation: id,
    content: text,
    replyTo: z.optional(seq),
    after: z.optional(id),
  }),
  frame('edit', { clientId: id, conversation: id, seq, content: text }),
  frame('delete', { clientId: id, conversation: id, seq }),
  frame('received', { conversation: id, seq }),
  frame('read', { conversation: id, seq }),
  frame('pull', { conversation: id, after: z.optional(position), before: z.optional(seq) }),
  frame('typing', { conversation: id, on: z.boolean() }),
  frame('watch', { users: z.array(id).check(z.maxLength(100)) }),
  frame('ping', {}),
]);

const conversation = 'g_4f9d2c81a7e35b60';
const FRAMES = {
  'send, 128 bytes of text': {
    type: 'send',
    clientId: '0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6',
    conversation,
    content: { kind: 'text', text: 'The quick brown fox jumps over it. '.repeat(4).slice(0, 128) },
    after: '0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f5',
  },
  received: { type: 'received', conversation, seq: 123_456 },
  'hello with 20 heads': {
    type: 'hello',
    cursor: 98_765,
    heads: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${conversation}${i}`, 1000 + i])),
  },
};

/** The same road as `parseUp`: text in, a checked value or a refusal out. */
function parseWithZod(json: string): { ok: boolean } {
  if (json.length > DEFAULT_LIMITS.frameBytes) return { ok: false };
  try {
    return { ok: zodUp.safeParse(JSON.parse(json)).success };
  } catch {
    return { ok: false };
  }
}

const CANDIDATES: readonly ((json: string) => unknown)[] = [
  (json) => parseUp(json, DEFAULT_LIMITS).ok,
  (json) => parseWithZod(json).ok,
  (json) => typeof JSON.parse(json) === 'object',
];

/** ns per call. @throws Error when a call refuses, for then the figure would be of something else */
function time(parse: (json: string) => unknown, json: string): number {
  const began = process.hrtime.bigint();
  for (let i = 0; i < PER_ROUND; i++) if (parse(json) !== true) throw new Error(`refused: ${json}`);
  return Number(process.hrtime.bigint() - began) / PER_ROUND;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Measures and prints. */
export async function run(options: RunOptions): Promise<void> {
  const cost = measure();
  const head = ['frame', 'bytes', 'ours', 'zod/mini', 'JSON.parse alone', 'zod/ours'];
  const rows = cost.frames.map((f) => [f.frame, f.bytes, f.ours, f.zod, f.json, f.ratio]);
  const title = `ns per frame, from JSON text to a checked value; Node ${cost.node}, median of ${cost.rounds} rounds`;
  const slowest = Math.min(...cost.frames.map((f) => f.ratio));
  print(
    {
      title,
      sections: [{ title: 'frames a client sends', head, rows }],
      targets: [
        { name: 'zod/mini takes at least as long as the checks of our own', value: slowest, least: 1 },
      ],
      violations: [],
      data: cost,
    },
    options,
  );
}

/** The figures alone. */
export function measure(): CodecCost {
  const texts = Object.entries(FRAMES).map(([name, value]) => ({ name, json: JSON.stringify(value) }));
  const times = texts.map(() => CANDIDATES.map((): number[] => []));
  // The first rounds warm up and don't count. Every round measures every candidate, in another order.
  for (let round = -5; round < ROUNDS; round++)
    texts.forEach(({ json }, f) => {
      CANDIDATES.forEach((_, i) => {
        const c = (i + round + 5) % CANDIDATES.length;
        const ns = time(CANDIDATES[c]!, json);
        if (round >= 0) times[f]?.[c]?.push(ns);
      });
    });
  const frames = texts.map(({ name, json }, f): FrameCost => {
    const [ours = 0, zod = 0, alone = 0] = (times[f] ?? []).map(median);
    return {
      frame: name,
      bytes: new TextEncoder().encode(json).length,
      ours: Math.round(ours),
      zod: Math.round(zod),
      json: Math.round(alone),
      ratio: Math.round((zod / ours) * 100) / 100,
    };
  });
  return { node: process.version, rounds: ROUNDS, frames };
}
