/** Between two people who talk. */
const TALK_MS = 5_000;
/** Between two who say something now and then: every object leaves memory in between. */
const SPARSE_MS = 120_000;

export interface Scenario {
  readonly name: string;
  readonly kind: 'direct' | 'group';
  readonly members: number;
  /** The last so many are away. */
  readonly away: number;
  /** Of those who are away the last so many were never there, not once. */
  readonly strangers?: number;
  /** Milliseconds from one message to the next, everybody who is there in turn; else one person's, each as the last is acknowledged. */
  readonly every: number | undefined;
  /** The last member, who is away, comes for a minute after every tenth message. */
  readonly visits?: boolean;
  readonly messages: number;
  /** A month is looked at, and what those who are there do a minute after the last message. */
  readonly month?: 'stay' | 'leave';
  /** Per message. */
  readonly most: {
    readonly rows?: number;
    readonly calls?: number;
    /** Rows more than another scenario has. */
    readonly beyond?: { readonly scenario: string; readonly rows: number };
  };
}

const two = { kind: 'direct', members: 2, away: 0 } as const;
const large = { kind: 'group', members: 200, away: 100 } as const;
const sparseAway = 'sparse, the receiver away: a message every two minutes';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'pace: two people, both looking, a message every 5 s in turn',
    ...two,
    every: TALK_MS,
    messages: 240,
    most: { rows: 3.2, calls: 6 },
  },
  {
    name: 'row: two people, both looking, 1,000 in a row',
    ...two,
    every: undefined,
    messages: 1_000,
    most: { rows: 2.5, calls: 3 },
  },
  {
    name: 'away: two people, the receiver away, 1,000 in a row',
    ...two,
    away: 1,
    every: undefined,
    messages: 1_000,
    most: { rows: 2.1, calls: 1.1 },
  },
  {
    name: 'sparse: two people, both looking, a message every two minutes in turn',
    ...two,
    every: SPARSE_MS,
    messages: 240,
    month: 'stay',
    most: { rows: 3.2 },
  },
  {
    name: sparseAway,
    ...two,
    away: 1,
    every: SPARSE_MS,
    messages: 240,
    month: 'leave',
    most: {},
  },
  {
    name: 'comes and goes: the same, the receiver there for a minute after every tenth',
    ...two,
    away: 1,
    every: SPARSE_MS,
    visits: true,
    messages: 240,
    month: 'leave',
    most: { beyond: { scenario: sparseAway, rows: 0.4 } },
  },
  {
    name: 'group of 200, half away, a message every 5 s in turn',
    ...large,
    every: TALK_MS,
    messages: 200,
    most: { rows: 4, calls: 210 },
  },
  {
    name: 'group of 200, half away, 500 in a row',
    ...large,
    every: undefined,
    messages: 500,
    most: { rows: 2.5, calls: 60 },
  },
  {
    name: 'sparse: group of 200, half away, a message every two minutes in turn',
    ...large,
    every: SPARSE_MS,
    messages: 200,
    month: 'leave',
    most: { calls: 210 },
  },
  ...(
    [
      ['two people who stay', two, 'stay'],
      ['two people who leave', two, 'leave'],
      ['the receiver away', { ...two, away: 1 }, 'stay'],
      ['the receiver was never there', { ...two, away: 1, strangers: 1 }, 'leave'],
      ['group of 200, half away, the others leave', large, 'leave'],
    ] as const
  ).map(
    ([name, who, month]): Scenario => ({
      name: `one message: ${name}`,
      ...who,
      every: SPARSE_MS,
      messages: 1,
      month,
      most: {},
    }),
  ),
];
