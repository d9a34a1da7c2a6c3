import type { Conversation } from '../client/index.ts';
import { avatar } from './avatar.ts';
import type { Chat } from './chat.ts';
import { lineOf } from './content.ts';
import { el } from './dom.ts';
import { briefly } from './words.ts';

export interface SidebarActions {
  readonly open: (conversation: string) => void;
  readonly start: () => void;
  readonly logout: () => void;
}

/** The list of conversations, who is signed in, and what can be begun. */
export function sidebar(
  chat: Chat,
  actions: SidebarActions,
): { readonly root: HTMLElement; readonly update: () => void } {
  const list = el('ul', { class: 'conversations' });
  const empty = el('p', { class: 'empty' });
  const me = chat.me;
  const root = el(
    'nav',
    { class: 'sidebar', attrs: { 'aria-label': 'Conversations' } },
    el(
      'header',
      {},
      avatar(me.id, me.name),
      el('div', { class: 'who' }, el('strong', {}, me.name), el('small', {}, `@${me.handle}`)),
      el('button', { class: 'quiet', attrs: { type: 'button' }, on: { click: actions.logout } }, 'Log out'),
    ),
    el(
      'button',
      { class: 'primary start', attrs: { type: 'button' }, on: { click: actions.start } },
      'New conversation',
    ),
    empty,
    list,
  );

  function update(): void {
    const { conversations } = chat.client;
    // The focused row keeps the focus when the list is made anew.
    const focused =
      document.activeElement?.closest<HTMLElement>('[data-conversation]')?.dataset['conversation'];
    const rows = conversations.map((conversation) => row(chat, conversation, actions.open));
    list.replaceChildren(...rows);
    if (focused !== undefined && list.parentElement) {
      rows
        .find((item) => item.dataset['conversation'] === focused)
        ?.querySelector('button')
        ?.focus();
    }
    empty.hidden = conversations.length > 0;
    empty.textContent = chat.listed
      ? 'Nothing here yet. Start a conversation with somebody’s handle.'
      : 'Loading…';
    const unread = conversations.reduce((sum, conversation) => sum + conversation.unread, 0);
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley';
  }

  return { root, update };
}

function row(chat: Chat, conversation: Conversation, open: (id: string) => void): HTMLElement {
  const { id, last, unread } = conversation;
  const title = chat.people.title(conversation, chat.me.id);
  const other = conversation.members?.find((member) => member.user !== chat.me.id)?.user;
  const direct = conversation.kind === 'direct';
  const line = last ? `${authorOf(chat, last.from, direct)}${lineOf(last)}` : 'No messages yet';
  return el(
    'li',
    { attrs: { 'data-conversation': id } },
    el(
      'button',
      {
        class: unread > 0 ? 'row unread' : 'row',
        attrs: { type: 'button', 'aria-current': chat.open === id ? 'true' : undefined },
        on: { click: () => open(id) },
      },
      avatar(direct && other !== undefined ? other : id, title),
      el('span', { class: 'title' }, title),
      last !== undefined &&
        el('time', { attrs: { datetime: new Date(last.at).toISOString() } }, briefly(last.at)),
      el('span', { class: 'line' }, line),
      unread > 0 &&
        el(
          'span',
          { class: 'badge', attrs: { 'aria-label': `${unread} unread` } },
          unread > 99 ? '99+' : String(unread),
        ),
    ),
  );
}

function authorOf(chat: Chat, from: string, direct: boolean): string {
  if (from === chat.me.id) return 'You: ';
  const name = direct ? undefined : chat.people.get(from)?.name;
  return name === undefined ? '' : `${name}: `;
}
