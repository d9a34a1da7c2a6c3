import { short } from './numbers.ts';

/** What a measurement hands out: lines for people, `data` for programs. */
export interface Report {
  readonly title: string;
  readonly sections: readonly Section[];
  readonly targets: readonly Target[];
  /** What must never happen: a message lost, repeated or out of order. */
  readonly violations: readonly string[];
  readonly data: unknown;
}

export interface Section {
  readonly title: string;
  readonly head?: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Target {
  readonly name: string;
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
}

export interface RunOptions {
  readonly json: boolean;
  /** Arguments after the name, without `--json`. */
  readonly args: readonly string[];
}

export const reached = ({ value, least = -Infinity, most = Infinity }: Target): boolean =>
  value >= least && value <= most;

/** Prints it; only violations make the command fail, since speed depends on the machine. */
export function print(report: Report, { json }: RunOptions): void {
  const targets = report.targets.map((target) => ({ ...target, reached: reached(target) }));
  if (json)
    console.log(
      JSON.stringify({ title: report.title, data: report.data, targets, violations: report.violations }),
    );
  else console.log(textOf(report));
  if (report.violations.length > 0) process.exitCode = 1;
}

function textOf({ title, sections, targets, violations }: Report): string {
  const lines = [title];
  for (const section of sections) lines.push('', section.title, ...table(section));
  if (targets.length > 0) lines.push('', 'Targets', ...table({ title: '', rows: targets.map(targetRow) }));
  lines.push('', violations.length === 0 ? 'No violation.' : `${violations.length} VIOLATIONS`);
  for (const violation of violations.slice(0, 20)) lines.push(`  ${violation}`);
  return lines.join('\n');
}

function targetRow(target: Target): string[] {
  const bound = target.least === undefined ? `at most ${target.most}` : `at least ${target.least}`;
  return [reached(target) ? 'reached' : 'MISSED', target.name, short(target.value), bound];
}

function table({ head, rows }: Section): string[] {
  const cells = [...(head ? [head] : []), ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? short(cell) : cell)),
  );
  const widths: number[] = [];
  for (const row of cells)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  // Numbers stand at the right; a column is one of numbers when its last cell is.
  const numeric = widths.map((_, i) => typeof rows.at(-1)?.[i] === 'number');
  return cells.map((row) =>
    `  ${row.map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
}
