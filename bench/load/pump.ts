import { until } from '../support/parallel.ts';
import type { Device } from './device.ts';

/** One writer in one conversation; `n`: messages sent so far, in all slices. */
export interface Lane {
  readonly device: Device;
  readonly conversation: string;
  n: number;
}

/** What each lane sends at most: so many messages, for so long. */
export interface Amount {
  readonly count: number;
  readonly ms: number;
}

/** Every lane keeps `window` sends on their way. Ends when all are acknowledged, or after `limit` ms. */
export async function pump(
  lanes: readonly Lane[],
  window: number,
  { count, ms }: Amount,
  limit: number,
): Promise<{ readonly acks: number[]; readonly seconds: number }> {
  const acks: number[] = [];
  const begin = performance.now();
  const end = begin + Math.min(ms, limit);
  let last = begin;
  let open = 0;
  for (const lane of lanes) {
    const most = lane.n + count;
    const next = (): void => {
      if (lane.n >= most || performance.now() >= end) return;
      lane.n++;
      open++;
      const at = performance.now();
      lane.device.send(lane.conversation, lane.n, () => {
        last = performance.now();
        acks.push(last - at);
        open--;
        next();
      });
    };
    for (let i = 0; i < window; i++) next();
  }
  // Something refused or lost is never acknowledged: no use in waiting for it.
  const broken = (): boolean => lanes.some((lane) => lane.device.violations.length > 0);
  await until(() => open === 0 || broken(), limit);
  return { acks, seconds: (last - begin) / 1000 };
}
