import { expect } from 'vitest';
import { inParallel } from '../../bench/support/parallel.ts';
import { type Phone, type Room, whenSeen, wholeLog } from './system-crowd.ts';
import { type Talk, textOf } from './system-talk.ts';

const CONVERGE_MS = 60_000;

/** A conversation for each group of people, with all of their phones in it. */
export function makeRooms(groups: readonly (readonly string[])[], phones: readonly Phone[]): Promise<Room[]> {
  return inParallel(4, groups, async (names) => {
    const inside = phones.filter(({ who }) => names.includes(who));
    const [host] = inside;
    if (!host) throw new Error('nobody is here');
    const members = [...new Set(inside.map(({ user }) => user))].filter((user) => user !== host.user);
    const kind = names.length === 2 ? 'direct' : 'group';
    return { conversation: await host.client.createConversation({ kind, members }), phones: inside };
  });
}

/** The log against what was acknowledged, and every device against the log. @returns the length of the log. */
export async function compare(room: Room, talk: Talk, reader: Phone): Promise<number> {
  const { id } = room.conversation;
  const log = await wholeLog(reader, id);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1));
  const acked = talk.acked.filter((a) => a.room === room).sort((a, b) => a.seq - b.seq);
  const logged = log.map(({ seq, from, clientId, content }) => ({
    seq,
    from,
    clientId,
    text: content?.text,
  }));
  expect(logged).toEqual(
    acked.map(({ seq, phone, clientId, text }) => ({ seq, from: phone.user, clientId, text })),
  );
  for (const phone of room.phones) {
    // P5: what a device said stands in the order in which it was said.
    const own = log.filter(({ clientId }) => clientId?.startsWith(`${phone.name}-`));
    expect(own.map(({ content }) => content?.text)).toEqual(own.map((_, n) => textOf(phone, n)));
  }
  const texts = log.map(({ content }) => content?.text);
  for (const phone of room.phones) {
    await sameTimeline(phone, id, texts);
    await allRead(phone, id);
  }
  return log.length;
}

/** Gaps that a resume left are paged, then this device shows exactly the log. */
async function sameTimeline({ name, client }: Phone, id: string, texts: readonly (string | undefined)[]) {
  const timeline = client.timeline(id);
  const arrived = (): boolean => timeline.last >= texts.length;
  await whenSeen(client, arrived, CONVERGE_MS, () => `${name} has ${timeline.last} of ${texts.length}`);
  while (timeline.gaps.length > 0 || timeline.floor > 0) await client.loadOlder(id, 100);
  const shown = timeline.messages.map(({ content }) => (content as { text?: string }).text);
  expect(shown, name).toEqual(texts);
  expect(client.pending(id), name).toEqual([]);
}

/** Everybody reads everything, so each own message ends as read by all, at the service and on this device. */
async function allRead({ name, user, client }: Phone, id: string) {
  const last = client.timeline(id).messages.findLast(({ from }) => from === user)?.seq ?? 0;
  const read = (): boolean => client.delivery(id, last) === 'read';
  await whenSeen(client, read, CONVERGE_MS, () => `${name}: message ${last} is ${client.delivery(id, last)}`);
  const members = await client.loadMembers(id);
  for (const member of members.filter((m) => m.user !== user)) {
    expect(member.read, `${name} of ${member.user}`).toBeGreaterThanOrEqual(last);
    expect(member.delivered, `${name} of ${member.user}`).toBeGreaterThanOrEqual(member.read);
  }
}
