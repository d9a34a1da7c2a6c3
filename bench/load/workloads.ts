import type { Session } from '../../schema/protocol/http-auth.ts';
import { mean, percentile } from '../support/numbers.ts';
import { inParallel, sleep, until } from '../support/parallel.ts';
import { converse, directs } from '../support/service.ts';
import { Device } from './device.ts';

/** What a workload found. `rate` is the one number that counts: acknowledged, delivered or caught up per second. */
export interface Outcome {
  readonly rate: number;
  readonly messages: number;
  readonly seconds: number;
  /** Milliseconds until the acknowledgement. */
  readonly ack?: { readonly p50: number; readonly p99: number };
  readonly violations: string[];
}

const CONNECTING = 10;
/** However slow the machine: a workload ends. */
const LIMIT_MS = 180_000;

interface Lane {
  readonly device: Device;
  readonly conversation: string;
}

/** Every lane keeps `window` sends on their way until `count` were sent in it or `ms` are over. */
async function pump(
  lanes: readonly Lane[],
  window: number,
  { count, ms }: { readonly count: number; readonly ms: number },
): Promise<{ acks: number[]; seconds: number; sent: Map<string, number> }> {
  const acks: number[] = [];
  const sent = new Map<string, number>();
  const begin = performance.now();
  const end = begin + Math.min(ms, LIMIT_MS);
  let last = begin;
  let open = 0;
  for (const { device, conversation } of lanes) {
    let n = 0;
    const next = (): void => {
      if (n >= count || performance.now() >= end) return;
      n++;
      open++;
      sent.set(conversation, n);
      const at = performance.now();
      device.send(conversation, n, () => {
        last = performance.now();
        acks.push(last - at);
        open--;
        next();
      });
    };
    for (let i = 0; i < window; i++) next();
  }
  await until(() => open === 0 && (acks.length >= lanes.length * count || performance.now() >= end), LIMIT_MS);
  return { acks, seconds: (last - begin) / 1000, sent };
}

async function connect(url: string, sessions: readonly Session[]): Promise<Device[]> {
  return inParallel(CONNECTING, sessions, (session) => Device.connect(url, session));
}

/** Waits until everybody stands where they must, and says what is missing. */
async function settle(
  expected: readonly { readonly device: Device; readonly conversation: string; readonly head: number }[],
  devices: readonly Device[],
): Promise<string[]> {
  await until(() => expected.every((e) => e.device.head(e.conversation) >= e.head), 30_000);
  // What comes twice may come late.
  await sleep(300);
  const violations = devices.flatMap((device) => device.violations);
  for (const { device, conversation, head } of expected)
    if (device.head(conversation) < head)
      violations.push(`${conversation}: only ${device.head(conversation)} of ${head} arrived`);
  for (const device of devices) device.close();
  return violations;
}

const ackOf = (acks: readonly number[]): { p50: number; p99: number } => ({
  p50: percentile(acks, 0.5),
  p99: percentile(acks, 0.99),
});

/** Two people each; one of them writes. */
export async function pairs(
  url: string,
  sessions: readonly Session[],
  window: number,
  amount: { readonly count: number; readonly ms: number },
): Promise<Outcome> {
  const half = sessions.length >> 1;
  const couples = sessions.slice(0, half).map((s, i) => [s, sessions[half + i] as Session] as const);
  const conversations = await directs(url, couples);
  const devices = await connect(url, sessions.slice(0, 2 * half));
  await sleep(200);
  const lanes = conversations.map((conversation, i) => ({ device: devices[i] as Device, conversation }));
  const { acks, seconds, sent } = await pump(lanes, window, amount);
  const expected = conversations.flatMap((conversation, i) =>
    [devices[i] as Device, devices[half + i] as Device].map((device) => ({
      device,
      conversation,
      head: sent.get(conversation) ?? 0,
    })),
  );
  const violations = await settle(expected, devices);
  return { rate: acks.length / seconds, messages: acks.length, seconds, ack: ackOf(acks), violations };
}

/** Everybody is connected, one writes. The rate is that of deliveries. */
export async function group(
  url: string,
  sessions: readonly Session[],
  window: number,
  count: number,
): Promise<Outcome> {
  const conversation = await converse(url, 'group', sessions, 'load');
  const devices = await connect(url, sessions);
  await sleep(500);
  let last = 0;
  for (const device of devices) {
    device.onEntry = () => {
      last = performance.now();
    };
  }
  const begin = performance.now();
  const lane = { device: devices[0] as Device, conversation };
  const { acks } = await pump([lane], window, { count, ms: LIMIT_MS });
  const expected = devices.map((device) => ({ device, conversation, head: acks.length }));
  const violations = await settle(expected, devices);
  const seconds = (last - begin) / 1000;
  const deliveries = devices.reduce((sum, device) => sum + device.received, 0);
  return { rate: deliveries / seconds, messages: deliveries, seconds, ack: ackOf(acks), violations };
}

/** One person's device goes, everybody else writes to them, and it comes back, several times from the same standing. */
export async function comeback(
  url: string,
  [me, ...others]: readonly Session[],
  each: number,
  times: number,
): Promise<Outcome> {
  if (!me) throw new Error('nobody to come back');
  const conversations = await directs(url, others.map((other) => [me, other] as const));
  const first = await Device.connect(url, me);
  await sleep(200);
  const standing = { ...first.standing, cursor: first.standing.cursor ?? 0 };
  first.close();
  await sleep(500);
  const senders = await connect(url, others);
  const lanes = senders.map((device, i) => ({ device, conversation: conversations[i] as string }));
  const { acks } = await pump(lanes, 16, { count: each, ms: LIMIT_MS });
  const violations = await settle([], senders);
  const took: number[] = [];
  const total = others.length * each;
  if (acks.length !== total) violations.push(`only ${acks.length} of ${total} were acknowledged`);
  for (let i = 0; i < times; i++) {
    await sleep(300);
    let last = Number.NaN;
    const begin = performance.now();
    const back = await Device.connect(url, me, standing, () => {
      last = performance.now();
    });
    const expected = conversations.map((conversation) => ({ device: back, conversation, head: each }));
    violations.push(...(await settle(expected, [back])));
    took.push((last - begin) / 1000);
  }
  const seconds = percentile(took, 0.5);
  return { rate: total / seconds, messages: total, seconds: mean([seconds]), violations };
}
