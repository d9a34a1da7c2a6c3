import { setTimeout as pause } from 'node:timers/promises';
import { createIssuer } from '../../bench/support/issuer.ts';
import { OfficeProxy } from '../support/office-proxy.ts';
import { type Rng, seeded } from '../support/rng.ts';
import { ServiceProcess, temporaryFolder } from '../support/system-service.ts';
import { allSent, compare } from './compare.ts';
import { gather, type Room } from './crowd.ts';
import type { Device } from './device.ts';
import { Recovery } from './recovery.ts';

export interface SoakOptions {
  readonly seconds: number;
  /** Goes on until there were as many kills, also where starting the service takes long. Default 0. */
  readonly leastKills?: number;
  readonly seed: number;
  /** How long the service lives between two kills, at least and at most, in ms. */
  readonly life: readonly [number, number];
  /** Waits between tries of the clients are this share of what they are in real life. Default 1. */
  readonly haste?: number;
  readonly log?: (line: string) => void;
}

export interface SoakResult {
  readonly seed: number;
  readonly seconds: number;
  readonly devices: number;
  readonly conversations: number;
  readonly messages: number;
  /** Edits and reactions. */
  readonly changes: number;
  readonly kills: number;
  /** Sends without an acknowledgement at the moments of the kills. */
  readonly underWay: number;
  /** Sends that a retry found stored already. */
  readonly duplicates: number;
  readonly clientRestarts: number;
  readonly reconnects: number;
  readonly polls: number;
  /** From a kill until the service answered again, in ms. */
  readonly downtime: { readonly median: number; readonly slowest: number };
  /** From the first answer of a started service until all devices were online, in ms. */
  readonly recovery: { readonly median: number; readonly slowest: number };
  readonly slowestAck: number;
  /** Everything that must not happen, and did. */
  readonly violations: readonly string[];
}

/** Between two things a device does, in ms. */
const PACE_MS = 1200;
/** What somebody writes while there is no service. */
const FULL = 20;

/**
 * People talk through the SDK while the service is killed and started again on the same folder, and clients end and
 * start again with full outboxes. Ends by itself, with everything compared.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seconds, leastKills = 0, seed, life, haste = 1, log = () => {} } = options;
  using folder = temporaryFolder();
  const began = performance.now();
  const at = (): string => `${Math.round((performance.now() - began) / 1000)} s:`;
  const rng = seeded(seed);
  const issuer = createIssuer();
  const env = { ...issuer.variables, PARLEY_LIMITS: JSON.stringify({ authRate: 1000 }) };
  let service = await ServiceProcess.start({ data: folder.path, env });
  const { url, port } = service;
  const proxy = new OfficeProxy(() => port);
  const recovery = new Recovery();
  const online = (device: Device): void => recovery.online(device);
  const { devices, rooms } = await gather({ url, office: await proxy.listen(), issuer, rng, haste, online });
  const talks = devices.map((device) => talk(device, rooms, rng));
  const violations: string[] = [];
  const downtimes: number[] = [];
  let kills = 0;
  let underWay = 0;
  let clientRestarts = 0;
  try {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const lives = rng.int(...life);
      if (kills >= leastKills && performance.now() + lives > end) break;
      await pause(lives);
      // A send takes a few milliseconds from the socket to its acknowledgement: somewhere on that way.
      for (const device of devices) device.say(rng.pick(roomsOf(device, rooms)).id);
      await pause(rng.int(0, 30));
      underWay += devices.flatMap(({ sends }) => sends).filter(({ said }) => said.seq === undefined).length;
      recovery.end();
      await service.kill();
      const killed = performance.now();
      kills++;
      const [soon, late] = twoOf(devices, rng);
      for (const device of [soon, late]) {
        for (let i = 0; i < FULL; i++) device.say(rng.pick(roomsOf(device, rooms)).id);
        await device.close();
        clientRestarts++;
      }
      soon.open();
      await pause(rng.int(0, 2000));
      service = await ServiceProcess.start({ data: folder.path, port, env });
      downtimes.push(performance.now() - killed);
      recovery.begin(devices.filter(({ isOpen }) => isOpen));
      log(`${at()} kill ${kills}: ${devices.reduce((sum, { said }) => sum + said.length, 0)} messages`);
      await pause(rng.int(0, 1000));
      late.open();
    }
    await pause(Math.max(0, end - performance.now()));
    for (const stop of talks) stop();
    log(`${at()} nobody speaks any more`);
    violations.push(...(await allSent(devices, rooms)));
    recovery.end();
    log(`${at()} everything is sent`);
    for (const room of rooms) violations.push(...(await compare(room)));
    log(`${at()} compared`);
  } finally {
    for (const stop of talks) stop();
    await Promise.all(devices.map((device) => device.close()));
    proxy.close();
    await service.end();
  }
  violations.push(...devices.flatMap((device) => device.violations));
  const sum = (of: (device: Device) => number): number =>
    devices.reduce((total, device) => total + of(device), 0);
  return {
    seed,
    seconds: Math.round((performance.now() - began) / 1000),
    devices: devices.length,
    conversations: rooms.length,
    messages: sum(({ said }) => said.length),
    changes: sum(({ changes }) => changes),
    kills,
    underWay,
    duplicates: sum(({ duplicates }) => duplicates),
    clientRestarts,
    reconnects: sum(({ connects }) => connects) - devices.length,
    polls: proxy.polls,
    downtime: middleAndMost(downtimes),
    recovery: middleAndMost(recovery.times),
    slowestAck: Math.round(Math.max(...devices.map(({ slowestAck }) => slowestAck))),
    violations,
  };
}

const roomsOf = (device: Device, rooms: readonly Room[]): Room[] =>
  rooms.filter(({ devices }) => devices.includes(device));

/** A device writes, looks at conversations, and changes what it wrote, until it is told to stop. */
function talk(device: Device, rooms: readonly Room[], rng: Rng): () => void {
  const mine = roomsOf(device, rooms);
  const timer = setInterval(() => {
    if (!device.isOpen) return;
    const { id } = rng.pick(mine);
    const what = rng.next();
    if (what < 0.15) device.look(id);
    else if (what < 0.25) device.change();
    else for (let left = rng.int(1, 3); left > 0; left--) device.say(id);
  }, PACE_MS + rng.int(-200, 200));
  return () => clearInterval(timer);
}

function twoOf(devices: readonly Device[], rng: Rng): [Device, Device] {
  const one = rng.pick(devices);
  return [one, rng.pick(devices.filter((device) => device !== one))];
}

function middleAndMost(of: readonly number[]): { readonly median: number; readonly slowest: number } {
  const sorted = [...of].sort((a, b) => a - b);
  return {
    median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    slowest: Math.round(sorted.at(-1) ?? 0),
  };
}
