import { useSyncExternalStore } from 'react';

const isLooking = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

function subscribe(changed: () => void): () => void {
  document.addEventListener('visibilitychange', changed);
  window.addEventListener('focus', changed);
  window.addEventListener('blur', changed);
  return () => {
    document.removeEventListener('visibilitychange', changed);
    window.removeEventListener('focus', changed);
    window.removeEventListener('blur', changed);
  };
}

/** Whether somebody is likely to look at this window: it can be seen, and has the focus. */
export const useLooking = (): boolean => useSyncExternalStore(subscribe, isLooking);
