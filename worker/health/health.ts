/** Whether requests can be served: known once for all as soon as it is so, or looked at anew, part by part. */
import type { HealthPart } from '../../schema/protocol/http-auth.ts';
import { tablesAnswer } from '../directory/tables.ts';
import type { Env } from '../env.ts';
import { requestOf } from '../user-object.ts';
import { SharedCheck } from './shared-check.ts';

/** A part that takes longer counts as failing. */
const PATIENCE_MS = 3_000;
/** Beyond that of its parts: how long a check may take that others wait for. */
const LONGEST_MS = PATIENCE_MS + 1_000;
/** The answer of a deep look is kept, so that nobody can make load with it. */
const DEEP_MS = 5_000;
/** While the tables are missing: soon enough for whoever waits for them, seldom enough to be no load. */
const AGAIN_MS = 250;

/** No user's: ids of users begin with `u_`. It holds nothing, and a look at it writes nothing. */
export const PROBED_OBJECT = 'parley.health';

type Probe = (env: Env) => Promise<boolean>;

const PROBES: { readonly [part in HealthPart]: Probe } = {
  database: ({ DB }) => tablesAnswer(DB, PATIENCE_MS),
  objects: (env) =>
    inTime(requestOf(env, PROBED_OBJECT, PROBED_OBJECT, { op: 'check' }).then(({ ok }) => ok)),
};

export const PARTS = Object.keys(PROBES) as readonly HealthPart[];

interface Checks {
  readonly ready: SharedCheck<boolean>;
  readonly deep: SharedCheck<readonly HealthPart[]>;
}

/** By the binding, which is the same object for as long as the isolate lives. */
const checks = new WeakMap<D1Database, Checks>();

function checksOf({ DB }: Env): Checks {
  const known = checks.get(DB);
  if (known) return known;
  const longest = LONGEST_MS;
  const ready = (is: boolean): number => (is ? Number.POSITIVE_INFINITY : AGAIN_MS);
  const made = {
    ready: new SharedCheck<boolean>({ keep: ready, longest }),
    deep: new SharedCheck<readonly HealthPart[]>({ keep: () => DEEP_MS, longest }),
  };
  checks.set(DB, made);
  return made;
}

/** Whether the database has its tables. Asked until it is so, and never again by this isolate. */
export const isReady = (env: Env): Promise<boolean> => checksOf(env).ready.ask(() => PROBES.database(env));

/** The parts that fail, asked at once; within 5 s everybody gets the same answer. */
export const failingParts = (env: Env): Promise<readonly HealthPart[]> =>
  checksOf(env).deep.ask(async () => {
    const good = await Promise.all(PARTS.map((part) => PROBES[part](env)));
    return PARTS.filter((_, i) => !good[i]);
  });

/** False when `work` takes too long. It is left alone then: its answer comes too late for anybody. */
async function inTime(work: Promise<boolean>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
