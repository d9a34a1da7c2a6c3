/** Every route of the API, in one place. */
import type { IRequestStrict } from 'itty-router';
import { IttyRouter } from 'itty-router/IttyRouter';
import { fail } from '../schema/protocol/errors.ts';
import type { Answer } from './answer.ts';
import { counted, type Handler, signedIn, stillSignedIn } from './call.ts';
import type { Env } from './env.ts';
import { exchange, login, logout, refresh, register } from './routes/auth.ts';
import { block, listBlocks, unblock } from './routes/blocks.ts';
import {
  changeConversation,
  changePrefs,
  createConversation,
  getConversation,
  listConversations,
} from './routes/conversations.ts';
import { listDevices, removeDevice } from './routes/devices.ts';
import { health } from './routes/health.ts';
import { poll, socket } from './routes/live.ts';
import { listMembers, removeMember, setMember } from './routes/members.ts';
import { listLog, listMessages, send } from './routes/messages.ts';
import { changeMe, findUsers, getMe, getUser } from './routes/users.ts';
import { settingsOf } from './settings.ts';

/** Turns a handler of ours into one of the router's. */
const to =
  (handler: Handler) =>
  (request: IRequestStrict, env: Env): Promise<Answer> =>
    handler({ request, params: request.params, env, settings: settingsOf(env) });

const router = IttyRouter<IRequestStrict, [Env]>({ base: '/v1' });

// signedIn: the UserObject that is called refuses removed devices itself, and D1 may be down.
// stillSignedIn: D1 is asked, so the UserObject is asked before.
router
  .get('/health', to(health))

  .post('/auth/register', to(counted(register)))
  .post('/auth/login', to(counted(login)))
  .post('/auth/refresh', to(refresh))
  .post('/auth/exchange', to(counted(exchange)))
  .post('/auth/logout', to(signedIn(logout)))

  .get('/users/me', to(stillSignedIn(getMe)))
  .patch('/users/me', to(stillSignedIn(changeMe)))
  .get('/users/me/blocks', to(signedIn(listBlocks)))
  .put('/users/me/blocks/:user', to(signedIn(block)))
  .delete('/users/me/blocks/:user', to(signedIn(unblock)))
  .get('/users', to(stillSignedIn(findUsers)))
  .get('/users/:user', to(stillSignedIn(getUser)))

  .get('/devices', to(stillSignedIn(listDevices)))
  .delete('/devices/:device', to(stillSignedIn(removeDevice)))

  .post('/conversations', to(stillSignedIn(createConversation)))
  .get('/conversations', to(signedIn(listConversations)))
  .get('/conversations/:conversation', to(signedIn(getConversation)))
  .patch('/conversations/:conversation', to(signedIn(changeConversation)))
  .patch('/conversations/:conversation/prefs', to(signedIn(changePrefs)))
  .get('/conversations/:conversation/messages', to(signedIn(listMessages)))
  .post('/conversations/:conversation/messages', to(signedIn(send)))
  .get('/conversations/:conversation/log', to(signedIn(listLog)))
  .get('/conversations/:conversation/members', to(signedIn(listMembers)))
  .put('/conversations/:conversation/members/:user', to(stillSignedIn(setMember)))
  .delete('/conversations/:conversation/members/:user', to(signedIn(removeMember)))

  .get('/ws', to(socket))
  .post('/poll', to(signedIn(poll)));

/** Answers a request under /v1. A path or a method that isn't in the table is `not_found`. */
export async function route(request: Request, env: Env): Promise<Answer> {
  const answer: Answer | undefined = await router.fetch(request, env);
  return answer ?? fail('not_found', 'there is no such route: see /openapi.json');
}
