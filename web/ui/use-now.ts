import { useEffect, useState } from 'react';
import { systemClock } from '../../client/index.ts';

/** The time of the client's clock, again every second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => systemClock.now());
  useEffect(() => {
    if (!running) return undefined;
    setNow(systemClock.now());
    const timer = setInterval(() => setNow(systemClock.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
