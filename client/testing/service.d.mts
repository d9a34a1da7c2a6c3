import type { RunningParley } from './start-parley.ts';

/** `data` undefined: a temporary folder. */
export function startService(options: {
  readonly port: number;
  readonly data: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}): Promise<RunningParley>;
