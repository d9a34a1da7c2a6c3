import type { Session } from '../../schema/protocol/http-auth.ts';
import { inParallel, sleep, until } from '../support/parallel.ts';
import { converse, directs } from '../support/service.ts';
import { Device } from './device.ts';
import { type Amount, type Lane, pump } from './pump.ts';

/** One part of a workload: the machine's speed is measured before and after each. */
export interface Slice {
  /** Acknowledged, delivered or caught up. */
  readonly messages: number;
  readonly seconds: number;
  /** Milliseconds until each acknowledgement. */
  readonly acks: readonly number[];
}

export interface Workload {
  slice(): Promise<Slice>;
  /** Ends it. @returns what was lost, repeated, out of order or refused. */
  finish(): Promise<string[]>;
}

/** However slow the machine: a slice ends. */
const LIMIT_MS = 120_000;
const CONNECTING = 10;

interface Expected {
  readonly device: Device;
  readonly conversation: string;
  readonly head: number;
}

const connect = (url: string, sessions: readonly Session[]): Promise<Device[]> =>
  inParallel(CONNECTING, sessions, (session) => Device.connect(url, session));

const arrived = (expected: readonly Expected[]): Promise<boolean> =>
  until(() => expected.every((e) => e.device.head(e.conversation) >= e.head), 30_000);

async function settle(expected: readonly Expected[], devices: readonly Device[]): Promise<string[]> {
  await arrived(expected);
  // What comes twice may come late.
  await sleep(300);
  const missing = expected.filter((e) => e.device.head(e.conversation) < e.head);
  for (const device of devices) device.close();
  return [
    ...devices.flatMap((device) => device.violations),
    ...missing.map((e) => `only ${e.device.head(e.conversation)} of ${e.head} arrived`),
  ];
}

/** Two people each; one of them writes. The rate is that of acknowledgements. */
export async function pairs(
  url: string,
  sessions: readonly Session[],
  window: number,
  amount: Amount,
): Promise<Workload> {
  const half = sessions.length >> 1;
  const couples = sessions.slice(0, half).map((s, i) => [s, sessions[half + i] as Session] as const);
  const conversations = await directs(url, couples);
  const devices = await connect(url, sessions.slice(0, 2 * half));
  const lanes = conversations.map(
    (conversation, i): Lane => ({ device: devices[i] as Device, conversation, n: 0 }),
  );
  const expected = (): Expected[] =>
    lanes.flatMap(({ device, conversation, n: head }, i) =>
      [device, devices[half + i] as Device].map((at) => ({ device: at, conversation, head })),
    );
  return {
    slice: async () => {
      const { acks, seconds } = await pump(lanes, window, amount, LIMIT_MS);
      await arrived(expected());
      return { messages: acks.length, seconds, acks };
    },
    finish: () => settle(expected(), devices),
  };
}

/** Everybody is connected, one writes. The rate is that of deliveries. */
export async function group(
  url: string,
  sessions: readonly Session[],
  window: number,
  count: number,
): Promise<Workload> {
  const conversation = await converse(url, 'group', sessions, 'load');
  const devices = await connect(url, sessions);
  const lane: Lane = { device: devices[0] as Device, conversation, n: 0 };
  let last = 0;
  for (const device of devices)
    device.onEntry = () => {
      last = performance.now();
    };
  const expected = (): Expected[] => devices.map((device) => ({ device, conversation, head: lane.n }));
  const received = (): number => devices.reduce((sum, device) => sum + device.received, 0);
  return {
    slice: async () => {
      const before = received();
      const begin = performance.now();
      const { acks } = await pump([lane], window, { count, ms: LIMIT_MS }, LIMIT_MS);
      await arrived(expected());
      return { messages: received() - before, seconds: (last - begin) / 1000, acks };
    },
    finish: () => settle(expected(), devices),
  };
}

/**
 * One person's device goes, everybody else writes `each` messages to them, and it comes back: in every slice from the
 * same standing, as another of their devices would. The rate is from the start of the connection to the last message.
 */
export async function comeback(url: string, sessions: readonly Session[], each: number): Promise<Workload> {
  const [me, ...others] = sessions as [Session, ...Session[]];
  const conversations = await directs(
    url,
    others.map((other) => [me, other] as const),
  );
  const first = await Device.connect(url, me);
  const standing = { ...first.standing, cursor: first.standing.cursor ?? 0 };
  first.close();
  await sleep(500);
  const senders = await connect(url, others);
  const lanes = senders.map(
    (device, i): Lane => ({ device, conversation: conversations[i] as string, n: 0 }),
  );
  await pump(lanes, 16, { count: each, ms: LIMIT_MS }, LIMIT_MS);
  const violations = await settle(
    lanes.map((lane) => ({ ...lane, head: each })),
    senders,
  );
  return {
    slice: async () => {
      let last = Number.NaN;
      const begin = performance.now();
      const back = await Device.connect(url, me, standing, () => {
        last = performance.now();
      });
      const expected = conversations.map((conversation) => ({ device: back, conversation, head: each }));
      violations.push(...(await settle(expected, [back])));
      return { messages: back.received, seconds: (last - begin) / 1000, acks: [] };
    },
    finish: async () => violations,
  };
}
