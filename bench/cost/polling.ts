import { PRICES } from '../prices.ts';
import { World } from './world.ts';

const DAY_MS = 86_400_000;
const WAIT_S = 25;
/** There and back to a client. */
const WAY_MS = 100;

export interface PollingDay {
  readonly polls: number;
  readonly rows: number;
  readonly activeSeconds: number;
  /** Of one user for the day, the Worker's own requests left out. */
  readonly dollars: number;
}

/** What it costs to wait for news by long polling for a day in which nothing is said. */
export function pollingDay(): PollingDay {
  const world = new World();
  const { object } = world.user('ada');
  const end = world.clock.now() + DAY_MS;
  let position: { session: string; n: number } | undefined;
  let polls = 0;
  const poll = (): void => {
    if (world.clock.now() >= end) return;
    polls++;
    const release = object.hold();
    object.turn('poll', (core) =>
      core.poll('ada-device', { ...position, cursor: 0, frames: [], wait: WAIT_S }, (answer) => {
        if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
        const { session, n } = JSON.parse(answer.body) as { session: string; n: number };
        if (position && session !== position.session) throw new Error('the session was lost');
        position = { session, n };
        object.effect(() => {
          release();
          world.clock.after(WAY_MS, poll);
        });
      }),
    );
  };
  poll();
  // A little longer: the session ends by itself.
  world.clock.advance(DAY_MS + 120_000);
  const rows = [...world.bill.rows.values()].reduce((sum, n) => sum + n, 0);
  const activeSeconds = [...world.bill.active.values()].reduce((sum, ms) => sum + ms, 0) / 1000;
  const dollars = rows * PRICES.row + polls * PRICES.call + activeSeconds * PRICES.activeSecond;
  return { polls, rows, activeSeconds, dollars };
}
