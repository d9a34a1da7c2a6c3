import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ConversationHandle, Draft } from '../../../client/index.ts';
import { useObservable } from '../../../client/react/index.ts';
import { dropLastWords, keepLastWords, lastWords } from '../../session/last-words.ts';

/** A draft is kept this long after the last key, in ms. */
const PAUSE_MS = 300;

export interface DraftText {
  readonly text: string;
  readonly replyTo: number | undefined;
  readonly write: (text: string) => void;
  readonly reply: (seq: number | undefined) => void;
  readonly clear: () => void;
}

/**
 * What `user` is writing, kept through the client: after a pause, and at once when the window or conversation goes. With
 * the window goes what the client has begun to write, so for that it is kept beside it as well.
 */
export function useDraftText(handle: ConversationHandle, user: string): DraftText {
  const kept = useObservable(handle.draft);
  // Undefined until a key is pressed: what is kept may come from the store only after the first rendering.
  const [own, setOwn] = useState<Draft>();
  const unsaved = useRef<{ readonly draft: Draft; readonly timer: ReturnType<typeof setTimeout> }>(undefined);
  const now = own ?? kept ?? { text: '' };
  const last = useRef(own);
  last.current = own;

  function save(): void {
    if (!unsaved.current) return;
    clearTimeout(unsaved.current.timer);
    handle.setDraft(unsaved.current.draft);
    unsaved.current = undefined;
    dropLastWords(user, handle.id);
  }

  function leave(): void {
    save();
    if (last.current) keepLastWords(user, handle.id, last.current);
  }

  // Before the first key: what is written from here on, in whichever window, takes its place.
  useLayoutEffect(() => {
    const words = lastWords(user, handle.id);
    if (words) handle.setDraft(words);
  }, [handle, user]);

  function set(draft: Draft): void {
    setOwn(draft);
    if (unsaved.current) clearTimeout(unsaved.current.timer);
    unsaved.current = { draft, timer: setTimeout(save, PAUSE_MS) };
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: `save` reads what is the latest then.
  useEffect(() => {
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      if (unsaved.current) leave();
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
