import {
  createTestServer,
  createVirtualClock,
  type TestServer,
  type VirtualClock,
} from '../../../client/testing/index.ts';
import { seeded } from '../../unit/client/fake-clock.ts';
import { Device } from './program.ts';

export interface ClientWorld {
  readonly clock: VirtualClock;
  readonly server: TestServer;
  readonly devices: readonly Device[];
  readonly conversations: readonly string[];
  /** What happened, for the guard that something did. */
  readonly counts: Record<string, number>;
}

/**
 * Real clients on a line with every fault: frames that take the line with them, repeats, delays, refusals, tokens that
 * run out, sockets that don't get through, a service that is away; tabs that are opened, closed and killed, also all of
 * a device with a full outbox. Everything follows from the seed.
 */
export async function runClients(seed: number, steps: number): Promise<ClientWorld> {
  const random = seeded(seed);
  /** For what changes nothing of the rest. */
  const aside = seeded(seed + 1_000_000);
  const clock = createVirtualClock();
  const server = createTestServer({ clock, seed, limits: { sendRate: 1000, sendBurst: 1000 } });
  const people = ['ada', 'ben', 'cyd'].map((handle) => server.addUser({ handle }));
  const ids = people.map(({ user }) => user.id);
  const conversations = [
    server.addConversation({ kind: 'direct', members: ids.slice(0, 2) }).id,
    server.addConversation({ kind: 'group', members: ids, title: 'all' }).id,
    server.addConversation({ kind: 'group', members: ids, title: 'more' }).id,
  ];
  const devices = people.map((who) => new Device({ clock, server }, who, random));
  const second = people[0];
  if (second) devices.push(new Device({ clock, server }, server.addDevice(second.user.id), random));
  const counts: Record<string, number> = {};
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  for (const device of devices) device.open();
  await clock.advance(500);
  const rates = { drop: 0.02, duplicate: 0.05, delay: 150, refuse: 0.05, expire: 0.01 };
  server.faults.set(rates);

  const acts: readonly [number, string, (device: Device) => void | Promise<void>][] = [
    [45, 'say', (device) => say(device)],
    [10, 'read', (device) => pick(device.tabs)?.client.conversation(pick(conversations)).read()],
    [6, 'look', (device) => look(device)],
    [
      5,
      'open',
      (device) => {
        if (device.tabs.length < 3) device.open();
      },
    ],
    [5, 'close', (device) => end(device, false)],
    [5, 'kill', (device) => end(device, true)],
    [3, 'reload all', (device) => reload(device)],
    [4, 'cut', (device) => server.faults.disconnect(device.who.user.id)],
    [2, 'silence', (device) => server.faults.silence(device.who.user.id)],
    [2, 'away', () => away()],
    [1, 'block sockets', () => server.faults.blockWebSockets(random() < 0.5)],
    [2, 'wake', (device) => pick(device.tabs)?.client.wake()],
    [4, 'cancel', (device) => cancel(device)],
    [6, 'pass', () => clock.advance(random() * 5000)],
  ];
  const total = acts.reduce((sum, [weight]) => sum + weight, 0);

  for (let i = 0; i < steps; i++) {
    let at = random() * total;
    const act = acts.find(([weight]) => {
      at -= weight;
      return at < 0;
    });
    if (!act) break;
    if (aside() < 0.05) letGo();
    counts[act[1]] = (counts[act[1]] ?? 0) + 1;
    await act[2](pick(devices));
    if (random() < 0.4) await clock.advance(random() * 80);
  }

  // Calm again: whatever is still on its way has time to arrive.
  server.faults.calm();
  for (const device of devices) if (device.tabs.length === 0) device.open();
  for (const { client } of devices.flatMap(({ tabs }) => tabs)) client.wake();
  await clock.advance(600_000);
  return { clock, server, devices, conversations, counts };

  function say(device: Device): void {
    const mine = conversations.filter((id) => id !== conversations[0] || device.who !== people[2]);
    for (let n = Math.floor(random() * 4); n >= 0; n--)
      device.say(Math.floor(random() * device.tabs.length), pick(mine), `${device.said.length}`);
  }

  function look(device: Device): void {
    const tab = pick(device.tabs);
    tab?.client.conversation(pick(conversations)).timeline.subscribe(() => {});
  }

  /** As an app does of what is far from the screen. */
  function letGo(): void {
    const tabs = devices.flatMap((device) => device.tabs);
    const tab = tabs[Math.floor(aside() * tabs.length)];
    const id = conversations[Math.floor(aside() * conversations.length)] ?? '';
    const from = Math.floor(aside() * 80);
    void tab?.client
      .conversation(id)
      .letGo({ from, to: from + Math.floor(aside() * 40) })
      .catch(() => {});
    counts['let go'] = (counts['let go'] ?? 0) + 1;
  }

  function end(device: Device, kill: boolean): void {
    if (device.tabs.length > 0) device.end(Math.floor(random() * device.tabs.length), kill);
    if (device.tabs.length === 0 && random() < 0.7) device.open();
  }

  function reload(device: Device): void {
    while (device.tabs.length > 0) device.end(0, random() < 0.7);
    device.open();
  }

  async function away(): Promise<void> {
    server.faults.down();
    for (let n = 0; n < 3; n++) say(pick(devices));
    await clock.advance(random() * 20_000);
    server.faults.up();
  }

  async function cancel(device: Device): Promise<void> {
    const said = device.said.at(-1);
    if (!device.tabs.some(({ number }) => number === said?.tab)) return;
    if (!said?.send.cancel() || !said.alone || device.tabs.length > 1) return;
    said.cancelled = true;
    // A program that dies at the moment it is told to take something back can't have kept that.
    await clock.advance(1);
  }
}
