import { type PerMessage, perMessage } from './bill.ts';
import { converse, type Person, people } from './people.ts';
import { World } from './world.ts';

/** Alarms back off up to ten minutes; by then everything has ended, or never will. */
const QUIET_MS = 3 * 3_600_000;
const PACE_MS = 5_000;

export interface Scenario {
  readonly name: string;
  readonly kind: 'direct' | 'group';
  readonly members: number;
  /** The last so many have been there once and went. */
  readonly away: number;
  /** A message every five seconds, everybody who is there in turn; else one person's, each as the last is acknowledged. */
  readonly pace: boolean;
  readonly messages: number;
  readonly most: { readonly rows: number; readonly calls: number };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'pace: two people, both looking, a message every 5 s in turn',
    kind: 'direct',
    members: 2,
    away: 0,
    pace: true,
    messages: 240,
    most: { rows: 3.2, calls: 6 },
  },
  {
    name: 'row: two people, both looking, 1,000 in a row',
    kind: 'direct',
    members: 2,
    away: 0,
    pace: false,
    messages: 1_000,
    most: { rows: 2.5, calls: 3 },
  },
  {
    name: 'away: two people, the receiver away, 1,000 in a row',
    kind: 'direct',
    members: 2,
    away: 1,
    pace: false,
    messages: 1_000,
    most: { rows: 2.1, calls: 1.1 },
  },
  {
    name: 'group of 200, half away, a message every 5 s in turn',
    kind: 'group',
    members: 200,
    away: 100,
    pace: true,
    messages: 200,
    most: { rows: 4, calls: 210 },
  },
  {
    name: 'group of 200, half away, 500 in a row',
    kind: 'group',
    members: 200,
    away: 100,
    pace: false,
    messages: 500,
    most: { rows: 2.5, calls: 60 },
  },
];

export interface Result {
  readonly scenario: Scenario;
  readonly bill: PerMessage;
  readonly violations: readonly string[];
}

/** Counts from the first send until everything is quiet: alarms and what a restart repeats included. */
export async function play(scenario: Scenario): Promise<Result> {
  const world = new World();
  const names = Array.from({ length: scenario.members }, (_, i) => `person${i}`);
  const all = await people(world, names);
  const conversation = converse(world, scenario.kind, names);
  const here = all.slice(0, scenario.members - scenario.away);
  for (const { client } of all.slice(here.length)) client.close();
  // The first alarms, of the conversation's birth, are not the messages' doing.
  world.clock.advance(QUIET_MS);
  world.bill.clear();

  if (scenario.pace) {
    for (let i = 0; i < scenario.messages; i++) {
      here[i % here.length]?.client.send(conversation, text(i));
      world.clock.advance(PACE_MS);
    }
  } else inARow(world, here[0] as Person, conversation, scenario.messages);
  world.clock.advance(QUIET_MS);
  const bill = perMessage(world.bill, scenario.messages);
  return { scenario, bill, violations: check(world, scenario, here, conversation) };
}

const text = (i: number): string => `${i} so it goes, and so on: about as long as what people say in a chat`;

function inARow(world: World, { client }: Person, conversation: string, messages: number): void {
  let acked = 0;
  client.on('acked', () => {
    if (++acked < messages) world.clock.after(0, () => client.send(conversation, text(acked)));
  });
  client.send(conversation, text(0));
  if (!world.clock.until(() => acked === messages, messages * 60_000))
    throw new Error(`${acked} were acknowledged`);
}

function check(world: World, scenario: Scenario, here: readonly Person[], conversation: string): string[] {
  const violations: string[] = [];
  for (const { name, client } of here) {
    const { last, gaps } = client.timeline(conversation);
    if (last !== scenario.messages || gaps.length > 0)
      violations.push(`${name} has ${last} of ${scenario.messages}`);
  }
  if (world.alarms > 0) violations.push('an alarm is set still');
  const direct = scenario.members === 2 && scenario.away === 0;
  const writer = here[(scenario.pace ? scenario.messages - 1 : 0) % here.length];
  if (direct && writer?.client.delivery(conversation, scenario.messages) !== 'read')
    violations.push('the last message is not shown as read');
  return violations;
}
