import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Observable } from '../observable.ts';
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
  User,
} from '../types.ts';
import { useClient } from './context.ts';

/** The present value of any observable of the client. */
export const useObservable = <T>(observable: Observable<T>): T =>
  useSyncExternalStore(observable.subscribe, observable.get, observable.get);

export const useConnection = (): ConnectionState => useObservable(useClient().connection);

export const useMe = (): Me | undefined => useObservable(useClient().me);

export const useConversations = (): ConversationList => useObservable(useClient().conversations);

/** The calls that belong to a conversation; the same object in every render. */
export const useConversationHandle = (id: string): ConversationHandle => useClient().conversation(id);

/** Undefined: not known yet, or not one's own. */
export const useConversation = (id: string): ConversationItem | undefined =>
  useObservable(useConversationHandle(id).info);

/** What was said, what waits to be sent, and the calls that bring more of it. */
export function useTimeline(
  id: string,
): TimelineState & Pick<ConversationHandle, 'loadOlder' | 'loadAround' | 'fill' | 'jumpToLatest'> {
  const handle = useConversationHandle(id);
  const state = useObservable(handle.timeline);
  return {
    ...state,
    loadOlder: () => handle.loadOlder(),
    loadAround: (seq) => handle.loadAround(seq),
    fill: (gap, side) => handle.fill(gap, side),
    jumpToLatest: () => handle.jumpToLatest(),
  };
}

/** `send('Hello')`; the same function in every render. */
export function useSend(id: string): (content: Content | string, options?: SendOptions) => Send {
  const handle = useConversationHandle(id);
  return useCallback((content, options) => handle.send(content, options), [handle]);
}

/** How far one send has come. */
export const useSendState = (send: Send): SendState => useObservable(send.state);

/** The draft, and the function that sets it. */
export function useDraft(id: string): readonly [Draft | undefined, (draft: Draft | undefined) => void] {
  const handle = useConversationHandle(id);
  const set = useCallback((draft: Draft | undefined) => handle.setDraft(draft), [handle]);
  return [useObservable(handle.draft), set];
}

/** Undefined while they are being fetched. */
export const useMembers = (id: string): readonly Member[] | undefined =>
  useObservable(useConversationHandle(id).members);

export const useUser = (id: string): User | undefined => useObservable(useClient().user(id));

export const usePresence = (user: string): Presence => useObservable(useClient().presence(user));

/** Who else is typing. */
export const useTyping = (id: string): readonly string[] => useObservable(useConversationHandle(id).typing);

/** Marks everything that arrives as read while `visible`: give it whether a person sees the end of the timeline. */
export function useMarkRead(id: string, visible: boolean): void {
  const handle = useConversationHandle(id);
  const { items } = useObservable(handle.timeline);
  const last = items.findLast((item) => 'seq' in item);
  const seq = last && 'seq' in last ? last.seq : 0;
  useEffect(() => {
    if (visible && seq > 0) handle.read();
  }, [handle, visible, seq]);
}
