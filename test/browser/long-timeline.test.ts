import { expect, test } from 'vitest';
import { fill } from '../../bench/history/fill.ts';
import { median, percentile } from '../../bench/support/numbers.ts';
import { longTalk } from '../../bench/web/talk.ts';
import { mistakes, type WalkOptions, walk } from '../../bench/web/walk.ts';
import { setStage } from './stage.ts';

/** All 100,000 take minutes: `PARLEY_LONG=100000`, and `npm run bench -- web`. The machine of every change takes fewer. */
const COUNT = Number(process.env['PARLEY_LONG'] ?? 10_000);
/** Rows and elements in the document, however long the conversation. */
const MOST_ROWS = 150;
const MOST_ELEMENTS = 4_000;
const stage = setStage();
const { context, person } = stage;

test(`P2 P4: ${COUNT} messages, to the first and back to the last: none missing, none twice, and nothing jumps`, {
  timeout: 600_000,
}, async () => {
  const [uma, vic] = [await person(), await person()];
  await vic.register('vic', 'Vic', 'password of vic');
  await uma.register('uma', 'Uma', 'password of uma');
  await uma.begin('vic');
  await uma.page.getByRole('heading', { name: 'Vic' }).waitFor();
  const conversation = new URL(uma.page.url()).pathname.split('/').at(-1) ?? '';
  await Promise.all([uma.page.goto('about:blank'), vic.page.goto('about:blank')]);
  await stage.service.down();
  const lineOf = longTalk(COUNT, Date.now());
  fill(stage.service.data, conversation, COUNT, lineOf);
  await stage.service.up();

  // A window as high as this takes fewer frames for the way.
  const reader = await person(await context({ viewport: { width: 1180, height: 1600 } }));
  await reader.visit();
  await reader.logIn('vic', 'password of vic');
  await reader.open('Uma');
  await reader.message(lineOf(COUNT).text).waitFor();
  const ways: readonly WalkOptions[] = [
    { direction: 'up', step: 1_200, until: 1, ms: 250_000 },
    { direction: 'down', step: 1_200, until: COUNT, ms: 250_000 },
  ];
  for (const way of ways) {
    if (way.direction === 'down') {
      // Begun anew, so that no row on the way down was measured before.
      await reader.page.goto(`${stage.service.url}/c/${conversation}?at=1`);
      await reader.message(lineOf(1).text).waitFor();
    }
    const walked = await reader.page.evaluate(walk, way);
    const { frames, drift, seen, rows, elements, waited } = walked;
    console.log(
      `${way.direction}: ${frames.length} frames, median ${median(frames).toFixed(1)} ms, p95 ${percentile(frames, 0.95).toFixed(1)} ms, ` +
        `longest ${percentile(frames, 1).toFixed(0)} ms; ${waited} waited for a page; drift ${drift.max.toFixed(2)} px; ` +
        `${rows} rows and ${elements} elements at most`,
    );
    expect(mistakes(walked, way, lineOf)).toEqual([]);
    expect(seen).toEqual({ count: COUNT, first: 1, last: COUNT });
    expect(drift.max).toBeLessThanOrEqual(1);
    expect(rows).toBeLessThanOrEqual(MOST_ROWS);
    expect(elements).toBeLessThanOrEqual(MOST_ELEMENTS);
  }
});
