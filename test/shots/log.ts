import { readFileSync } from 'node:fs';
import { type Line, roomsOf } from '../../bench/replay/lines.ts';

const file = new URL('../../data/ubuntu-irc-2010-06-21.jsonl', import.meta.url);

export interface Talk {
  readonly people: readonly [string, string];
  readonly lines: readonly Line[];
}

/** Everything that was said on that day, in order. */
export const theDay = (): readonly Line[] =>
  roomsOf(readFileSync(file, 'utf8')).flatMap(({ lines }) => lines);

/** What two people said to each other by name, the name left out; the longest talks first. */
export function talksIn(lines: readonly Line[]): Talk[] {
  const names = new Set(lines.map(({ from }) => from));
  const talks = new Map<string, { people: [string, string]; lines: Line[] }>();
  for (const { from, text } of lines) {
    const [, to = '', rest = ''] = /^([^\s:,]+)[:,]?\s+(.+)$/.exec(text) ?? [];
    if (to === from || !names.has(to)) continue;
    const people: [string, string] = from < to ? [from, to] : [to, from];
    const talk = talks.get(people.join(' ')) ?? { people, lines: [] };
    talk.lines.push({ from, text: rest });
    talks.set(people.join(' '), talk);
  }
  return [...talks.values()].sort((a, b) => b.lines.length - a.lines.length);
}
