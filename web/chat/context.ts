import { createContext, useContext } from 'react';
import type { Api, ConnectionState, User } from '../../client/index.ts';
import type { Stage } from '../session/stage.ts';
import { useValue } from '../state/value.ts';
import type { Chat } from './chat.ts';

export const StageContext = createContext<Stage | undefined>(undefined);
export const ChatContext = createContext<Chat | undefined>(undefined);

export function useStage(): Stage {
  const stage = useContext(StageContext);
  if (!stage) throw new Error('There is no stage around this component');
  return stage;
}

/** The chat of whoever is signed in. */
export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error('Nobody is signed in around this component');
  return chat;
}

/** Draws again with every change of the list, of people, or of the open timeline. */
export function useChatChanges(): Chat {
  const chat = useChat();
  useValue(chat.version);
  return chat;
}

/** Who is signed in. */
export function useMe(): User {
  const chat = useChat();
  return useValue(useStage().session.user) ?? chat.me;
}

export const useConnection = (): ConnectionState => useValue(useChat().connection);

/** HTTP with the token of whoever is signed in. */
export const useApi = (): Api => useChat().client.api;
