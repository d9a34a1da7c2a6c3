import type { Counter, Duration, Telemetry } from '../../objects/shared/telemetry.ts';

/** A port that remembers what it was told. */
export class CountedTelemetry implements Telemetry {
  readonly counts: Partial<Record<Counter, number>> = {};
  readonly durations: Partial<Record<Duration, number[]>> = {};

  count = (name: Counter, by = 1): void => {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  };
  duration = (name: Duration, ms: number): void => {
    this.durations[name] = [...(this.durations[name] ?? []), ms];
  };
}
