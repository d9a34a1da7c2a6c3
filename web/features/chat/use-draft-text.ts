import { useEffect, useRef, useState } from 'react';
import type { ConversationHandle, Draft } from '../../../client/index.ts';
import { useObservable } from '../../../client/react/index.ts';

/** A draft is kept this long after the last key, in ms. */
const PAUSE_MS = 300;

export interface DraftText {
  readonly text: string;
  readonly replyTo: number | undefined;
  readonly write: (text: string) => void;
  readonly reply: (seq: number | undefined) => void;
  readonly clear: () => void;
}

/** What is being written, kept through the client: after a pause, and at once when the window or conversation goes. */
export function useDraftText(handle: ConversationHandle): DraftText {
  const kept = useObservable(handle.draft);
  // Undefined until a key is pressed: what is kept may come from the store only after the first rendering.
  const [own, setOwn] = useState<Draft>();
  const unsaved = useRef<{ readonly draft: Draft; readonly timer: ReturnType<typeof setTimeout> }>(undefined);
  const now = own ?? kept ?? { text: '' };

  function save(): void {
    if (!unsaved.current) return;
    clearTimeout(unsaved.current.timer);
    handle.setDraft(unsaved.current.draft);
    unsaved.current = undefined;
  }

  function set(draft: Draft): void {
    setOwn(draft);
    if (unsaved.current) clearTimeout(unsaved.current.timer);
    unsaved.current = { draft, timer: setTimeout(save, PAUSE_MS) };
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: `save` reads what is the latest then.
  useEffect(() => {
    window.addEventListener('pagehide', save);
    return () => {
      window.removeEventListener('pagehide', save);
      save();
    };
  }, [handle]);

  return {
    text: now.text,
    replyTo: now.replyTo,
    write: (text) => set({ ...now, text }),
    reply(seq) {
      const { text } = now;
      set(seq === undefined ? { text } : { text, replyTo: seq });
      save();
    },
    clear() {
      set({ text: '' });
      save();
    },
  };
}
