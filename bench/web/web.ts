import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/chromium.ts';
import type { RunOptions } from '../support/report.ts';
import { signIn, startService, temporaryFolder } from '../support/service.ts';
import { bareFrames, servePlain, signedIn } from './browser.ts';
import { keypresses } from './keys.ts';
import { type Opening, opening, storeHas, watchOpening } from './opening.ts';
import { prepare, READER } from './people.ts';
import { type Measured, report, type Scrolled } from './results.ts';
import { sizes } from './sizes.ts';
import type { LineOf } from './talk.ts';
import { mistakes, type WalkOptions, walk } from './walk.ts';

const CONVERSATIONS = 500;
const OPENINGS = 9;
const KEYS = 40;
/** Messages of the long conversation, unless an argument says otherwise. */
const LONG = 100_000;
const WINDOW = { width: 1180, height: 760 };
/** The long way through everything is looked at in a high window, which takes fewer frames. */
const HIGH = { width: 1180, height: 1600 };
const WALK_MS = 1_200_000;

/** What the web app takes of a browser, beside what the least of pages takes in the same run. */
export async function run(options: RunOptions): Promise<void> {
  const count = Number(options.args[0] ?? LONG);
  if (!Number.isSafeInteger(count) || count < 100)
    throw new Error('the long conversation has 100 messages or more');
  const folder = temporaryFolder();
  const plain = await servePlain();
  const browser = await launchChromium();
  try {
    report(await measure(browser, plain.url, folder.path, count), options);
  } finally {
    await browser.close();
    plain.close();
    folder.remove();
  }
}

async function measure(browser: Browser, plain: string, data: string, count: number): Promise<Measured> {
  const { short, long, lineOf } = await prepare(data, CONVERSATIONS, count);
  const service = await startService(data);
  const { url } = service;
  const [reader] = await signIn(service, [READER]);
  if (!reader) throw new Error('nobody reads');
  const context = await signedIn(browser, reader, WINDOW);
  await watchOpening(context);
  const page = await context.newPage();
  const bare = await context.newPage();
  try {
    await page.goto(url);
    await storeHas(page, CONVERSATIONS);
    await bare.goto(plain);
    const frames = await bareFrames(bare);
    const openings = { plain: [] as Opening[], online: [] as Opening[], offline: [] as Opening[] };
    for (let i = 0; i < OPENINGS; i++) {
      openings.plain.push(await opening(bare, plain));
      openings.online.push(await opening(page, url));
    }
    const keys = { plain: await keypresses(bare, KEYS), short: [] as number[], long: [] as number[] };
    await open(page, `${url}/c/${short}`);
    keys.short.push(...(await keypresses(page, KEYS)));

    const scrolled = await scroll(page, `${url}/c/${long}`, count, lineOf);
    keys.long.push(...(await keypresses(page, KEYS)));

    await service.close();
    for (let i = 0; i < OPENINGS; i++) {
      openings.plain.push(await opening(bare, plain));
      openings.offline.push(await opening(page, url));
    }
    return { conversations: CONVERSATIONS, count, sizes: await sizes(), frames, openings, keys, scrolled };
  } finally {
    await context.close();
    await service.close();
  }
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Message', { exact: true }).waitFor();
}

/** Up at a person's pace, up to the first message, down at a person's pace, down to the last. */
async function scroll(page: Page, url: string, count: number, lineOf: LineOf): Promise<Scrolled[]> {
  await page.setViewportSize(HIGH);
  await open(page, url);
  await page.locator('.messages .text', { hasText: lineOf(count).text }).waitFor();
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable');
  const scrolled: Scrolled[] = [];
  for (const [name, way] of WAYS(count)) {
    const walked = await page.evaluate(walk, way);
    await metrics.send('HeapProfiler.collectGarbage');
    const { metrics: values } = await metrics.send('Performance.getMetrics');
    const heap = values.find((value) => value.name === 'JSHeapUsedSize')?.value ?? Number.NaN;
    scrolled.push({ name, walked, heap, wrong: mistakes(walked, way, lineOf) });
  }
  await page.setViewportSize(WINDOW);
  return scrolled;
}

const WAYS = (count: number): [string, WalkOptions][] => [
  ['up, a person', { direction: 'up', step: 40, ms: 5_000 }],
  ['up to the first', { direction: 'up', step: 1_200, until: 1, ms: WALK_MS }],
  ['down, a person', { direction: 'down', step: 40, ms: 5_000 }],
  ['down to the last', { direction: 'down', step: 1_200, until: count, ms: WALK_MS }],
];
