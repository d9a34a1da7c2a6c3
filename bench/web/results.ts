import { median, percentile } from '../support/numbers.ts';
import { print, type RunOptions, type Section, type Target } from '../support/report.ts';
import type { Opening } from './opening.ts';
import type { Size } from './sizes.ts';
import type { Walked } from './walk.ts';

export interface Scrolled {
  readonly name: string;
  readonly walked: Walked;
  /** Bytes of the JavaScript heap afterwards. */
  readonly heap: number;
  readonly wrong: readonly string[];
}

export interface Measured {
  /** Conversations in the list, messages in the long one. */
  readonly conversations: number;
  readonly count: number;
  readonly sizes: readonly Size[];
  /** Frames of a page that does nothing, in ms. */
  readonly frames: readonly number[];
  readonly openings: Readonly<Record<'plain' | 'online' | 'offline', readonly Opening[]>>;
  readonly keys: Readonly<Record<'plain' | 'short' | 'long', readonly number[]>>;
  readonly scrolled: readonly Scrolled[];
}

const LONG_FRAME_MS = 50;

export function report(measured: Measured, options: RunOptions): void {
  const { sizes, scrolled, count, conversations } = measured;
  const drift = Math.max(...scrolled.map(({ walked }) => walked.drift.max));
  const targets: Target[] = [
    { name: 'JavaScript of the first load in kB', value: sizes[0]?.kB ?? Number.NaN, most: 150 },
    { name: 'drift in px', value: drift, most: 1 },
  ];
  print(
    {
      title: `The web app with ${conversations} conversations and one of ${count.toLocaleString('en')} messages`,
      sections: [
        { title: 'Sizes in kB, after gzip', rows: sizes.map(({ name, kB }) => [name, kB]) },
        openings(measured),
        keys(measured),
        frames(measured),
        whatWasSeen(measured),
      ],
      targets,
      violations: scrolled.flatMap(({ name, wrong }) => wrong.map((what) => `${name}: ${what}`)),
      data: {
        ...measured,
        scrolled: scrolled.map(({ name, heap, walked: { samples: _, frames: all, ...walked } }) => ({
          name,
          heap,
          ...walked,
          frames: figures(all),
        })),
      },
    },
    options,
  );
}

function openings({ openings: { plain, online, offline }, conversations }: Measured): Section {
  const usable = (of: readonly Opening[]): number => median(of.map((one) => one.usable));
  const row = (name: string, of: readonly Opening[]): (string | number)[] => [
    name,
    median(of.map(({ paint }) => paint)),
    usable(of),
    percentile(
      of.map((one) => one.usable),
      1,
    ),
    usable(of) / usable(plain),
  ];
  return {
    title: `From navigation to a list of ${conversations} that takes clicks, median of ${online.length}, in ms`,
    head: ['', 'first paint', 'usable', 'slowest', '× empty page'],
    rows: [
      row('an empty page', plain),
      row('the app, service there', online),
      row('the app, service away', offline),
    ],
  };
}

function keys({ keys: { plain, short, long }, count }: Measured): Section {
  const row = (name: string, times: readonly number[]): (string | number)[] => [
    name,
    median(times),
    percentile(times, 0.95),
    median(times) / median(plain),
  ];
  return {
    title: `From Enter to the bubble on the screen, ${plain.length} times each, in ms`,
    head: ['', 'median', 'p95', '× plain page'],
    rows: [
      row('a plain page that adds a row', plain),
      row('a short conversation', short),
      row(`after scrolling through ${count.toLocaleString('en')} messages`, long),
    ],
  };
}

function figures(times: readonly number[]) {
  const long = times.filter((ms) => ms > LONG_FRAME_MS).length;
  return {
    count: times.length,
    median: median(times),
    p95: percentile(times, 0.95),
    max: percentile(times, 1),
    long: (100 * long) / times.length,
  };
}

function frames({ frames: bare, scrolled }: Measured): Section {
  const row = (name: string, times: readonly number[]): (string | number)[] => {
    const { count, median: middle, p95, max, long } = figures(times);
    return [name, count, middle, p95, max, long, middle / median(bare)];
  };
  return {
    title: 'Frames while scrolling, in ms',
    head: ['', 'frames', 'median', 'p95', 'longest', `% over ${LONG_FRAME_MS}`, '× bare loop'],
    rows: [
      row('a page that does nothing', bare),
      ...scrolled.map(({ name, walked }) => row(name, walked.frames)),
    ],
  };
}

function whatWasSeen({ scrolled }: Measured): Section {
  return {
    title: 'What was seen on the way',
    head: [
      '',
      'messages',
      'drift px',
      'frames with drift',
      'frames waiting',
      'most rows',
      'elements',
      'heap MB',
    ],
    rows: scrolled.map(({ name, walked: { seen, drift, waited, rows, elements }, heap }) => [
      name,
      seen.count,
      drift.max,
      drift.frames,
      waited,
      rows,
      elements,
      heap / 1e6,
    ]),
  };
}
