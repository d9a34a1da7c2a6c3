import { readdirSync, readFileSync } from 'node:fs';

/** Memory and processor time of this process's children, from /proc: Linux alone. */
export interface Usage {
  /** Bytes of resident memory. */
  readonly rss: number;
  /** Seconds of processor time since the start. */
  readonly cpu: number;
}

const PAGE = 4096;
const TICKS_A_SECOND = 100;

/** Everything below this process; the service is our only child. */
export function childrenUsage(): Usage {
  const parents = new Map<number, number>();
  const usages = new Map<number, Usage>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = statOf(pid);
    if (!stat) continue;
    parents.set(pid, stat.parent);
    usages.set(pid, stat);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at))
      if (at === process.pid) return true;
    return false;
  };
  const below = [...usages].filter(([pid]) => isBelow(pid)).map(([, usage]) => usage);
  return {
    rss: below.reduce((sum, usage) => sum + usage.rss, 0),
    cpu: below.reduce((sum, usage) => sum + usage.cpu, 0),
  };
}

function statOf(pid: number): (Usage & { readonly parent: number }) | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // Gone meanwhile.
    return undefined;
  }
  // The second field is a name in brackets that may hold anything; what follows is numbered from 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (n: number): number => Number(fields[n - 3]);
  return { parent: field(4), cpu: (field(14) + field(15)) / TICKS_A_SECOND, rss: field(24) * PAGE };
}
