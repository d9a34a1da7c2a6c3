import type { Device } from './device.ts';
import { reactionsText } from './device-log.ts';
import { must } from './failure.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;
/** More events than this before it is quiet: something goes round in circles. */
const MOST_EVENTS = 200_000;

/** The quiet end: faults stop, alarms and timers run, every device connects; then everything promised must be there. */
export function theEnd(world: World): void {
  world.faults.stop();
  // The device that never confirmed does so now: until then it isn't owed more than its window.
  for (const device of world.devices) for (const id of device.logs.keys()) device.confirm(id, false);
  const rung = new Map(world.created().map((c) => [c, c.rung]));
  quiet(world, 'after the faults');
  for (const [c, before] of rung)
    must(
      !world.faults.none || c.rung - before <= 2,
      'P4',
      () => `${c.name} was woken ${c.rung - before} times after the last message`,
    );
  for (const device of world.devices) if (device.online) complete(world, device, 'connected all along');
  for (const device of world.devices) {
    device.connect();
    if (world.rng.chance(0.5)) world.clock.advance(world.rng.int(0, 3_000));
  }
  quiet(world, 'after all connected');
  for (const device of world.devices) {
    must(device.online, 'P4', () => `${device.id} can not connect`);
    must(device.sends.open === 0, 'P1', () => `${device.id} has sends without an answer`);
    complete(world, device, 'at the end');
    for (let pulls = 0; device.pullGap(); pulls++) {
      must(pulls < 1_000, 'P4', () => `${device.id}: a gap can not be filled`);
      quiet(world, 'after a pull');
    }
    whole(world, device);
  }
  for (const c of world.created()) {
    c.truth.unchanged();
    world.checks.marksKept(c.name);
  }
  withinBudget(world);
  nothingToWakeFor(world);
}

/** Entries travel about once to each device; with faults a few times. */
function withinBudget(world: World): void {
  let entries = 0;
  for (const { truth } of world.created()) {
    const users = new Set([...truth.members].map((m) => m.user));
    entries += truth.head * world.devices.filter((d) => users.has(d.user)).length;
  }
  const { toDevices } = world.delivered;
  const most = (world.faults.none ? 1 : 3) * entries;
  must(toDevices <= most, 'P4', () => `${toDevices} entries went to devices, ${most} are enough`);
}

/** Cold objects that are asked something call nobody, and no phone rings. */
function nothingToWakeFor(world: World): void {
  for (const object of [...world.users, ...world.conversations.values()]) if (object.idle) object.evict();
  const before = { ...world.delivered };
  for (const device of world.devices) device.request({ op: 'list', limit: 100 }, () => {});
  quiet(world, 'after a look at the lists');
  const { calls, toDevices } = world.delivered;
  must(
    calls === before.calls && toDevices === before.toDevices,
    'P4',
    () =>
      `a look at the lists makes ${calls - before.calls} calls, ${toDevices - before.toDevices} entries go out`,
  );
}

/** Nothing left to do: no call, no timer, no alarm. */
function quiet(world: World, when: string): void {
  const done = world.clock.drain(world.clock.now + 24 * HOUR, MOST_EVENTS);
  if (world.bugs.length > 0) throw world.bugs[0];
  must(done, 'P4', () => `not quiet ${when}: ${world.clock.waiting} events wait`);
}

/** P4: the device has everything its user may see, or an explicit gap; nothing waits for what will not come. */
function complete(world: World, device: Device, when: string): void {
  const prefs = world.user(device.user).prefs();
  for (const { name } of world.created(device.user)) {
    const [mine, kept] = [device.prefs.get(name) ?? '', prefs.get(name) ?? ''];
    must(mine === kept, 'P4', () => `${device.id} has ${name} as "${mine}", kept is "${kept}", ${when}`);
  }
  // What was read on one device is read on all.
  for (const { name, truth } of world.created(device.user)) {
    const [mine, kept] = [device.read.get(name) ?? 0, truth.marks().get(device.user)?.read ?? 0];
    must(
      mine >= kept || owed(world, device, name, kept),
      'P6',
      () => `${device.id} has ${name} read up to ${mine}, not ${kept}, ${when}`,
    );
  }
  for (const { name, truth } of world.created(device.user)) {
    must(device.told.has(name), 'P4', () => `${device.id} was not told of ${name}, ${when}`);
    const log = device.log(name);
    must(
      log.last === truth.head,
      'P4',
      () => `${device.id} has ${log.last} of ${truth.head} in ${name}, ${when}`,
    );
  }
  for (const { name, truth } of world.created()) {
    const member = truth.member(device.user);
    const log = device.logs.get(name);
    if (member?.ended === undefined || member.shunned || !log || log.last === 0) continue;
    must(
      log.ended === member.ended || log.unlisted,
      'P4',
      () =>
        `${device.id} was not told that ${name} ended with ${member.ended} (has ${log.last}, end ${log.ended}), ${when}`,
    );
  }
}

/**
 * A crash forgets to which lines a mark was told, and a line may have been dead. The one who read says it again with its
 * next connection, and only then do the others hear of it. Until it has come back they can't be asked for it.
 */
function owed(world: World, { user }: Device, conversation: string, read: number): boolean {
  if (!world.user(user).hasCrashed) return false;
  return world.devices.some((d) => d.user === user && !d.online && d.saysAgain(conversation) >= read);
}

/** P4: with its gaps filled, the device shows the messages the conversation shows, in the same state. */
function whole(world: World, device: Device): void {
  for (const node of world.created(device.user)) {
    const log = device.log(node.name);
    must(log.gaps.size === 0, 'P4', () => `${device.id} has gaps in ${node.name} that no pull fills`);
    must(log.entries.size === node.truth.head, 'P4', () => `${device.id} misses entries in ${node.name}`);
    const present = log.present();
    for (const message of history(world, device, node.name)) {
      const mine = present.get(message.seq);
      const reactions = reactionsText(Object.entries(message.reactions ?? {}));
      must(
        JSON.stringify(mine?.content) === JSON.stringify(message.content) && mine?.reactions === reactions,
        'P4',
        () =>
          `${device.id} shows ${message.seq} of ${node.name} as ${JSON.stringify(mine)}, not ${JSON.stringify(message)}`,
      );
    }
  }
}

interface Shown {
  readonly seq: number;
  readonly content: unknown;
  readonly reactions?: Record<string, string[]>;
}

function history(world: World, device: Device, conversation: string): Shown[] {
  let body: string | undefined;
  const request = { op: 'history', conversation, view: 'messages', limit: 100_000 } as const;
  device.request(request, (answer) => {
    body = answer?.ok ? answer.body : undefined;
  });
  quiet(world, 'after reading history');
  must(body !== undefined, 'P4', () => `${device.id} can not read ${conversation}`);
  return (JSON.parse(body) as { messages: Shown[] }).messages;
}
