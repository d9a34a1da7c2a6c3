import { expect, test } from 'vitest';
import { WINDOW } from '../../objects/user/pushes.ts';
import { Line } from './support/line.ts';
import { quickDevice, three } from './support/people.ts';
import { group } from './support/site.ts';

const BYTES = 16_000;
const EACH = 45;
const COUNT = 4 * EACH;
const TEXT = 'x'.repeat(BYTES);

/** What of `line` is not confirmed when everything up to `confirmed` is. */
function unconfirmed(line: Line, conversation: string, confirmed: number): number {
  return line
    .log(conversation)
    .filter((entry) => entry.seq > confirmed)
    .reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
}

test('P8 P9 a slow reader holds up nobody, never has more than a window unconfirmed, and gets all of it', async () => {
  const [ada, slow, quick] = await three();
  const conversation = await group(ada, [slow, quick]);
  const reader = await Line.open(slow, { confirm: false });
  const other = await Line.open(quick);
  // Several devices, because each may send only so fast.
  const senders = await Promise.all([1, 2, 3, 4].map(async () => Line.open(await quickDevice(ada))));
  await Promise.all(
    senders.map(async (line, n) => {
      for (let i = 0; i < EACH; i++) await line.say(conversation, `m${n}-${i}`, { text: TEXT });
    }),
  );
  await other.reaches(conversation, COUNT);
  await reader.fence();
  const atMost = WINDOW + 2 * BYTES;
  expect(unconfirmed(reader, conversation, 0)).toBeGreaterThan(WINDOW / 2);
  expect(unconfirmed(reader, conversation, 0)).toBeLessThanOrEqual(atMost);
  // Nothing more comes until something is confirmed; then the rest does, a window at a time.
  let confirmed = 0;
  while (confirmed < COUNT) {
    await reader.until('more', () => reader.whole(conversation) > confirmed);
    confirmed = Math.min(reader.whole(conversation), confirmed + 20);
    reader.send({ type: 'received', conversation, seq: confirmed });
    await reader.fence();
    expect(unconfirmed(reader, conversation, confirmed)).toBeLessThanOrEqual(atMost);
  }
  expect(reader.log(conversation).map((e) => e.seq)).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
  // Caught up, it gets live frames again.
  await senders[0]?.say(conversation, 'last');
  await reader.first('message', (m) => m.clientId === 'last');
});
