import { type PerMessage, perMessage } from './bill.ts';
import { CONNECTED_MS, connected, converse, type Person, people } from './people.ts';
import type { Scenario } from './scenarios.ts';
import { HIBERNATES_MS } from './simulated-object.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
/** Alarms of what was settled are over by then. */
const QUIET_MS = 180 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;
const MONTH_DAYS = 30;
/** A month in which so much happens is not played to its end. */
const ENOUGH_CALLS = 10_000;
/** A visit begins so long after its message. */
const VISIT_MS = 1_000;
const VISIT_EVERY = 10;

/** What happens by itself, without anybody's doing. */
export interface Aftermath {
  readonly alarms: number;
  /** Of conversations that came into memory anew. */
  readonly wakes: number;
  /** Of users, except for a socket that its device closed. */
  readonly userWakes: number;
  readonly rows: number;
  /** Alarms included. */
  readonly calls: number;
  readonly frames: number;
  /** An alarm is set at the end. */
  readonly isArmed: boolean;
}

export interface Result {
  readonly scenario: Scenario;
  /** From the first send until everything is quiet: alarms and what a restart repeats included. */
  readonly bill: PerMessage;
  /** After the last message, of those objects that had time to leave memory; the first day where a month follows. */
  readonly after: Aftermath;
  /** The month that begins a day after the last message; of one with 10,000 calls or more only the days until then. */
  readonly month: Aftermath | undefined;
  readonly violations: readonly string[];
}

export async function play(scenario: Scenario): Promise<Result> {
  const world = new World();
  const { clock, bill } = world;
  const names = Array.from({ length: scenario.members }, (_, i) => `person${i}`);
  const all = await people(world, names.slice(0, scenario.members - (scenario.strangers ?? 0)));
  const conversation = converse(world, scenario.kind, names);
  const here = all.slice(0, scenario.members - scenario.away);
  for (const { client } of all.slice(here.length)) client.close();
  // The first alarms, of the conversation's birth, are not the messages' doing.
  clock.advance(QUIET_MS);
  bill.clear();

  const visitor = scenario.visits ? all.at(-1) : undefined;
  if (scenario.every === undefined) inARow(world, here[0] as Person, conversation, scenario.messages);
  else await inTurn(world, scenario, scenario.every, here, conversation, visitor);

  const last = clock.now();
  clock.advance(HIBERNATES_MS);
  const sinceLast = aftermath(world);
  clock.advance(last + MINUTE_MS - clock.now());
  const violations = check(scenario, visitor ? [...here, visitor] : here, conversation);
  if (scenario.month === 'leave') for (const { client } of here) client.close();
  clock.advance(last + QUIET_MS - clock.now());
  const result = { scenario, bill: perMessage(bill, scenario.messages), violations };
  if (scenario.month === undefined) return { ...result, after: sinceLast(), month: undefined };
  clock.advance(last + DAY_MS - clock.now());
  const after = sinceLast();
  const sinceDay = aftermath(world);
  for (let day = 0; day < MONTH_DAYS && sinceDay().calls < ENOUGH_CALLS; day++) clock.advance(DAY_MS);
  return { ...result, after, month: sinceDay() };
}

/** Begins to count. @returns what has happened since. */
function aftermath(world: World): () => Aftermath {
  const { bill } = world;
  const now = (): Omit<Aftermath, 'isArmed'> => ({
    alarms: bill.sum('calls', /: alarm$/),
    wakes: bill.sum('wakes', /^conversation/),
    userWakes: bill.sum('wakes', /^user: (?!close)/),
    rows: bill.sum('rows'),
    calls: bill.sum('calls'),
    frames: bill.sum('frames'),
  });
  const begin = now();
  return () => {
    const end = now();
    return {
      alarms: end.alarms - begin.alarms,
      wakes: end.wakes - begin.wakes,
      userWakes: end.userWakes - begin.userWakes,
      rows: end.rows - begin.rows,
      calls: end.calls - begin.calls,
      frames: end.frames - begin.frames,
      isArmed: world.alarms > 0,
    };
  };
}

const text = (i: number): string => `${i} so it goes, and so on: about as long as what people say in a chat`;

async function inTurn(
  world: World,
  { messages }: Scenario,
  every: number,
  here: readonly Person[],
  conversation: string,
  visitor: Person | undefined,
): Promise<void> {
  const { clock } = world;
  for (let i = 0; i < messages; i++) {
    const next = clock.now() + every;
    here[i % here.length]?.client.send(conversation, text(i));
    if (visitor && (i + 1) % VISIT_EVERY === 0) {
      clock.advance(VISIT_MS);
      visitor.client.start();
      await connected(world, [visitor]);
      clock.advance(MINUTE_MS - CONNECTED_MS);
      visitor.client.close();
    }
    // The last one is not followed by another: what comes after it is looked at from here.
    if (i < messages - 1) clock.advance(next - clock.now());
  }
}

function inARow(world: World, { client }: Person, conversation: string, messages: number): void {
  let acked = 0;
  client.on('acked', () => {
    if (++acked < messages) world.clock.after(0, () => client.send(conversation, text(acked)));
  });
  client.send(conversation, text(0));
  if (!world.clock.until(() => acked === messages, messages * MINUTE_MS))
    throw new Error(`${acked} were acknowledged`);
}

/** What must not happen. `there`: who should have everything. */
function check(scenario: Scenario, there: readonly Person[], conversation: string): string[] {
  const violations: string[] = [];
  for (const { name, client } of there) {
    const { last, gaps } = client.timeline(conversation);
    if (last !== scenario.messages || gaps.length > 0)
      violations.push(`${name} has ${last} of ${scenario.messages}`);
  }
  const speakers = scenario.members - scenario.away;
  const writer = there[scenario.every === undefined ? 0 : (scenario.messages - 1) % speakers];
  if (
    scenario.kind === 'direct' &&
    there.length === 2 &&
    writer?.client.delivery(conversation, scenario.messages) !== 'read'
  )
    violations.push('the last message is not shown as read');
  return violations;
}
