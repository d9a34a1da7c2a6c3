import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Watcher } from '../../../bench/replay/watcher.ts';
import { createIssuer } from '../../../bench/support/issuer.ts';
import { inParallel } from '../../../bench/support/parallel.ts';
import { previousRelease } from '../../../scripts/keep-build.mjs';
import { mixOf, previousClient } from '../../support/builds.ts';
import { seeded } from '../../support/rng.ts';
import { compare, makeRooms } from '../../support/system-compare.ts';
import { countingTransport, type Phone, signIn, Traffic } from '../../support/system-crowd.ts';
import { ServiceProcess, temporaryFolder } from '../../support/system-service.ts';
import { Talk } from '../../support/system-talk.ts';

const SEED = Number(process.env['SEED'] ?? 20_261_127);
/** Forward part by part in both orders, back in both orders, and forward again: Worker, user objects, conversations. */
const ROUTE = ['PPP', 'TPP', 'TTP', 'TPT', 'TTT', 'PTT', 'PTP', 'PPT', 'PPP', 'TTT'];
const PEOPLE = 8;
/** What a release did wrong and later ones don't: `crash.test.ts` holds today's to it. */
const FAULTS: Readonly<Record<string, RegExp>> = { '0.1.0': /^a mark of oneself went back/ };

test('P1 P2 P3 P4 P5 P6: killed at each step of deploys and of going back, it loses, repeats and reorders nothing', async () => {
  using folder = temporaryFolder();
  const rng = seeded(SEED);
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: JSON.stringify({ authRate: 1000 }) };
  const [first = 'PPP', ...steps] = ROUTE;
  let service = await ServiceProcess.start({ data: folder.path, env, mix: mixOf(first) });
  const { url, port } = service;
  const watcher = new Watcher();
  const traffic = new Traffic();
  const transport = countingTransport(traffic);
  const people = Array.from({ length: PEOPLE }, (_, i) => `person${i}`);
  const old = await previousClient();
  const join = (who: string, device: string, limit: number, client = {}): Promise<Phone> =>
    signIn({ url, issuer, rng, transport, ...client }, who, device, limit);
  // Every second page is as old as the service was in the beginning.
  const phones = await inParallel(4, people, (who) =>
    join(who, 'phone', 500, Number(who.at(-1)) % 2 === 0 ? old : {}),
  );
  phones.push(...(await inParallel(4, people.slice(0, 2), (who) => join(who, 'tablet', 5))));
  try {
    const pairs = people.flatMap((_, i) => (i % 2 === 0 ? [people.slice(i, i + 2)] : []));
    const rooms = await makeRooms([...pairs, people.slice(1, 5), [...people]], phones);
    const quiet = await makeRooms(
      steps.map((_, i) => [people[i % PEOPLE] ?? '', people[(i + 3) % PEOPLE] ?? '']).slice(0, PEOPLE),
      phones,
    );
    for (const { client } of phones) {
      watcher.watch(client);
      traffic.watch(client);
      client.start();
    }
    await Promise.all(phones.map(({ client }) => client.online()));

    const talk = new Talk(phones, rooms, rng);
    for (const [step, letters] of steps.entries()) {
      await pause(rng.int(100, 600));
      // Where nobody speaks afterwards, nothing that comes later shows that something is missing.
      const room = quiet[step];
      if (room) talk.say(rng.pick(room.phones), room);
      await traffic.nextSend();
      await pause(rng.int(0, 4));
      await service.kill();
      traffic.forget();
      service = await ServiceProcess.start({ data: folder.path, port, env, mix: mixOf(letters) });
    }
    await talk.stop();

    expect(talk.failures).toEqual([]);
    let entries = 0;
    for (const room of [...rooms, ...quiet]) {
      const reader = await join(room.phones[0]?.who ?? '', 'reader', 500);
      entries += await compare(room, talk, reader);
    }
    expect(entries).toBe(talk.acked.length);
    const fault = FAULTS[(await previousRelease()).version];
    expect(watcher.violations.filter((violation) => !fault?.test(violation))).toEqual([]);
    console.log(
      `seed ${SEED}: ${steps.length} steps; ${entries} messages, ${traffic.resends} resends; ` +
        `${watcher.reconnects} reconnects, ${watcher.deliveries} deliveries`,
    );
    // A run in which nothing was at stake proves nothing.
    expect(entries).toBeGreaterThan(steps.length * 30);
    expect(traffic.resends).toBeGreaterThan(steps.length / 2);
  } finally {
    for (const { client } of phones) client.close();
    await service.end();
  }
});
