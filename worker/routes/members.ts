import type { Infer } from '../../schema/protocol/check.ts';
import { memberBody } from '../../schema/protocol/http-conversations.ts';
import { readBody } from '../body.ts';
import { type Handler, idParam, queryOf, type SignedCall, userRefParam } from '../call.ts';
import { resolveUsers } from '../directory/users.ts';
import { done, type Outcome } from '../outcome.ts';
import { markParam, pageLimit } from '../query.ts';
import { relayRequest } from '../user-object.ts';

export const listMembers: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const query = queryOf(call);
  const limit = pageLimit(query, call.settings.limits);
  if (!limit.ok) return limit;
  const after = markParam(query, 'after');
  if (!after.ok) return after;
  return relayRequest(call, {
    op: 'members',
    conversation: conversation.value,
    limit: limit.value,
    ...(after.value === undefined ? {} : { after: after.value }),
  });
};

/** Adds somebody, or gives them another role. The body may be left out. */
export const setMember: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const ref = userRefParam(call, 'user');
  if (!ref.ok) return ref;
  const role = await roleIn(call);
  if (!role.ok) return role;
  const users = await resolveUsers(call.env.DB, [ref.value]);
  if (!users.ok) return users;
  const [user = ref.value] = users.value;
  return relayRequest(call, {
    op: 'setMember',
    conversation: conversation.value,
    user,
    ...(role.value.role === undefined ? {} : { role: role.value.role }),
  });
};

async function roleIn({ request, settings }: SignedCall): Promise<Outcome<Infer<typeof memberBody>>> {
  const empty = request.body === null || request.headers.get('content-length') === '0';
  return empty ? done({}) : readBody(request, memberBody, settings.limits.frameBytes);
}

/** Removes somebody, or oneself. Needs no D1: who is a member is known to the conversation. */
export const removeMember: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const user = idParam(call, 'user');
  if (!user.ok) return user;
  return relayRequest(call, { op: 'removeMember', conversation: conversation.value, user: user.value });
};
