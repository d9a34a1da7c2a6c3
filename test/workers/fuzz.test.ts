import { expect, test } from 'vitest';
import { FATAL_BYTES, parseUp } from '../../schema/protocol/codec.ts';
import { DEFAULT_LIMITS } from '../../schema/protocol/limits.ts';
import { type Rng, seeded } from '../support/rng.ts';
import { Line } from './support/line.ts';
import { quickDevice, three, two } from './support/people.ts';
import { FRAME_TYPES, frameUp } from './support/requests.ts';
import { direct, get, group, post, summary, wholeLog } from './support/site.ts';

const SEED = 20_261_123;
const FRAMES = 2_000;
/** Devices of one user on sockets of one object: each may send 300 frames at once. */
const SOCKETS = 10;

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 53,
  '',
  'a b',
  '../x',
  '__proto__',
  '\ud83d',
  'x'.repeat(65),
  [],
  {},
  [[]],
  { kind: 'text' },
  { kind: 'deleted' },
  { kind: 'text', text: '' },
  Array(1_200).fill(0),
];

const spoil: readonly ((json: string, rng: Rng) => string)[] = [
  (json, rng) => json.slice(0, rng.int(0, json.length - 1)),
  (json, rng) => {
    const at = rng.int(0, json.length - 1);
    return json.slice(0, at) + String.fromCharCode(rng.int(0, 0xffff)) + json.slice(at + 1);
  },
  (json, rng) => {
    const frame = JSON.parse(json) as Record<string, unknown>;
    frame[rng.pick(Object.keys(frame))] = rng.pick(ODD);
    return JSON.stringify(frame);
  },
  (json, rng) => {
    const frame = JSON.parse(json) as Record<string, unknown>;
    delete frame[rng.pick(Object.keys(frame))];
    return JSON.stringify(frame);
  },
  (json, rng) => `${'['.repeat(rng.int(1, 5_000))}${json}`,
  (json, rng) =>
    json.replace('{', `{"x":${'{"a":'.repeat(rng.int(20, 2_000))}1${'}'.repeat(rng.int(20, 2_000))},`),
  (json) => json + json,
  (json) => `{"__proto__":${json}}`,
  (json) => json.replaceAll('"', "'"),
  (json, rng) => json.replace('{', `{"pad":"${'x'.repeat(rng.int(66_000, 90_000))}",`),
];

/** A frame that is wrong, and not so large that it costs the socket. */
function malformed(rng: Rng, conversation: string, user: string): string {
  for (;;) {
    const about = { conversation, user, clientId: `fuzz-${rng.int(0, 1e9)}` };
    const text = rng.pick(spoil)(JSON.stringify(frameUp(rng.pick(FRAME_TYPES), about)), rng);
    if (text.length < FATAL_BYTES && !parseUp(text, DEFAULT_LIMITS).ok) return text;
  }
}

test('P8 2,000 malformed frames on a running object: each is answered, nothing changes, nobody is disturbed', async () => {
  const rng = seeded(SEED);
  const [ada, bob, mallory] = await three();
  const [cy, dan] = await two();
  // Mallory is a member of one conversation and knows the id of another.
  const conversation = await group(ada, [bob, mallory]);
  const elsewhere = await direct(cy, dan);
  for (const id of ['old1', 'old2', 'old3']) await post(mallory, conversation, id);
  const before = await wholeLog(ada, conversation);
  const membersBefore = (await get(ada, `/v1/conversations/${conversation}/members`)).text;

  const attack = await Promise.all(
    Array.from({ length: SOCKETS }, async () => Line.open(await quickDevice(mallory), { confirm: false })),
  );
  const hello = { heads: { [conversation]: before.length } };
  const inside = [await Line.open(ada, { hello }), await Line.open(bob, { hello })] as const;
  const outside = [await Line.open(cy), await Line.open(dan)] as const;

  const said: string[] = [];
  const talk = async ([a, b]: readonly [Line, Line], where: string, name: string) => {
    for (let i = 0; i < 20; i++) {
      await (i % 2 ? b : a).say(where, `${name}${i}`);
      if (name === 'in') said.push(`${name}${i}`);
    }
  };
  const talks = Promise.all([talk(inside, conversation, 'in'), talk(outside, elsewhere, 'out')]);
  for (let i = 0; i < FRAMES; i++) {
    const about = rng.chance(0.7) ? conversation : elsewhere;
    attack[i % SOCKETS]?.send(malformed(rng, about, ada.id));
    // In portions, so that the others' frames come in between.
    if (i % 100 === 99) await attack[0]?.fence();
  }
  const each = FRAMES / SOCKETS;
  for (const line of attack) {
    await line.until('an error for each', () => line.of('error').length >= each);
    expect(line.of('error')).toHaveLength(each);
    const codes = new Set(line.of('error').map((e) => e.code));
    expect([...codes].filter((code) => code !== 'bad_request' && code !== 'too_large')).toEqual([]);
  }
  await talks;

  // The state is what the conversation itself made it.
  const after = await wholeLog(ada, conversation);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.slice(before.length).map((e) => e.clientId)).toEqual(said);
  expect((await wholeLog(cy, elsewhere)).map((e) => e.clientId)).toEqual(
    Array.from({ length: 20 }, (_, i) => `out${i}`),
  );
  const marks = (text: string) =>
    (JSON.parse(text) as { members: { user: string }[] }).members.find((m) => m.user === mallory.id);
  expect(marks((await get(ada, `/v1/conversations/${conversation}/members`)).text)).toEqual(
    marks(membersBefore),
  );
  expect(await summary(ada, conversation)).toMatchObject({ head: before.length + 20, memberCount: 3 });
  for (const line of [...inside]) await line.reaches(conversation, before.length + 20);

  // The attacker's own object goes on serving, on the very same sockets.
  await attack[0]?.say(conversation, 'sorry');
  await attack[1]?.first('message', (m) => m.clientId === 'sorry');
});
