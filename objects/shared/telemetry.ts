/** What the service counts, by name. A name is never given another meaning: graphs of a deployment outlive releases. */
export const COUNTERS = {
  'conversation.append': 'entries stored, repeats not counted',
  'conversation.deliver': 'calls to members’ objects',
  'conversation.deliver.failed': 'those without an answer',
  'conversation.alarm': 'times the durable alarm rang',
  'conversation.turn.crashed': 'turns that threw; the memory was dropped',
  'user.frame': 'frames of clients, over sockets and polls',
  'user.deliver': 'calls of conversations',
  'user.resume': 'times a device said hello',
  'user.socket.silent': 'connections closed for want of a sign of life',
  'user.turn.crashed': 'turns that threw; the memory was dropped',
  'worker.request.ok': 'requests of the API answered by a status below 400, upgrades counted',
  'worker.request.refused': 'requests answered by 4xx',
  'worker.request.failed': 'requests answered by 5xx',
} as const satisfies Record<string, string>;

/** What it measures, in milliseconds. */
export const DURATIONS = {
  'conversation.deliver': 'from a call to its answer, or until it is given up',
  'worker.request': 'from a request to its answer, polls left out: those wait',
} as const satisfies Record<string, string>;

export type Counter = keyof typeof COUNTERS;
export type Duration = keyof typeof DURATIONS;

/** Where counts and durations go. Neither throws nor waits. */
export interface Telemetry {
  /** `by`: 1 when left out. */
  count(name: Counter, by?: number): void;
  duration(name: Duration, ms: number): void;
}

/** Counts nothing. */
export const silent: Telemetry = { count: () => {}, duration: () => {} };

/** The port of a deployment. No binding makes one yet, so it is silent; tests put one here. */
export interface TelemetryEnv {
  readonly TELEMETRY?: Telemetry;
}

export const telemetryOf = (env: TelemetryEnv): Telemetry => env.TELEMETRY ?? silent;

/** A port that tells at the end of the turn, and nothing of a turn that throws. @param effect see `Life.effect` */
export function atEndOfTurn(telemetry: Telemetry, effect: (run: () => void) => void): Telemetry {
  if (telemetry === silent) return silent;
  return {
    count: (name, by) => effect(() => telemetry.count(name, by)),
    duration: (name, ms) => effect(() => telemetry.duration(name, ms)),
  };
}
