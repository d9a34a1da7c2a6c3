import { accept } from '../../schema/protocol/codec.ts';
import { fail } from '../../schema/protocol/errors.ts';
import { profileBody, usersQuery } from '../../schema/protocol/http-auth.ts';
import { json } from '../answer.ts';
import { readBody } from '../body.ts';
import { type Handler, idParam, queryOf, type SignedCall } from '../call.ts';
import { changeProfile, ownProfile, userByHandle, userById, usersByIds } from '../directory/users.ts';
import { textParam } from '../query.ts';

/** Characters of the user's own settings, as JSON. */
const MAX_PRIVACY = 4096;

const nobody = fail('not_found', 'there is no such user');

export const getMe: Handler<SignedCall> = async ({ env, user }) => {
  const found = await ownProfile(env.DB, user);
  if (!found.ok) return found;
  return found.value ? json(200, found.value) : nobody;
};

export const changeMe: Handler<SignedCall> = async ({ request, env, settings, user }) => {
  const body = await readBody(request, profileBody, settings.limits.frameBytes);
  if (!body.ok) return body;
  const { name, about, avatar } = body.value;
  const privacy = body.value.privacy && JSON.stringify(body.value.privacy);
  if (privacy !== undefined && privacy.length > MAX_PRIVACY) {
    return fail('too_large', `privacy: at most ${MAX_PRIVACY} characters`);
  }
  const change = { name, about, avatar, privacy };
  const changed = await changeProfile(env.DB, user, change);
  if (!changed.ok) return changed;
  return changed.value ? json(200, changed.value) : nobody;
};

export const getUser: Handler<SignedCall> = async (call) => {
  const id = idParam(call, 'user');
  if (!id.ok) return id;
  const found = await userById(call.env.DB, id.value);
  if (!found.ok) return found;
  return found.value ? json(200, found.value) : nobody;
};

/** By the exact handle, a list of one or none; or those of some ids. There is no way to browse people. */
export const findUsers: Handler<SignedCall> = async (call) => {
  const query = queryOf(call);
  const handle = textParam(query, 'handle');
  if (!handle.ok) return handle;
  const ids = textParam(query, 'ids');
  if (!ids.ok) return ids;
  const asked = accept(usersQuery, { handle: handle.value?.replace(/^@/, ''), ids: ids.value });
  if (!asked.ok) return asked;
  if (asked.value.ids !== undefined) {
    const found = await usersByIds(call.env.DB, asked.value.ids.split(','));
    return found.ok ? json(200, found.value) : found;
  }
  const found = await userByHandle(call.env.DB, asked.value.handle ?? '');
  if (!found.ok) return found;
  return json(200, found.value ? [found.value] : []);
};
