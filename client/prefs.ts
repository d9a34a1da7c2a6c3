import type { Emitter } from './emitter.ts';
import type { EngineEvents } from './engine-types.ts';
import type { Api } from './http.ts';
import type { Prefs, PrefsChange } from './types.ts';

/** When preferences were last told by a frame: what answers an earlier question is older. */
export class PrefsTold {
  readonly #last = new Map<string, number>();
  /** Grows with every frame of that kind. */
  now = 0;

  constructor(events: Emitter<EngineEvents>) {
    events.on('frame', (frame) => {
      if (frame.type === 'prefs') this.#last.set(frame.conversation, ++this.now);
    });
  }

  since(conversation: string, asked: number): boolean {
    return (this.#last.get(conversation) ?? 0) > asked;
  }
}

interface Tools {
  readonly api: Api;
  readonly told: PrefsTold;
  readonly now: number;
  readonly show: (prefs: Prefs | undefined) => void;
}

/** Shows a change at once, tells the service, and takes it back if that fails. What is told meanwhile stays. */
export async function changePrefs(
  conversation: string,
  before: Prefs | undefined,
  change: PrefsChange,
  { api, told, now, show }: Tools,
): Promise<void> {
  const asked = told.now;
  const answered = (prefs: Prefs | undefined): void => {
    if (!told.since(conversation, asked)) show(prefs);
  };
  show(orNone(withChange(before ?? {}, change, now)));
  try {
    const path = `/conversations/${encodeURIComponent(conversation)}/prefs`;
    answered(orNone(await api<Prefs>('PATCH', path, change)));
  } catch (error) {
    answered(before);
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
