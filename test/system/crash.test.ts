import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Watcher } from '../../bench/replay/watcher.ts';
import { createIssuer } from '../../bench/support/issuer.ts';
import { inParallel } from '../../bench/support/parallel.ts';
import { seeded } from '../support/rng.ts';
import {
  countingTransport,
  type Phone,
  type Room,
  signIn,
  Traffic,
  whenSeen,
  wholeLog,
} from '../support/system-crowd.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';
import { Talk, textOf } from '../support/system-talk.ts';

const SEED = Number(process.env['SEED'] ?? 20_260_721);
const KILLS = Number(process.env['KILLS'] ?? 20);
const PEOPLE = 14;
/** People with a second device; those resume with a few messages at a time and page the rest. */
const TWO_DEVICES = 3;
const FEW = 5;
const CONVERGE_MS = 60_000;

test(`P1 P2 P3 P4 P5 P6: killed ${KILLS} times under load, it loses, repeats and reorders nothing`, async () => {
  using folder = temporaryFolder();
  const rng = seeded(SEED);
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: JSON.stringify({ authRate: 1000 }) };
  let service = await ServiceProcess.start({ data: folder.path, env });
  const { url, port } = service;
  const watcher = new Watcher();
  const traffic = new Traffic();
  const transport = countingTransport(traffic);
  const people = Array.from({ length: PEOPLE }, (_, i) => `person${i}`);
  const join = (who: string, device: string, limit: number): Promise<Phone> =>
    signIn({ url, issuer, rng, transport }, who, device, limit);
  const phones = await inParallel(4, people, (who) => join(who, 'phone', 500));
  phones.push(...(await inParallel(4, people.slice(0, TWO_DEVICES), (who) => join(who, 'tablet', FEW))));
  try {
    const rooms = await makeRooms(lively(people), phones);
    const quiet = await makeRooms(whispers(people), phones);
    for (const { client } of phones) {
      watcher.watch(client);
      traffic.watch(client);
      client.start();
    }
    await Promise.all(phones.map(({ client }) => client.online()));

    const talk = new Talk(phones, rooms, rng);
    const hits: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(rng.int(100, 900));
      // Where nobody speaks after the kill, nothing that comes later shows that something is missing.
      const room = quiet[kill];
      if (room) talk.say(rng.pick(room.phones), room);
      await pause(rng.int(0, 30));
      // A send takes a few milliseconds from the socket to its acknowledgement: somewhere on that way.
      await traffic.nextSend();
      await pause(rng.int(0, 4));
      hits.push(traffic.underWay.size);
      await service.kill();
      traffic.forget();
      service = await ServiceProcess.start({ data: folder.path, port, env });
    }
    await talk.stop();

    expect(talk.failures).toEqual([]);
    let entries = 0;
    for (const room of [...rooms, ...quiet]) {
      // Somebody who has seen nothing yet: a new device of a member.
      const reader = await join(room.phones[0]?.who ?? '', 'reader', 500);
      entries += await compare(room, talk, reader);
    }
    const answers = talk.acked.length;
    expect(entries).toBe(answers);
    expect(watcher.violations).toEqual([]);
    const hit = hits.filter((sends) => sends > 0).length;
    const orphans = answers - traffic.firstAcks;
    console.log(
      `seed ${SEED}: ${KILLS} kills, ${hit} with sends under way (${hits.join(' ')}); ${answers} messages, ` +
        `${traffic.resends} resends, ${orphans} stored without their acknowledgement arriving; ` +
        `${watcher.reconnects} reconnects, ${watcher.deliveries} deliveries`,
    );
    // A run in which nothing was at stake proves nothing.
    expect(hit).toBeGreaterThanOrEqual(KILLS / 2);
    expect(traffic.resends).toBeGreaterThan(KILLS);
    expect(orphans).toBeGreaterThan(0);
    expect(answers).toBeGreaterThan(KILLS * 50);
  } finally {
    for (const { client } of phones) client.close();
    await service.end();
  }
});

/** Pairs, and three groups: of four, of half of the people, and of all. */
function lively(people: readonly string[]): string[][] {
  const pairs = people.flatMap((_, i) => (i % 2 === 0 ? [people.slice(i, i + 2)] : []));
  return [...pairs, people.slice(0, 4), people.slice(3, 3 + PEOPLE / 2), [...people]];
}

/** Other pairs, one for each of the first kills. */
const whispers = (people: readonly string[]): string[][] =>
  people.slice(0, KILLS / 2).map((one, i) => [one, people[(i + 5) % people.length] ?? '']);

function makeRooms(groups: readonly (readonly string[])[], phones: readonly Phone[]): Promise<Room[]> {
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
async function compare(room: Room, talk: Talk, reader: Phone): Promise<number> {
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
