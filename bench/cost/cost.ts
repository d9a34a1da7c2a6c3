import { PRICES } from '../prices.ts';
import { print, type RunOptions, type Section, type Target } from '../support/report.ts';
import { type Aftermath, play, type Result } from './play.ts';
import { pollingDay } from './polling.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const POLLING = 'a day of long polling';

/**
 * What a message costs on the platform: the real cores of conversations and users and the real client module, on a
 * virtual clock, with every row, call and frame counted. The same on every machine and in every run.
 * `--only TEXT`: those scenarios whose name has it, and what they are compared with.
 */
export async function run(options: RunOptions): Promise<void> {
  const only = onlyOf(options.args);
  const chosen = withCompared(SCENARIOS.filter(({ name }) => name.includes(only)));
  const day = POLLING.includes(only) ? pollingDay() : undefined;
  if (chosen.length === 0 && !day) throw new Error(`no scenario has "${only}" in its name`);
  const results: Result[] = [];
  for (const scenario of chosen) results.push(await play(scenario));
  print(
    {
      title: 'What a message costs, from its send until everything is quiet',
      sections: [
        ...(results.length > 0
          ? [dollars(results), ...results.map(breakdown), afterTheLast(results), monthAfter(results)]
          : []),
        ...(day
          ? [
              {
                title: "One user's day of long polling in which nothing is said",
                head: ['', 'polls', 'rows', 'active seconds', 'dollars'],
                rows: [['', day.polls, day.rows, day.activeSeconds, day.dollars]],
              },
            ]
          : []),
      ],
      targets: [
        ...targetsOf(results),
        ...(day
          ? [
              { name: `${POLLING}: rows`, value: day.rows, most: 10 },
              { name: `${POLLING}: active seconds`, value: day.activeSeconds, most: 86_700 },
            ]
          : []),
      ],
      violations: results.flatMap(({ scenario, violations }) =>
        violations.map((v) => `${scenario.name}: ${v}`),
      ),
      data: [
        ...results.map(({ scenario, bill, after, month }) => ({
          scenario: scenario.name,
          ...bill,
          after,
          month,
        })),
        ...(day ? [{ scenario: POLLING, ...day }] : []),
      ],
    },
    options,
  );
}

function onlyOf(args: readonly string[]): string {
  const [flag, text] = args;
  if (flag === undefined) return '';
  if (flag !== '--only' || text === undefined || args.length > 2)
    throw new Error('usage: npm run bench -- cost [--only TEXT] [--json]');
  return text;
}

/** Also those that a chosen one is compared with. */
function withCompared(chosen: readonly Scenario[]): readonly Scenario[] {
  const names = new Set(chosen.flatMap(({ name, most }) => [name, most.beyond?.scenario ?? name]));
  return SCENARIOS.filter(({ name }) => names.has(name));
}

/** What the results are held to. */
export function targetsOf(results: readonly Result[]): Target[] {
  const perMessage = results.flatMap(({ scenario: { name, most }, bill }): Target[] => {
    const base = results.find(({ scenario }) => scenario.name === most.beyond?.scenario);
    return [
      ...(most.rows === undefined ? [] : [{ name: `${name}: rows`, value: bill.rows, most: most.rows }]),
      ...(most.calls === undefined ? [] : [{ name: `${name}: calls`, value: bill.calls, most: most.calls }]),
      ...(most.beyond && base
        ? [
            {
              name: `${name}: rows more than while away`,
              value: bill.rows - base.bill.rows,
              most: most.beyond.rows,
            },
          ]
        : []),
    ];
  });
  const greatest = (value: (result: Result) => number): number => Math.max(0, ...results.map(value));
  return [
    ...perMessage,
    ...(results.length > 0
      ? [
          { name: 'after the last message: alarms', value: greatest((r) => r.after.alarms), most: 2 },
          {
            name: 'entries brought to a device that had them',
            value: greatest((r) => r.bill.repeats),
            most: 0,
          },
          {
            name: 'after the last message: wakes of the conversation',
            value: greatest((r) => r.after.wakes),
            most: 2,
          },
          {
            name: 'alarms set still at the end',
            value: greatest((r) => +(r.month ?? r.after).isArmed),
            most: 0,
          },
        ]
      : []),
    ...(results.some(({ month }) => month)
      ? (['rows', 'calls', 'alarms', 'wakes', 'userWakes'] as const).map((what) => ({
          name: `a month after: ${what === 'userWakes' ? 'wakes of users' : what}`,
          value: greatest((r) => r.month?.[what] ?? 0),
          most: 0,
        }))
      : []),
  ];
}

const million = (price: number): string => String(Number((price * 1e6).toPrecision(3)));

const dollars = (results: readonly Result[]): Section => ({
  title: `Dollars per million messages (rows $${million(PRICES.row)}, calls $${million(PRICES.call)}, frames $${million(PRICES.frame)}, active seconds $${million(PRICES.activeSecond)} a million)`,
  head: ['', 'rows', 'calls', 'frames', 'active', 'together'],
  rows: results
    .filter(({ scenario }) => scenario.messages > 1)
    .map(({ scenario, bill: { dollars: d } }) => [
      scenario.name,
      d.rows,
      d.calls,
      d.frames,
      d.active,
      d.total,
    ]),
});

function breakdown({ scenario, bill }: Result): Section {
  const parts = [
    ['rows', bill.rows, bill.by.rows],
    ['calls', bill.calls, bill.by.calls],
    ['frames', bill.frames, bill.by.frames],
    ['active seconds', bill.activeSeconds, bill.by.activeSeconds],
    ['wakes', bill.wakes, bill.by.wakes],
    ['repeats', bill.repeats, bill.by.repeats],
  ] as const;
  return {
    title: `${scenario.name}, a message (${bill.messages} of them)`,
    rows: parts.flatMap(([name, total, by]): (string | number)[][] => [
      [name, '', total],
      ...Object.entries(by).map(([kind, n]) => ['', kind, n]),
    ]),
  };
}

const afterTheLast = (results: readonly Result[]): Section => ({
  title: 'What happens by itself after the last message: three hours, or a day where a month follows',
  head: HEAD,
  rows: results.map(({ scenario, after }) => row(scenario, after)),
});

const monthAfter = (results: readonly Result[]): Section => ({
  title: 'What happens in the month that begins a day after the last message',
  head: HEAD,
  rows: results.flatMap(({ scenario, month }) => (month ? [row(scenario, month)] : [])),
});

const HEAD = ['', 'alarms', 'wakes', 'of users', 'rows', 'calls', 'frames'];

const row = ({ name }: Scenario, a: Aftermath): (string | number)[] => [
  name,
  a.alarms,
  a.wakes,
  a.userWakes,
  a.rows,
  a.calls,
  a.frames,
];
