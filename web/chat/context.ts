import { createContext, useContext } from 'react';
import type { Api, User } from '../../client/index.ts';
import { useClient } from '../../client/react/index.ts';
import type { Stage } from '../session/stage.ts';
import { useValue } from '../state/value.ts';

export const StageContext = createContext<Stage | undefined>(undefined);

export function useStage(): Stage {
  const stage = useContext(StageContext);
  if (!stage) throw new Error('There is no stage around this component');
  return stage;
}

/** Who is signed in. */
export function useMe(): User {
  const { scene, session } = useStage();
  const now = useValue(scene);
  const user = useValue(session.user) ?? (now.name === 'signed-in' ? now.user : undefined);
  if (!user) throw new Error('Nobody is signed in around this component');
  return user;
}

/** HTTP with the token of whoever is signed in. */
export const useApi = (): Api => useClient().api;
