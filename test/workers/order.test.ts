import { expect, test } from 'vitest';
import { Line } from './support/line.ts';
import { people } from './support/people.ts';
import { group, textOf, wholeLog } from './support/site.ts';

const SENDERS = 20;
const EACH = 50;

test('P1 P2 P5 1,000 quick sends of 20 people: one order for everybody, and each sender in theirs', async () => {
  const all = await people(SENDERS);
  const [owner, ...others] = all;
  if (!owner) throw new Error('nobody');
  const conversation = await group(owner, others);
  const lines = await Promise.all(all.map((who) => Line.open(who)));
  lines.forEach((line, who) => {
    for (let i = 0; i < EACH; i++)
      line.send({
        type: 'send',
        clientId: `p${who}-${i}`,
        conversation,
        content: textOf(`${i}`),
        ...(i > 0 ? { after: `p${who}-${i - 1}` } : {}),
      });
  });
  await Promise.all(lines.map((line) => line.reaches(conversation, SENDERS * EACH)));
  const log = await wholeLog(owner, conversation);
  expect(log.map((e) => e.seq)).toEqual(Array.from({ length: SENDERS * EACH }, (_, i) => i + 1));
  expect(new Set(log.map((e) => e.clientId)).size).toBe(SENDERS * EACH);
  const order = new Map(log.map((e) => [e.seq, e.clientId]));
  lines.forEach((line, who) => {
    const acks = line.of('ack');
    expect(acks.map((a) => a.clientId)).toEqual(Array.from({ length: EACH }, (_, i) => `p${who}-${i}`));
    expect(acks.every((a) => order.get(a.seq) === a.clientId)).toBe(true);
    expect(acks.every((a, i) => i === 0 || a.seq > (acks[i - 1]?.seq ?? 0))).toBe(true);
    // Live frames and batches, put together, are the same log.
    const got = line.log(conversation).filter((e) => e.type === 'message');
    expect(got.every((e) => order.get(e.seq) === e.clientId)).toBe(true);
    expect(got.length).toBe((SENDERS - 1) * EACH);
    const cursors = line.cursors();
    expect(cursors.every((one, i) => i === 0 || one > (cursors[i - 1] ?? 0))).toBe(true);
  });
});
