import type { ConversationNode } from './conversation-node.ts';
import type { Device } from './device.ts';
import type { UserNode } from './user-node.ts';
import type { World } from './world.ts';

/** What people do and what goes wrong, one step at a time. */
export type Action = (world: World) => void;

const someone = (world: World): Device => world.rng.pick(world.devices);

/** A device that is connected, where there is one. */
function connected(world: World): Device {
  const open = world.devices.filter((d) => d.line);
  return open.length > 0 ? world.rng.pick(open) : someone(world);
}

const ignore = (): void => {};

function talk(world: World): void {
  const device = connected(world);
  const rooms = world.created(device.user);
  if (rooms.length === 0) return create(world);
  const { name } = world.rng.pick(rooms);
  const many = world.rng.chance(world.padding ? 0.4 : 0.1) ? world.rng.int(5, 15) : world.rng.int(1, 2);
  for (let i = 0; i < many; i++) device.sends.say(name);
}

function change(world: World): void {
  const { rng } = world;
  const device = connected(world);
  const rooms = [...device.logs].filter(([, log]) => log.last > 0);
  if (rooms.length === 0) return;
  const [conversation, log] = rng.pick(rooms);
  const messages = [...log.entries.values()].filter((e) => e.type === 'message');
  if (messages.length === 0) return;
  const { seq } = rng.pick(messages);
  const clientId = device.sends.otherId();
  const kind = rng.int(0, 3);
  if (kind === 0) return device.sends.send(conversation, { type: 'delete', clientId, seq });
  if (kind === 1) {
    const content = { kind: 'text', text: `edit ${clientId}` };
    return device.sends.send(conversation, { type: 'edit', clientId, seq, content });
  }
  const emoji = rng.pick(['+1', 'heart']);
  device.sends.send(conversation, { type: 'react', clientId, seq, emoji, on: rng.chance(0.7) });
}

function sendOverHttp(world: World): void {
  const device = someone(world);
  const rooms = world.created(device.user);
  if (rooms.length === 0) return;
  const { name } = world.rng.pick(rooms);
  const clientId = device.sends.otherId();
  const content = { kind: 'text', text: `says ${clientId}` };
  const message = { type: 'message', clientId, content } as const;
  const send = (tries: number): void =>
    device.request({ op: 'send', conversation: name, message }, (answer) => {
      if (answer?.ok) {
        const { seq, at } = JSON.parse(answer.body) as { seq: number; at: number };
        world.checks.acked(device.user, name, clientId, seq, at);
      } else if (tries > 0) send(tries - 1);
    });
  send(2);
}

function read(world: World): void {
  const device = connected(world);
  const rooms = [...device.logs.keys()];
  if (rooms.length > 0) device.confirm(world.rng.pick(rooms), true);
}

/** Each change is told apart by its time, which the network may bring twice or late. */
function prefs(world: World): void {
  const { rng } = world;
  const device = someone(world);
  const rooms = world.created(device.user);
  if (rooms.length === 0) return;
  const { name: conversation } = rng.pick(rooms);
  const change = {
    ...(rng.chance(0.5) ? { pinned: rng.chance(0.6) } : {}),
    ...(rng.chance(0.5)
      ? { mutedUntil: rng.chance(0.7) ? world.clock.now + rng.int(1, 1_000_000) : null }
      : {}),
    ...(rng.chance(0.3) ? { archived: rng.chance(0.6) } : {}),
    ...(rng.chance(0.5) ? { unread: rng.chance(0.8) } : {}),
  };
  device.request({ op: 'setPrefs', conversation, change }, (answer) => {
    if (answer?.ok) world.checks.prefs(device.user, conversation, JSON.parse(answer.body) as object);
  });
}

function create(world: World): void {
  const { rng } = world;
  const device = someone(world);
  const others = world.users.map((u) => u.name).filter((name) => name !== device.user);
  const direct = rng.chance(0.5);
  const members = direct ? [rng.pick(others)] : others.filter(() => rng.chance(0.7));
  const kind = direct ? 'direct' : 'group';
  if (world.created().length < 5) device.request({ op: 'create', kind, mode: 'server', members }, ignore);
}

function members(world: World): void {
  const { rng } = world;
  const device = someone(world);
  const groups = world.created(device.user).filter((c) => c.name.startsWith('g_'));
  if (groups.length === 0) return;
  const conversation = rng.pick(groups).name;
  const user = rng.pick(world.users).name;
  switch (rng.int(0, 5)) {
    case 0:
    case 1:
      return device.request({ op: 'removeMember', conversation, user }, ignore);
    case 2:
      return device.request({ op: 'rename', conversation, title: `title ${world.id()}` }, ignore);
    case 3:
      return device.request(
        { op: 'setMember', conversation, user, role: rng.pick(['owner', 'admin', 'member']) },
        ignore,
      );
    default:
      return device.request({ op: 'setMember', conversation, user }, ignore);
  }
}

function block(world: World): void {
  const { rng } = world;
  const device = someone(world);
  const { name: user } = rng.pick(world.users);
  if (user === device.user) return;
  const pair = `${device.user} ${user}`;
  const on = rng.chance(0.6);
  // Once it was lifted, a late repeat of one call may follow the other, so that only blocks never lifted are checked.
  if (!on) world.lifted.add(pair);
  if (!on) world.checks.blocked.delete(pair);
  device.request({ op: 'block', user, on }, (answer) => {
    if (answer?.ok && on && !world.lifted.has(pair)) world.checks.blocked.add(pair);
  });
  world.blocking.add(pair);
}

function connect(world: World): void {
  const { rng } = world;
  const away = world.devices.filter((d) => !d.line);
  if (away.length > 0) rng.pick(away).connect(rng.chance(0.3) ? rng.int(1, 5) : undefined);
}

function drop(world: World): void {
  const { rng, faults } = world;
  const { line } = connected(world);
  if (!line?.alive) return;
  const seen = rng.chance(0.5);
  faults.count(seen ? 'dropSeen' : 'dropUnseen');
  // A device with a silent line notices by its heartbeat.
  line.cut(seen ? rng.int(0, 500) : undefined, rng.pick([50, 500, 5_000, 40_000]));
}

function slow(world: World): void {
  const { line } = connected(world);
  if (!line) return;
  world.faults.count('slowReader');
  line.slowness = world.rng.pick([0, 500, 4_000, 9_000]);
}

function crash(
  world: World,
  object: UserNode | ConversationNode,
  kind: 'userCrash' | 'conversationCrash',
): void {
  const { rng, faults } = world;
  faults.count(kind);
  const committed = rng.chance(0.5);
  if (!object.gate.idle) faults.count(committed ? 'crashAfterCommit' : 'crashBeforeCommit');
  object.crash(committed);
}

const crashUser: Action = (world) => crash(world, world.rng.pick(world.users), 'userCrash');

const crashConversation: Action = (world) => {
  const created = world.created();
  if (created.length > 0) crash(world, world.rng.pick(created), 'conversationCrash');
};

/** Objects with nothing to do leave memory; a user's sockets stay. */
function rest(world: World): void {
  const { rng, faults } = world;
  for (const user of world.users) {
    if (!user.inMemory || !user.idle || rng.chance(0.3)) continue;
    faults.count('userHibernation');
    user.evict();
  }
  for (const conversation of world.created()) {
    if (!conversation.inMemory || !conversation.idle || rng.chance(0.3)) continue;
    faults.count('conversationEviction');
    conversation.evict();
  }
}

function restart(world: World): void {
  world.faults.count('restart');
  for (const object of [...world.users, ...world.conversations.values()]) object.crash(world.rng.chance(0.5));
}

const stepBack: Action = (world) => {
  world.faults.count('clockBack');
  world.step(-3_600_000);
};

const stepAhead: Action = (world) => {
  world.faults.count('clockAhead');
  world.step(3_600_000);
};

function cancel(world: World): void {
  const away = world.devices.filter((d) => !d.line);
  if (world.cancels && away.length > 0) world.rng.pick(away).cancel();
}

const wait =
  (least: number, most: number): Action =>
  (world) =>
    world.clock.advance(world.rng.int(least, most));

/** Weights; each run leaves some out, so that runs differ in kind and not only in order. */
export const ACTIONS: readonly (readonly [action: Action, weight: number, always: boolean])[] = [
  [talk, 22, true],
  [connect, 22, true],
  [wait(100, 2_000), 8, true],
  [wait(5_000, 20_000), 4, false],
  [wait(60_000, 150_000), 1, false],
  [create, 3, true],
  [change, 8, false],
  [sendOverHttp, 3, false],
  [read, 4, false],
  [prefs, 6, false],
  [members, 6, false],
  [block, 3, false],
  [(world) => connected(world).disconnect(), 4, false],
  [drop, 10, false],
  [slow, 4, false],
  [crashUser, 10, false],
  [crashConversation, 5, false],
  [rest, 10, false],
  [restart, 1, false],
  [cancel, 6, true],
  [stepBack, 1, false],
  [stepAhead, 1, false],
];

/** What goes wrong, as against what people do and objects may. */
export const FAULTS: ReadonlySet<Action> = new Set([
  drop,
  slow,
  crashUser,
  crashConversation,
  restart,
  stepBack,
  stepAhead,
]);
/** The same, lines to devices left out. */
export const BESIDES_LINES: ReadonlySet<Action> = new Set([
  crashUser,
  crashConversation,
  restart,
  stepBack,
  stepAhead,
]);
