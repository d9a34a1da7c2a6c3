import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react';

/** How long the way to a row may take: rows are measured on it, and pages come, in ms. */
const GOING_MS = 1_000;
/** What a person scrolls with. */
const INPUTS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;

/** The row that is gone to, and where it is to stand. */
export interface Goal {
  readonly key: string;
  readonly align: 'start' | 'center' | 'auto';
}

/** Where a list is on its way to, if it is, and nobody has scrolled since. */
export function useGoal(scroller: RefObject<HTMLElement | null>): {
  readonly get: () => Goal | undefined;
  readonly set: (goal: Goal | undefined) => void;
} {
  const last = useRef<{ readonly goal: Goal | undefined; readonly since: number }>(undefined);
  const goal = useMemo(
    () => ({
      get: () =>
        last.current && performance.now() - last.current.since < GOING_MS ? last.current.goal : undefined,
      set(next: Goal | undefined) {
        last.current = { goal: next, since: performance.now() };
      },
    }),
    [],
  );
  useLayoutEffect(() => {
    const element = scroller.current;
    const elsewhere = (): void => goal.set(undefined);
    for (const type of INPUTS) element?.addEventListener(type, elsewhere, { passive: true });
    return () => {
      for (const type of INPUTS) element?.removeEventListener(type, elsewhere);
    };
  }, [scroller, goal]);
  return goal;
}
