import { fail } from '../../schema/protocol/errors.ts';
import { type Handler, idParam, type SignedCall } from '../call.ts';
import { relayRequest } from '../user-object.ts';

export const listBlocks: Handler<SignedCall> = (call) => relayRequest(call, { op: 'blocks' });

const setBlock =
  (on: boolean): Handler<SignedCall> =>
  async (call) => {
    const other = idParam(call, 'user');
    if (!other.ok) return other;
    if (other.value === call.user) return fail('bad_request', 'user: you can not block yourself');
    return relayRequest(call, { op: 'block', user: other.value, on });
  };

export const block = setBlock(true);
export const unblock = setBlock(false);
