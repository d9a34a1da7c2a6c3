import { useCallback, useEffect, useRef } from 'react';

/** Whether this component is on the screen, for what comes back to it later: who closed it wants nothing of it any more. */
export function useShown(): () => boolean {
  const shown = useRef(false);
  useEffect(() => {
    shown.current = true;
    return () => {
      shown.current = false;
    };
  }, []);
  return useCallback(() => shown.current, []);
}
