/** What this browser keeps between visits. Storage may be forbidden: then it is as if nothing had been kept. */
export function kept(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Without storage it lasts as long as the page.
  }
}

/** Hears of a key that another window changed, in the order of the changes; of what it was then, not what it is now. */
export function onKeptElsewhere(key: string, changed: (value: string | undefined) => void): void {
  addEventListener('storage', (event) => {
    // `key` is null when everything was cleared.
    if (event.key === key || event.key === null) changed(event.newValue ?? undefined);
  });
}
