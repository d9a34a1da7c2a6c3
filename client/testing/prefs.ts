import type { Prefs } from '../../schema/protocol/frames-prefs.ts';
import type { PrefsChange } from '../../schema/protocol/http-conversations.ts';

/** The preferences after a change; the same object when nothing changed. */
export function changedPrefs(before: Prefs, change: PrefsChange, now: number): Prefs {
  const next = { ...before };
  if (change.pinned === true) next.pinned ??= now;
  if (change.pinned === false) delete next.pinned;
  if (typeof change.mutedUntil === 'number') next.mutedUntil = change.mutedUntil;
  if (change.mutedUntil === null) delete next.mutedUntil;
  for (const name of ['archived', 'unread'] as const) {
    if (change[name] === true) next[name] = true;
    if (change[name] === false) delete next[name];
  }
  return JSON.stringify(next) === JSON.stringify(before) ? before : next;
}
