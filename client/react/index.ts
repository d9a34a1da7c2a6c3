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
  useObservable,
  usePresence,
  useSend,
  useSendState,
  useTimeline,
  useTyping,
  useUser,
} from './hooks.ts';
