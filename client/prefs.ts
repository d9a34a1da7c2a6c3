import type { Api } from './http.ts';
import type { Prefs, PrefsChange } from './types.ts';

/** Shows a change at once, tells the service, and takes it back if that fails. */
export async function changePrefs(
  api: Api,
  conversation: string,
  before: Prefs | undefined,
  change: PrefsChange,
  now: number,
  show: (prefs: Prefs | undefined) => void,
): Promise<void> {
  show(orNone(withChange(before ?? {}, change, now)));
  try {
    show(
      orNone(await api<Prefs>('PATCH', `/conversations/${encodeURIComponent(conversation)}/prefs`, change)),
    );
  } catch (error) {
    show(before);
    throw error;
  }
}

const orNone = (prefs: Prefs): Prefs | undefined => (Object.keys(prefs).length > 0 ? prefs : undefined);

function withChange(prefs: Prefs, { pinned, mutedUntil, archived, unread }: PrefsChange, now: number): Prefs {
  const { pinned: pinnedAt, mutedUntil: muted } = prefs;
  const pin = pinned === undefined ? pinnedAt : pinned ? (pinnedAt ?? now) : undefined;
  const mute = mutedUntil === undefined ? muted : (mutedUntil ?? undefined);
  return {
    ...(pin === undefined ? {} : { pinned: pin }),
    ...(mute === undefined ? {} : { mutedUntil: mute }),
    ...((archived ?? prefs.archived) ? { archived: true } : {}),
    ...((unread ?? prefs.unread) ? { unread: true } : {}),
  };
}
