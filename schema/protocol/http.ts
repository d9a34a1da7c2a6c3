import { CONVERSATION_ROUTES } from './http-conversation-routes.ts';
import { LIVE_ROUTES } from './http-live-routes.ts';
import type { Route } from './http-route.ts';
import { USER_ROUTES } from './http-user-routes.ts';

/** Every route there is. Anything else is answered `not_found`. */
export const ROUTES: readonly Route[] = [...USER_ROUTES, ...CONVERSATION_ROUTES, ...LIVE_ROUTES];
