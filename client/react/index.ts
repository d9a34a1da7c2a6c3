/** React hooks for the client: each reads one observable, renders when it changes, and is safe in StrictMode. */
export { ParleyProvider, useClient } from './context.ts';
export {
  type ConversationTimeline,
  useConnection,
  useConversation,
  useConversationHandle,
  useConversations,
  useDraft,
  useFocus,
  useMarkRead,
  useMe,
  useMembers,
  usePresence,
  useSend,
  useSendState,
  useTimeline,
  useTyping,
} from './hooks.ts';
export { useObservable } from './observable.ts';
export { useUser, useUsers } from './users.ts';
