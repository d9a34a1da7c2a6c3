// `npm run replay [-- FILE] [--devices 2] [--away 0.3] [--drop 0.01] [--seed 1] [--together 4] [--url URL] [--json]`: people
// of the file say again what they said, and every device is checked. Fails when anything was lost, repeated or changed.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot } from '../scripts/paths.mjs';
import { roomsOf } from './replay/lines.ts';
import { type ReplayResult, replay } from './replay/replay.ts';
import { print } from './support/report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    devices: { type: 'string', default: '1' },
    away: { type: 'string', default: '0' },
    drop: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    together: { type: 'string', default: '4' },
    url: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const number = (
  name: 'devices' | 'away' | 'drop' | 'seed' | 'together',
  least: number,
  most: number,
): number => {
  const value = Number(values[name]);
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} must be a number from ${least} to ${most}`);
};

const file = positionals[0] ?? inRoot('data', 'ubuntu-irc-2010-06-21.jsonl');
const result = await replay({
  rooms: roomsOf(readFileSync(file, 'utf8')),
  devices: number('devices', 1, 10),
  away: number('away', 0, 1),
  drop: number('drop', 0, 0.5),
  seed: number('seed', 0, 2 ** 32),
  together: number('together', 1, 100),
  progress: (line) => console.error(line),
  ...(values.url === undefined ? {} : { url: values.url }),
});
report(result);
process.exit();

function report(r: ReplayResult): void {
  print(
    {
      title: `${r.rooms} rooms, ${r.people} people`,
      sections: [
        {
          title: 'What was said',
          rows: [
            ['messages', r.messages],
            ['deliveries', r.deliveries],
            ['messages a second', r.messages / r.seconds],
            ['deliveries a second', r.deliveries / r.seconds],
            ['acknowledgement p50 in ms', r.ack.p50],
            ['acknowledgement p99 in ms', r.ack.p99],
            ['sockets cut', r.cuts],
            ['reconnects', r.reconnects],
            ['entries left out of a resume and paged', r.leftOut],
          ],
        },
      ],
      targets: [],
      violations: r.violations,
      data: r,
    },
    { json: values.json, args: [] },
  );
}
