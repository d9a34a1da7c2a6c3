import { createContext, useContext } from 'react';
import type { TimelineMessage } from '../../../client/index.ts';

/** What can be done with the messages of the open conversation. The same object as long as the conversation is open. */
export interface ChatActions {
  readonly reply: (message: TimelineMessage) => void;
  readonly edit: (message: TimelineMessage) => void;
  readonly remove: (message: TimelineMessage) => void;
  /** Opens the menu of a message at an element, or at a point of the window. */
  readonly menu: (message: TimelineMessage, at: DOMRect) => void;
  readonly jumpTo: (seq: number) => void;
  /** Puts a text into the field to write in, to be changed and sent. */
  readonly rewrite: (text: string) => void;
}

export const ChatActionsContext = createContext<ChatActions | undefined>(undefined);

export function useChatActions(): ChatActions {
  const actions = useContext(ChatActionsContext);
  if (!actions) throw new Error('No conversation is open around this component');
  return actions;
}
