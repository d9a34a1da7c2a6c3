import { described, integer, object, optional, refine, text } from './check.ts';
import { prefs } from './frames-prefs.ts';
import {
  changeConversationBody,
  conversation,
  conversationsPage,
  createBody,
  logPage,
  memberBody,
  memberDetail,
  membersPage,
  messagesPage,
  prefsBody,
  sendBody,
  sendResult,
} from './http-conversations.ts';
import type { Route } from './http-route.ts';
import { id, position, seq, userRef } from './ids.ts';
import { MAX_PAGE } from './limits.ts';

const limit = optional(integer(1, MAX_PAGE, 'At most, and by default, the limit `page`.'));
const onePosition = (query: object): string | undefined => {
  const given = ['before', 'after', 'around'].filter((name) => name in query);
  return given.length > 1 ? `${given.join(', ')}: only one of these` : undefined;
};
const messagesQuery = refine(
  object({ before: optional(seq), after: optional(position), around: optional(seq), limit }),
  onePosition,
);
const logQuery = refine(object({ before: optional(seq), after: optional(position), limit }), onePosition);

/** Conversations, what is said in them, and who is there. To anybody who is not a member they don't exist. */
export const CONVERSATION_ROUTES: readonly Route[] = [
  {
    id: 'createConversation',
    method: 'POST',
    path: '/v1/conversations',
    tag: 'conversations',
    summary: 'Start a conversation',
    about:
      'The caller is a member without being named. A direct conversation has one other member; there is one for each pair, whoever asks.',
    body: createBody,
    answers: {
      200: { what: 'A direct conversation that existed.', body: conversation },
      201: { what: 'The new conversation. Its log is empty.', body: conversation },
    },
    errors: ['forbidden', 'not_found', 'conflict', 'blocked'],
  },
  {
    id: 'listConversations',
    method: 'GET',
    path: '/v1/conversations',
    tag: 'conversations',
    summary: "The caller's conversations, newest first",
    query: object({
      limit,
      before: optional(text({ min: 1, max: 128, describe: 'The `next` of the page before.' })),
    }),
    answers: { 200: { what: 'A page; `next` is there when more follow.', body: conversationsPage } },
  },
  {
    id: 'getConversation',
    method: 'GET',
    path: '/v1/conversations/:c',
    tag: 'conversations',
    summary: 'A conversation as the caller sees it',
    answers: { 200: { what: 'The conversation.', body: conversation } },
    errors: ['not_found'],
  },
  {
    id: 'changeConversation',
    method: 'PATCH',
    path: '/v1/conversations/:c',
    tag: 'conversations',
    summary: 'Change the title of a group or channel',
    about: 'For its owner and admins. Writes a `conversation` entry to the log.',
    body: changeConversationBody,
    answers: { 200: { what: 'The changed conversation.', body: conversation } },
    errors: ['forbidden', 'not_found'],
  },
  {
    id: 'changePrefs',
    method: 'PATCH',
    path: '/v1/conversations/:c/prefs',
    tag: 'conversations',
    summary: 'Pin, mute, archive, mark as unread',
    about:
      'For the caller alone, on all their devices, which are told by a `prefs` frame. Fields that are left out stay as they are; `mutedUntil: null` takes a mute back. `read` of the conversation clears `unread`.',
    body: prefsBody,
    answers: { 200: { what: 'The preferences as they are now.', body: prefs } },
    errors: ['not_found'],
  },
  {
    id: 'listMessages',
    method: 'GET',
    path: '/v1/conversations/:c/messages',
    tag: 'messages',
    summary: 'Messages in their present state',
    about: 'At most one of `before`, `after` and `around`; without one, the newest.',
    query: messagesQuery,
    answers: {
      200: { what: 'Ascending by `seq`; messages only, so numbers may be missing.', body: messagesPage },
    },
    errors: ['not_found'],
  },
  {
    id: 'listEntries',
    method: 'GET',
    path: '/v1/conversations/:c/log',
    tag: 'messages',
    summary: 'Every entry of the log',
    about: 'At most one of `before` and `after`; without one, the newest.',
    query: logQuery,
    answers: { 200: { what: 'Ascending by `seq`, without gaps.', body: logPage } },
    errors: ['not_found'],
  },
  {
    id: 'sendMessage',
    method: 'POST',
    path: '/v1/conversations/:c/messages',
    tag: 'messages',
    summary: 'Send a message',
    about: 'Repeat it with the same `clientId` until there is an answer: it becomes one message.',
    body: sendBody,
    answers: {
      200: { what: 'A repeat: the first result.', body: sendResult },
      201: { what: 'The message is durable.', body: sendResult },
    },
    errors: ['forbidden', 'blocked', 'not_found', 'conflict', 'client_id_reused'],
  },
  {
    id: 'listMembers',
    method: 'GET',
    path: '/v1/conversations/:c/members',
    tag: 'members',
    summary: 'Members, their roles and receipts',
    query: object({
      after: optional(described(id, 'The `next` of the page before.')),
      limit,
    }),
    answers: { 200: { what: 'A page; `next` is there when more follow.', body: membersPage } },
    errors: ['not_found'],
  },
  {
    id: 'setMember',
    method: 'PUT',
    path: '/v1/conversations/:c/members/:u',
    tag: 'members',
    summary: 'Add a member, or change a role',
    about: 'Owners and admins add; owners give roles. Who joins sees the whole history.',
    parameters: { u: userRef },
    body: memberBody,
    bodyOptional: true,
    answers: { 200: { what: 'The member.', body: memberDetail } },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  {
    id: 'removeMember',
    method: 'DELETE',
    path: '/v1/conversations/:c/members/:u',
    tag: 'members',
    summary: 'Remove a member, or leave',
    about: 'Who goes gets one last `member` entry and nothing after it.',
    answers: { 204: { what: 'Not a member any more.' } },
    errors: ['forbidden', 'not_member', 'not_found'],
  },
];
