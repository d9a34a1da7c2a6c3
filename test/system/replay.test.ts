import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Room, roomsOf } from '../../bench/replay/lines.ts';
import { replay } from '../../bench/replay/replay.ts';

const day = fileURLToPath(new URL('../../data/ubuntu-irc-2010-06-21.jsonl', import.meta.url));

/** Texts that get lost on the way when somebody counts bytes, trims, escapes or normalises. */
const AWKWARD = [
  ' spaces at both ends ',
  'a tab\tand\nlines\r\nof every kind\u2028so to say\u2029',
  '"quotes", \\backslashes\\ and </script><!--',
  '\u0000 control \u001b[31m characters \u007f',
  'e\u0301 is not \u00e9, and \ufb01 is not fi',
  '\u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u{1f1e9}\u{1f1ea} \u{1f44b}\u{1f3fd}',
  '\u0645\u0631\u062d\u0628\u0627 \u202ereversed\u202c \u05e9\u05dc\u05d5\u05dd',
  '\u65e5\u672c\u8a9e\u3068\u4e2d\u6587 \u{20bb7}',
  '{"type":"message","seq":1}',
  'x'.repeat(16_384),
];

function slice(lines: number): Room {
  const [room] = roomsOf(readFileSync(day, 'utf8'));
  if (!room) throw new Error('the day is empty');
  const said = room.lines.slice(0, lines);
  const awkward = AWKWARD.map((text, i) => ({ from: said[i % said.length]?.from ?? '', text }));
  return { name: room.name, lines: [...said, ...awkward] };
}

test('P1 P2 P4 P6 what people said once arrives at every device as they said it', async () => {
  const room = slice(200);
  const result = await replay({ rooms: [room], devices: 1, away: 0, drop: 0, seed: 1, together: 1 });
  expect(result.violations).toEqual([]);
  expect(result.messages).toBe(room.lines.length);
  expect(result.deliveries).toBe(room.lines.length * (result.people - 1));
});

test('P1 P2 P3 P4 P5 P6 also with two devices, people who are away, and sockets that break', async () => {
  const room = slice(300);
  const result = await replay({ rooms: [room], devices: 2, away: 0.3, drop: 0.01, seed: 7, together: 1 });
  expect(result.violations).toEqual([]);
  expect(result.messages).toBe(room.lines.length);
  // Else the run proved nothing.
  expect(result.cuts).toBeGreaterThan(50);
  expect(result.leftOut).toBeGreaterThan(1_000);
});
