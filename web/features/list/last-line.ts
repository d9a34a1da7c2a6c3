import {
  type Content,
  type ConversationHandle,
  type ConversationItem,
  type Delivery,
  deliveryOf,
} from '../../../client/index.ts';

/** What the second line of a row says, and of whom. */
export type LastLine =
  | { readonly type: 'none' }
  | { readonly type: 'draft'; readonly text: string }
  | {
      readonly type: 'own';
      readonly content: Content;
      readonly at: number;
      readonly state: Delivery | 'waiting' | 'failed';
    }
  | { readonly type: 'other'; readonly content: Content; readonly at: number; readonly from: string };

/** `open`: it is beside the list, with its draft in the field to write in. */
export function lastLineOf(
  item: ConversationItem,
  handle: { readonly timeline: Pick<ConversationHandle['timeline'], 'get'> },
  me: string,
  open: boolean,
): LastLine {
  const { draft, last, waiting, failed } = item;
  const text = draft?.text.trim() ?? '';
  if (text !== '' && !open) return { type: 'draft', text };
  if (waiting + failed > 0) {
    // Own messages that are not stored are newer than anything that is.
    const pending = handle.timeline.get().items.findLast((one) => one.type === 'pending');
    if (pending?.type === 'pending') {
      const { content, at } = pending;
      return { type: 'own', content, at, state: failed > 0 ? 'failed' : 'waiting' };
    }
  }
  if (!last) return { type: 'none' };
  const { content, at, from } = last;
  return from === me
    ? { type: 'own', content, at, state: deliveryOf(last, item.reached) }
    : { type: 'other', content, at, from };
}
