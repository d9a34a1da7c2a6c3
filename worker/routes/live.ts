import { pollBody } from '../../schema/protocol/http-conversations.ts';
import { relay } from '../answer.ts';
import { verifyAccess } from '../auth/access-token.ts';
import { handshakeOf } from '../auth/bearer.ts';
import { readBody } from '../body.ts';
import type { Handler, SignedCall } from '../call.ts';
import { callUser } from '../user-object.ts';

/** The user's socket: checked here, held by their UserObject. */
export const socket: Handler = async ({ request, env, settings }) => {
  const handshake = handshakeOf(request.headers);
  if (!handshake.ok) return handshake;
  const { token, protocol } = handshake.value;
  const claims = await verifyAccess(settings.signingKey, token, Date.now());
  if (!claims.ok) return claims;
  // A request of our own: no header from outside gets through, so nobody can name another user.
  const headers = new Headers({
    upgrade: 'websocket',
    'x-parley-user': claims.value.user,
    'x-parley-device': claims.value.device,
  });
  if (protocol !== undefined) headers.set('x-parley-protocol', protocol);
  const upgrade = () => new Request('https://user.parley/socket', { headers });
  const answer = await callUser(env, claims.value.user, (object) => object.fetch(upgrade()));
  return answer.ok ? answer.value : answer;
};

/** A poll carries several frames and the heads of up to 1,000 conversations; each frame has its own limit inside. */
const POLL_FRAMES = 4;

/** The same frames over plain requests. The answer may take `wait` seconds. */
export const poll: Handler<SignedCall> = async ({ request, env, settings, user, device }) => {
  const body = await readBody(request, pollBody, settings.limits.frameBytes * POLL_FRAMES);
  if (!body.ok) return body;
  const { session, n, cursor, heads, limit, knows, close, frames, wait = 0 } = body.value;
  const call = {
    ...(session === undefined ? {} : { session }),
    ...(n === undefined ? {} : { n }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(heads === undefined ? {} : { heads }),
    ...(limit === undefined ? {} : { limit }),
    ...(knows === undefined ? {} : { knows }),
    ...(close === undefined ? {} : { close }),
    wait,
    frames: frames.map((frame) => JSON.stringify(frame)),
  };
  const answer = await callUser(env, user, (object) => object.poll(user, device, call));
  return answer.ok ? relay(answer.value) : answer;
};
