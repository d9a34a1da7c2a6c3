import type {
  ConversationHandle,
  ConversationItem,
  ConversationList,
  TimelineState,
} from '../../client/index.ts';
import { useValue } from '../state/value.ts';
import { useClient } from './context.ts';

/** All conversations, latest first. */
export const useConversations = (): ConversationList => useValue(useClient().conversations);

/** The same object for the same id: safe to depend on. */
export const useConversation = (id: string): ConversationHandle => useClient().conversation(id);

/** What is known of a conversation; undefined: nothing (yet). */
export const useConversationItem = (id: string): ConversationItem | undefined =>
  useValue(useConversation(id).info);

/** Messages of a conversation; showing them loads them. */
export const useTimeline = (id: string): TimelineState => useValue(useConversation(id).timeline);
