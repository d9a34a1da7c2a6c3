import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Watcher } from '../../bench/replay/watcher.ts';
import { createIssuer } from '../../bench/support/issuer.ts';
import { inParallel } from '../../bench/support/parallel.ts';
import { seeded } from '../support/rng.ts';
import { compare, makeRooms } from '../support/system-compare.ts';
import { countingTransport, type Phone, signIn, Traffic } from '../support/system-crowd.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';
import { Talk } from '../support/system-talk.ts';

const SEED = Number(process.env['SEED'] ?? 20_260_721);
const KILLS = Number(process.env['KILLS'] ?? 20);
const PEOPLE = 14;
/** People with a second device; those resume with a few messages at a time and page the rest. */
const TWO_DEVICES = 3;
const FEW = 5;

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
