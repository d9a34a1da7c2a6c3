import { contentTooLarge } from '../../schema/protocol/content.ts';
import { sendBody } from '../../schema/protocol/http-conversations.ts';
import { readBody } from '../body.ts';
import { type Handler, idParam, queryOf, type SignedCall } from '../call.ts';
import { stretchOf } from '../query.ts';
import { relayRequest } from '../user-object.ts';

export const send: Handler<SignedCall> = async (call) => {
  const conversation = idParam(call, 'conversation');
  if (!conversation.ok) return conversation;
  const body = await readBody(call.request, sendBody, call.settings.limits.frameBytes);
  if (!body.ok) return body;
  const { clientId, content, replyTo, after } = body.value;
  const tooLarge = contentTooLarge(content, call.settings.limits);
  if (tooLarge) return tooLarge;
  const message = {
    type: 'message' as const,
    clientId,
    content,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(after === undefined ? {} : { after }),
  };
  return relayRequest(call, { op: 'send', conversation: conversation.value, message });
};

const history =
  (view: 'messages' | 'log', positions: readonly ('before' | 'after' | 'around')[]): Handler<SignedCall> =>
  async (call) => {
    const conversation = idParam(call, 'conversation');
    if (!conversation.ok) return conversation;
    const stretch = stretchOf(queryOf(call), call.settings.limits, positions);
    if (!stretch.ok) return stretch;
    return relayRequest(call, { op: 'history', conversation: conversation.value, view, ...stretch.value });
  };

/** Messages in their present state. */
export const listMessages = history('messages', ['before', 'after', 'around']);
/** Every entry of the log, without gaps. */
export const listLog = history('log', ['before', 'after']);
