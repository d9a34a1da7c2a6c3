import type { Line } from '../history/fill.ts';

export type LineOf = (seq: number) => Line;

const SENTENCES = [
  'Yes.',
  'I think so, but let us ask the others first.',
  'The train leaves at ten past nine, so we should meet at the station at nine, at the clock.',
  'No idea 🤔',
  'It was longer than I thought, and in the end nobody knew who had said it first, so we began again from the start and wrote everything down, which took the whole evening.',
  'Look here: https://example.org/a/page',
  'two lines\nare higher than one',
];

/** What is said in a long conversation: of several heights, in blocks of one author, over many days. */
export function longTalk(count: number, now: number): LineOf {
  return (seq) => ({
    text: `${seq} ${SENTENCES[(seq * 5 + (seq >> 4)) % SENTENCES.length]}`,
    by: (seq >> 1) % 3 === 0 ? 0 : 1,
    at: now - (count - seq) * 97_000,
  });
}
