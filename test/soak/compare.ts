import { isDeepStrictEqual } from 'node:util';
import {
  type Client,
  type ConversationHandle,
  deliveryOf,
  type Observable,
  type TimelineItem,
} from '../../client/index.ts';
import { type LogEntry, wholeLog } from '../support/system-crowd.ts';
import type { Room } from './crowd.ts';
import type { Device } from './device.ts';

/** How long things may take to settle once nothing happens to the service any more, in ms; only to end what hangs. */
const SETTLE_MS = 240_000;

/** Resolves to true when `done`, looked at after every change of these; to false when it didn't come in time. */
function settles(observables: readonly Observable<unknown>[], done: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const offs = observables.map((observable) => observable.subscribe(look));
    const late = setTimeout(() => finish(false), SETTLE_MS);
    look();
    function look(): void {
      if (done()) finish(true);
    }
    function finish(result: boolean): void {
      clearTimeout(late);
      for (const off of offs) off();
      resolve(result);
    }
  });
}

/** Nothing waits any more on any device. */
export async function allSent(devices: readonly Device[], rooms: readonly Room[]): Promise<string[]> {
  const stuck = devices.map(async ({ name, client }) => {
    const mine = rooms.filter((room) => room.devices.some((device) => device.name === name));
    const infos = mine.map(({ id }) => client.conversation(id).info);
    const idle = (): boolean => infos.every((info) => info.get()?.waiting === 0);
    const done = await settles([client.connection, ...infos], idle);
    return done ? [] : [`${name} still has something to send`];
  });
  return (await Promise.all(stuck)).flat();
}

/** One conversation: what was said against the log, and every device against the log. */
export async function compare({ id, devices }: Room): Promise<string[]> {
  const [reader] = devices;
  if (!reader) return [];
  const log = await wholeLog(reader, id);
  const wrong = againstSaid(id, log, devices);
  const shown = await Promise.all(devices.map((device) => againstDevice(device, id, log)));
  return [...wrong, ...shown.flat()];
}

/** Exactly once, in the order of each device, numbered without a gap, as it was changed last. */
function againstSaid(id: string, log: readonly LogEntry[], devices: readonly Device[]): string[] {
  const wrong: string[] = [];
  if (log.some(({ seq }, i) => seq !== i + 1)) wrong.push(`${id}: the log is not 1, 2, 3, …`);
  const messages = log.filter(({ type }) => type === 'message');
  for (const { name, said } of devices) {
    const mine = said.filter(({ room }) => room === id);
    const ids = new Set(mine.map(({ clientId }) => clientId));
    const stored = messages.filter(({ clientId }) => ids.has(clientId ?? ''));
    const expected = mine.map(({ clientId, text }) => ({ clientId, text }));
    const found = stored.map(({ clientId, content }) => ({ clientId, text: content?.text }));
    if (!isDeepStrictEqual(found, expected))
      wrong.push(
        `${id}: ${name} said ${expected.length}, ${found.length} are stored: ${first(expected, found)}`,
      );
    const numbers = new Map(stored.map(({ clientId, seq }) => [clientId, seq]));
    const moved = mine.filter(({ clientId, seq }) => seq !== undefined && seq !== numbers.get(clientId));
    if (moved.length > 0) wrong.push(`${id}: ${moved.length} of ${name} are not where their ack said`);
  }
  const said = devices.flatMap((device) => device.said.filter(({ room }) => room === id)).length;
  if (messages.length !== said) wrong.push(`${id}: ${said} were said, ${messages.length} are stored`);
  return wrong;
}

/** What a device shows once everything is loaded: the log, read, with nothing that waits. */
async function againstDevice(device: Device, id: string, log: readonly LogEntry[]): Promise<string[]> {
  const { name, user, client } = device;
  const room = client.conversation(id);
  const expected = log.filter(({ type }) => type === 'message').map(asShown);
  const off = room.timeline.subscribe(() => {});
  try {
    if (!(await loaded(room))) return [`${id}: ${name} could not load all of it`];
    const shown = (): unknown[] => room.timeline.get().items.map(asShown);
    const same = (): boolean => isDeepStrictEqual(shown(), expected);
    if (!(await settles([room.timeline], same)))
      return [`${id}: ${name} shows ${shown().length} of ${expected.length}: ${first(expected, shown())}`];
    room.read();
    return [...(await ticks(device, room)), ...(await listed(client, id, log, `${name} (${user})`))];
  } finally {
    off();
  }
}

/** Pages until there is nothing before the first item and no gap. */
async function loaded(room: ConversationHandle): Promise<boolean> {
  const late = Date.now() + SETTLE_MS;
  for await (const { items, ready, loading, start } of room.timeline) {
    if (Date.now() > late) return false;
    if (!ready || loading) continue;
    const gap = items.find(({ type }) => type === 'gap');
    if (gap?.type === 'gap') await room.fill(gap, 'start');
    else if (!start) await room.loadOlder();
    else return true;
  }
  return false;
}

/** Everybody reads everything, so each own message ends as read by all. */
async function ticks({ name, user, sends }: Device, room: ConversationHandle): Promise<string[]> {
  const own = (item: TimelineItem): boolean => item.type === 'message' && item.from === user;
  const last = room.timeline.get().items.findLast(own);
  if (last?.type !== 'message') return [];
  const delivery = (): string => deliveryOf(last, room.timeline.get().reached);
  if (!(await settles([room.timeline], () => delivery() === 'read')))
    return [`${room.id}: message ${last.seq} is ${delivery()} on ${name}`];
  const states = sends
    .filter(({ said }) => said.room === room.id)
    .map(({ send }) => send.state.get().name)
    .filter((state) => state !== 'read');
  return states.length === 0 ? [] : [`${room.id}: sends of ${name} are ${[...new Set(states)].join(', ')}`];
}

/** The line in the list of conversations. */
async function listed(client: Client, id: string, log: readonly LogEntry[], name: string): Promise<string[]> {
  const find = () => client.conversations.get().items.find((item) => item.id === id);
  const last = log.findLast(({ type }) => type === 'message')?.seq;
  const right = (): boolean => {
    const item = find();
    return (
      item?.head === log.length &&
      item.last?.seq === last &&
      item.unread === 0 &&
      item.waiting === 0 &&
      item.failed === 0
    );
  };
  if (await settles([client.conversations], right)) return [];
  const { head, last: line, unread, waiting, failed } = find() ?? {};
  return [`${id}: listed on ${name} as ${JSON.stringify({ head, line, unread, waiting, failed })}`];
}

/** What of a message must be the same everywhere. */
function asShown(item: LogEntry | TimelineItem): unknown {
  if (item.type !== 'message') return item.type;
  const { seq, from, clientId, content, reactions = {} } = item as Partial<LogEntry>;
  const emoji = Object.entries(reactions).filter(([, users]) => users.length > 0);
  return { seq, from, clientId, text: content?.text, emoji: emoji.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

/** The first difference, for whoever reads the violation. */
function first(expected: readonly unknown[], found: readonly unknown[]): string {
  const at = expected.findIndex((one, i) => !isDeepStrictEqual(one, found[i]));
  const i = at === -1 ? expected.length : at;
  return `at ${i} ${JSON.stringify(found[i])} instead of ${JSON.stringify(expected[i])}`;
}
