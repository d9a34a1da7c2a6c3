import type { Delivery, TimelineMessage } from '../client/index.ts';
import type { FailedMessage } from './chat.ts';
import { textOf } from './content.ts';
import { el } from './dom.ts';
import { inWords, timeOf } from './words.ts';

const TICKS: { readonly [D in Delivery | 'pending']: { readonly mark: string; readonly label: string } } = {
  pending: { mark: '◷', label: 'Sending' },
  sent: { mark: '✓', label: 'Sent' },
  delivered: { mark: '✓✓', label: 'Delivered' },
  read: { mark: '✓✓', label: 'Read' },
};

export interface ShownMessage {
  readonly key: string;
  readonly content: TimelineMessage['content'];
  readonly at: number | undefined;
  readonly edited: boolean;
  readonly deleted: boolean;
  /** Undefined for what others wrote. */
  readonly delivery: Delivery | 'pending' | undefined;
  /** Who wrote it, where that isn't plain. */
  readonly author: string | undefined;
  /** Follows another of the same author closely. */
  readonly joined: boolean;
}

/** One message as a row of the timeline. */
export function messageRow(message: ShownMessage): HTMLElement {
  const { content, at, edited, deleted, delivery, author, joined } = message;
  const own = delivery !== undefined;
  const classes = ['message', own ? 'own' : 'other', joined && 'joined', deleted && 'deleted'];
  return el(
    'li',
    {
      class: classes.filter(Boolean).join(' '),
      attrs: { 'data-key': message.key, 'data-delivery': delivery },
    },
    el(
      'div',
      { class: 'bubble' },
      author !== undefined && el('strong', { class: 'author' }, author),
      el('span', { class: 'text', attrs: { dir: 'auto' } }, textOf(content)),
      el(
        'span',
        { class: 'meta' },
        edited && !deleted && 'edited ',
        at !== undefined && el('time', { attrs: { datetime: new Date(at).toISOString() } }, timeOf(at)),
        delivery !== undefined && ticks(delivery),
      ),
    ),
  );
}

function ticks(delivery: Delivery | 'pending'): HTMLElement {
  const { mark, label } = TICKS[delivery];
  return el(
    'span',
    { class: `ticks ${delivery}`, attrs: { role: 'img', 'aria-label': label, title: label } },
    mark,
  );
}

export interface FailedActions {
  readonly again: () => void;
  /** Puts the text back into the field to write in. */
  readonly edit: () => void;
  readonly discard: () => void;
}

/** A message that could not be sent: why, and what can be done. */
export function failedRow({ clientId, content, error }: FailedMessage, actions: FailedActions): HTMLElement {
  const button = (text: string, click: () => void): HTMLElement =>
    el('button', { class: 'quiet', attrs: { type: 'button' }, on: { click } }, text);
  return el(
    'li',
    { class: 'message own failed', attrs: { 'data-key': `failed ${clientId}` } },
    el('div', { class: 'bubble' }, el('span', { class: 'text', attrs: { dir: 'auto' } }, textOf(content))),
    el(
      'div',
      { class: 'why', attrs: { role: 'alert' } },
      el('span', {}, `Not sent. ${inWords(error)}`),
      error.code === 'too_large' ? button('Edit', actions.edit) : button('Try again', actions.again),
      button('Discard', actions.discard),
    ),
  );
}
