import { useCallback, useEffect, useState } from 'react';

/** Something that is fetched when it is shown. */
export type Loaded<T> =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'there'; readonly value: T };

export interface Load<T> {
  readonly state: Loaded<T>;
  readonly again: () => void;
  /** Puts in what is known to have changed, without fetching it anew. */
  readonly change: (update: (value: T) => T) => void;
}

/** Calls `load` when first shown, and again on demand. `load` must stay the same function. */
export function useLoaded<T>(load: () => Promise<T>): Load<T> {
  const [state, setState] = useState<Loaded<T>>({ name: 'loading' });
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` asks for another one.
  useEffect(() => {
    let shown = true;
    const show = (next: Loaded<T>): void => {
      if (shown) setState(next);
    };
    show({ name: 'loading' });
    load().then(
      (value) => show({ name: 'there', value }),
      (error: unknown) => show({ name: 'failed', error }),
    );
    return () => {
      shown = false;
    };
  }, [load, tries]);

  const again = useCallback(() => setTries((count) => count + 1), []);
  const change = useCallback((update: (value: T) => T) => {
    setState((now) => (now.name === 'there' ? { name: 'there', value: update(now.value) } : now));
  }, []);
  return { state, again, change };
}
