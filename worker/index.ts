/** The Worker: the API under /v1, the web app everywhere else. */
import { allowPreflight, readableAnywhere } from './cors.ts';
import type { Env } from './env.ts';
import { measured } from './measured.ts';
import { settled } from './problem.ts';
import { route } from './router.ts';
import { serveWeb } from './shell.ts';

export { ConversationObject } from '../objects/conversation/object.ts';
export { UserObject } from '../objects/user/object.ts';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (!/^\/v1(\/|$)/.test(new URL(request.url).pathname)) return settled(() => serveWeb(request, env));
    if (request.method === 'OPTIONS') return allowPreflight();
    return readableAnywhere(await measured(request, env, () => settled(() => route(request, env))));
  },
};
