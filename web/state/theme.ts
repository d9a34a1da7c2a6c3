import { keep, kept, onKeptElsewhere } from './kept.ts';
import { createValue, type Observable } from './value.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** `static/boot.js` reads it too, before the first paint. */
const KEY = 'parley.theme';

const read = (): Theme => THEMES.find((theme) => theme === kept(KEY)) ?? 'system';
const chosen = createValue<Theme>(read());

export const theme: Observable<Theme> = chosen;

export function chooseTheme(next: Theme): void {
  keep(KEY, next === 'system' ? undefined : next);
  show(next);
}

function show(next: Theme): void {
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  chosen.set(next);
}

onKeptElsewhere(KEY, () => show(read()));
