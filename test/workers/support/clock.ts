import { onTestFinished, vi } from 'vitest';

/** Stops the clock of the Worker and the objects until the test ends: what a limit gives back with time it doesn't. */
export function stopClock(): void {
  const stopped = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  onTestFinished(() => stopped.mockRestore());
}
