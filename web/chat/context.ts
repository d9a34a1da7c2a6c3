import { createContext, useContext } from 'react';
import type { Api, Client, ConnectionState, User } from '../../client/index.ts';
import type { Stage } from '../session/stage.ts';
import { useValue } from '../state/value.ts';

/** Somebody signed in, in this window. */
export interface SignedIn {
  readonly client: Client;
  /** As they were when the window was opened; `useMe` follows changes. */
  readonly me: User;
}

export const StageContext = createContext<Stage | undefined>(undefined);
export const SignedInContext = createContext<SignedIn | undefined>(undefined);

export function useStage(): Stage {
  const stage = useContext(StageContext);
  if (!stage) throw new Error('There is no stage around this component');
  return stage;
}

function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (!signedIn) throw new Error('Nobody is signed in around this component');
  return signedIn;
}

/** The client of whoever is signed in. */
export const useClient = (): Client => useSignedIn().client;

/** Who is signed in. */
export function useMe(): User {
  const { me } = useSignedIn();
  return useValue(useStage().session.user) ?? me;
}

export const useConnection = (): ConnectionState => useValue(useClient().connection);

/** HTTP with the token of whoever is signed in. */
export const useApi = (): Api => useClient().api;
