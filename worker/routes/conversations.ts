import type { Infer } from '../../schema/protocol/check.ts';
import { type Failure, fail } from '../../schema/protocol/errors.ts';
import { changeConversationBody, createBody, prefsBody } from '../../schema/protocol/http-conversations.ts';
import type { Limits } from '../../schema/protocol/limits.ts';
import { readBody } from '../body.ts';
import { type Handler, idParam, queryOf, type SignedCall } from '../call.ts';
import { resolveUsers } from '../directory/users.ts';
import { markParam, pageLimit } from '../query.ts';
import { relayRequest } from '../user-object.ts';

export const createConversation: Handler<SignedCall> = async (call) => {
  const { limits } = call.settings;
  const body = await readBody(call.request, createBody, limits.frameBytes);
  if (!body.ok) return body;
  const refs = [...new Set(body.value.members)];
  const refused = notYet(body.value) ?? tooMany(body.value.kind, refs.length, limits);
  if (refused) return refused;
  const members = await resolveUsers(call.env.DB, refs);
  if (!members.ok) return members;
  const others = members.value.filter((user) => user !== call.user);
  const { kind, title } = body.value;
  const miscounted = countFailure(kind, others.length, limits);
  if (miscounted) return miscounted;
  return relayRequest(call, {
    op: 'create',
    kind,
    mode: 'server',
    members: others,
    // The title of a direct conversation is the other one's name, on each side.
    ...(kind === 'direct' || title === undefined ? {} : { title }),
  });
};

function notYet({ kind, mode }: Infer<typeof createBody>): Failure | undefined {
  if (kind === 'channel') return fail('bad_request', 'kind: channels are not available yet');
  if (mode === 'encrypted') return fail('bad_request', 'mode: encrypted conversations are not available yet');
  return undefined;
}

/** Before anybody is looked up: each user can be named by id and by handle, so twice the members and no more. */
function tooMany(kind: string, refs: number, limits: Limits): Failure | undefined {
  const most = kind === 'direct' ? 4 : 2 * limits.groupMembers;
  return refs > most ? countFailure(kind, refs, limits) : undefined;
}

/** `others`: members besides the caller. */
function countFailure(kind: string, others: number, limits: Limits): Failure | undefined {
  if (kind === 'direct') {
    return others === 1
      ? undefined
      : fail('bad_request', 'members: a direct conversation needs exactly one other user');
  }
  return others + 1 > limits.groupMembers
    ? fail('too_large', `members: at most ${limits.groupMembers}, you included`)
    : undefined;
}

export const listConversations: Handler<SignedCall> = async (call) => {
  const query = queryOf(call);
  const limit = pageLimit(query, call.settings.limits);
  if (!limit.ok) return limit;
  const before = markParam(query, 'before');
  if (!before.ok) return before;
  return relayRequest(call, {
    op: 'list',
    limit: limit.value,
    ...(before.value === undefined ? {} : { before: before.value }),
  });
};

export const getConversation: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  return relayRequest(call, { op: 'get', conversation: conversation.value });
};

export const changeConversation: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const body = await readBody(call.request, changeConversationBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  return relayRequest(call, { op: 'rename', conversation: conversation.value, title: body.value.title });
};

/** Pins, mutes, archives, marks as unread, for the caller alone. Needs no D1. */
export const changePrefs: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const body = await readBody(call.request, prefsBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  const { pinned, mutedUntil, archived, unread } = body.value;
  const change = {
    ...(pinned === undefined ? {} : { pinned }),
    ...(mutedUntil === undefined ? {} : { mutedUntil }),
    ...(archived === undefined ? {} : { archived }),
    ...(unread === undefined ? {} : { unread }),
  };
  return relayRequest(call, { op: 'setPrefs', conversation: conversation.value, change });
};
