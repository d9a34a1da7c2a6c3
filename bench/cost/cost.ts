import { PRICES } from '../prices.ts';
import { print, type RunOptions, type Section } from '../support/report.ts';
import { pollingDay } from './polling.ts';
import { play, type Result, SCENARIOS } from './scenarios.ts';

/**
 * What a message costs on the platform: the real cores of conversations and users and the real client module, on a
 * virtual clock, with every row, call and frame counted. The same on every machine and in every run.
 */
export async function run(options: RunOptions): Promise<void> {
  const results: Result[] = [];
  for (const scenario of SCENARIOS) results.push(await play(scenario));
  const day = pollingDay();
  print(
    {
      title: 'What a message costs, from its send until everything is quiet',
      sections: [
        {
          title: `Dollars per million messages (rows $${million(PRICES.row)}, calls $${million(PRICES.call)}, frames $${million(PRICES.frame)}, active seconds $${million(PRICES.activeSecond)} a million)`,
          head: ['', 'rows', 'calls', 'frames', 'active', 'together'],
          rows: results.map(({ scenario, bill: { dollars: d } }) => [
            scenario.name,
            d.rows,
            d.calls,
            d.frames,
            d.active,
            d.total,
          ]),
        },
        ...results.map(breakdown),
        {
          title: "One user's day of long polling in which nothing is said",
          head: ['', 'polls', 'rows', 'active seconds', 'dollars'],
          rows: [['', day.polls, day.rows, day.activeSeconds, day.dollars]],
        },
      ],
      targets: [
        ...results.flatMap(({ scenario, bill }) => [
          { name: `${scenario.name}: rows`, value: bill.rows, most: scenario.most.rows },
          { name: `${scenario.name}: calls`, value: bill.calls, most: scenario.most.calls },
        ]),
        { name: 'a day of long polling: rows', value: day.rows, most: 10 },
        { name: 'a day of long polling: active seconds', value: day.activeSeconds, most: 86_700 },
      ],
      violations: results.flatMap(({ scenario, violations }) =>
        violations.map((v) => `${scenario.name}: ${v}`),
      ),
      data: [
        ...results.map(({ scenario, bill }) => ({ scenario: scenario.name, ...bill })),
        { scenario: 'a day of long polling', ...day },
      ],
    },
    options,
  );
}

const million = (price: number): string => String(Number((price * 1e6).toPrecision(3)));

function breakdown({ scenario, bill }: Result): Section {
  const parts = [
    ['rows', bill.rows, bill.by.rows],
    ['calls', bill.calls, bill.by.calls],
    ['frames', bill.frames, bill.by.frames],
    ['active seconds', bill.activeSeconds, bill.by.activeSeconds],
  ] as const;
  return {
    title: `${scenario.name}, a message (${bill.messages} of them)`,
    rows: parts.flatMap(([name, total, by]): (string | number)[][] => [
      [name, '', total],
      ...Object.entries(by).map(([kind, n]) => ['', kind, n]),
    ]),
  };
}
