import { ACTIONS, BESIDES_LINES, FAULTS } from './actions.ts';
import { theEnd } from './end.ts';
import type { FaultKind } from './faults.ts';
import { type Mutation, World } from './world.ts';

export interface RunResult {
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly live: number;
  readonly resumed: number;
  readonly acked: number;
  /** Calls to members that only the durable alarm made. */
  readonly byAlarm: number;
  readonly polls: number;
  /** Frames that told of preferences. */
  readonly prefs: number;
  /** Calls to an object that ended with an exception in a turn of it. */
  readonly unanswered: number;
  readonly stored: number;
  readonly framesLost: number;
  readonly calls: number;
  readonly events: number;
}

/** One run: its seed decides everything. @throws Broken when a promise is broken, and whatever the cores throw. */
export function run(seed: number, mutation: Mutation = {}, trace?: (line: string) => void): RunResult {
  const restore = mutation.patch?.();
  const world = new World(seed, mutation, trace);
  try {
    act(world);
    theEnd(world);
    return {
      faults: world.faults.counts,
      ...world.counts,
      stored: [...world.conversations.values()].reduce((sum, c) => sum + c.truth.head, 0),
      framesLost: world.framesLost,
      calls: world.network.calls,
      events: world.clock.ran,
    };
  } finally {
    restore?.();
    world.close();
  }
}

function act(world: World): void {
  const { rng, clock } = world;
  const { none, linesOnly } = world.faults;
  const excluded = none ? FAULTS : linesOnly ? BESIDES_LINES : new Set();
  const actions = ACTIONS.filter(
    ([action, , always]) => (always || rng.chance(0.6)) && !excluded.has(action),
  );
  const total = actions.reduce((sum, [, weight]) => sum + weight, 0);
  const steps = rng.pick([15, 30, 60, 100]);
  for (let step = 0; step < steps; step++) {
    let at = rng.next() * total;
    for (const [action, weight] of actions) {
      at -= weight;
      if (at >= 0) continue;
      world.trace?.(() => `-- ${action.name}`);
      action(world);
      break;
    }
    clock.advance(rng.chance(0.3) ? 0 : rng.int(1, 400));
    if (world.bugs.length > 0) throw world.bugs[0];
  }
}
