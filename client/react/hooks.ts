import { useCallback, useEffect, useMemo } from 'react';
import type {
  ConnectionState,
  Content,
  ConversationHandle,
  ConversationItem,
  ConversationList,
  Draft,
  Me,
  Member,
  Presence,
  Send,
  SendOptions,
  SendState,
  TimelineState,
} from '../types.ts';
import { useClient } from './context.ts';
import { useObservable } from './observable.ts';

export const useConnection = (): ConnectionState => useObservable(useClient().connection);

export const useMe = (): Me | undefined => useObservable(useClient().me);

export const useConversations = (): ConversationList => useObservable(useClient().conversations);

/** The calls that belong to a conversation; the same object in every render. */
export const useConversationHandle = (id: string): ConversationHandle => useClient().conversation(id);

/** Undefined: not known yet, or not one's own, or no `id` was given. */
export function useConversation(id: string | undefined): ConversationItem | undefined {
  const client = useClient();
  return useObservable(id === undefined ? undefined : client.conversation(id).info);
}

/** What was said, what waits to be sent, and the calls that bring more of it. */
export type ConversationTimeline = TimelineState &
  Pick<ConversationHandle, 'loadOlder' | 'loadAround' | 'fill' | 'letGo' | 'jumpToLatest'>;

/** The same object, with the same functions, until something in the timeline changes. */
export function useTimeline(id: string): ConversationTimeline {
  const handle = useConversationHandle(id);
  const state = useObservable(handle.timeline);
  const calls = useMemo(
    () => ({
      loadOlder: () => handle.loadOlder(),
      loadAround: (seq: number) => handle.loadAround(seq),
      fill: (...args: Parameters<ConversationHandle['fill']>) => handle.fill(...args),
      letGo: (...args: Parameters<ConversationHandle['letGo']>) => handle.letGo(...args),
      jumpToLatest: () => handle.jumpToLatest(),
    }),
    [handle],
  );
  return useMemo(() => ({ ...state, ...calls }), [state, calls]);
}

/** `send('Hello')`; the same function in every render. */
export function useSend(id: string): (content: Content | string, options?: SendOptions) => Send {
  const handle = useConversationHandle(id);
  return useCallback((content, options) => handle.send(content, options), [handle]);
}

/** How far one send has come; undefined of none, such as that of a row written on another device. */
export function useSendState(send: Send): SendState;
export function useSendState(send: Send | undefined): SendState | undefined;
export function useSendState(send: Send | undefined): SendState | undefined {
  return useObservable(send?.state);
}

/** The draft, and the function that sets it. */
export function useDraft(id: string): readonly [Draft | undefined, (draft: Draft | undefined) => void] {
  const handle = useConversationHandle(id);
  const set = useCallback((draft: Draft | undefined) => handle.setDraft(draft), [handle]);
  return [useObservable(handle.draft), set];
}

/** Undefined while they are being fetched. */
export const useMembers = (id: string): readonly Member[] | undefined =>
  useObservable(useConversationHandle(id).members);

const UNKNOWN: Presence = { online: undefined };

/** Watched while it is mounted. */
export function usePresence(user: string | undefined): Presence {
  const client = useClient();
  return useObservable(user === undefined ? undefined : client.presence(user)) ?? UNKNOWN;
}

/** Who else is typing, in the conversation that has the focus. */
export const useTyping = (id: string): readonly string[] => useObservable(useConversationHandle(id).typing);

/** Tells the service that this conversation is what the screen shows, while `on`. */
export function useFocus(id: string, on = true): void {
  const handle = useConversationHandle(id);
  useEffect(() => {
    if (!on) return;
    handle.focus(true);
    return () => handle.focus(false);
  }, [handle, on]);
}

/**
 * Marks everything that arrives as read while `visible`: give it whether a person sees the end of the timeline. It
 * renders nothing anew.
 */
export function useMarkRead(id: string, visible: boolean): void {
  const handle = useConversationHandle(id);
  useEffect(() => {
    if (!visible) return;
    const { timeline } = handle;
    let shown = 0;
    const look = (): void => {
      const last = timeline.get().items.findLast((item) => 'seq' in item)?.seq ?? 0;
      if (last <= shown) return;
      shown = last;
      handle.read();
    };
    look();
    return timeline.subscribe(look);
  }, [handle, visible]);
}
