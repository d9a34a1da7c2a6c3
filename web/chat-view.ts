import type { Chat, Part } from './chat.ts';
import { connectionView } from './connection-view.ts';
import { conversationView } from './conversation-view.ts';
import { el } from './dom.ts';
import { sidebar } from './sidebar.ts';
import { startDialog } from './start-dialog.ts';

/** `#/c/<id>` names the open conversation, so that the browser's back button and reload do what one expects. */
const ADDRESS = /^#\/c\/([A-Za-z0-9_-]{1,64})$/;

const HIDDEN_MS = 250;

export interface ChatView {
  readonly root: HTMLElement;
  /** Draws what changed, at most once a frame. */
  readonly update: (part: Part) => void;
  readonly close: () => void;
}

/** The whole page of somebody signed in. */
export function chatView(chat: Chat, logout: () => void): ChatView {
  const dialog = startDialog(chat, go);
  const list = sidebar(chat, { open: go, start: dialog.open, logout });
  const connection = connectionView();
  const pane = el('main', { class: 'pane' });
  const root = el('div', { class: 'chat' }, connection.root, list.root, pane, dialog.root);
  const due = new Set<Part>();
  let shown: { readonly id: string; readonly view: ReturnType<typeof conversationView> } | undefined;

  function go(conversation: string): void {
    location.hash = `#/c/${conversation}`;
  }

  function follow(): void {
    chat.show(ADDRESS.exec(location.hash)?.[1]);
  }

  function drawPane(): void {
    const id = chat.open;
    root.classList.toggle('opened', id !== undefined);
    if (id === undefined || !chat.client.conversation(id)) {
      shown = undefined;
      const text =
        id === undefined
          ? 'Choose a conversation, or start a new one.'
          : chat.listed
            ? 'This conversation isn’t here.'
            : 'Loading…';
      pane.replaceChildren(el('p', { class: 'empty' }, text));
      return;
    }
    if (shown?.id !== id) {
      const view = conversationView(chat, id, () => {
        location.hash = '';
      });
      shown = { id, view };
      pane.replaceChildren(view.root);
      view.update();
      // On touch screens the keyboard would cover what was opened to be read.
      if (matchMedia('(pointer: fine)').matches) view.focus();
    } else shown.view.update();
  }

  function draw(): void {
    if (due.size === 0) return;
    const parts = [...due];
    due.clear();
    if (parts.includes('connection')) connection.update(chat.client.state);
    if (parts.includes('list')) list.update();
    // Whether the open conversation is known is told by the list.
    if (parts.includes('conversation') || (parts.includes('list') && shown?.id !== chat.open)) drawPane();
  }

  function update(part: Part): void {
    due.add(part);
    if (due.size > 1) return;
    requestAnimationFrame(draw);
    // A hidden window draws no frames, but its title still counts unread messages.
    setTimeout(draw, HIDDEN_MS);
  }

  addEventListener('hashchange', follow);
  for (const part of ['connection', 'list', 'conversation'] as const) update(part);
  follow();
  return { root, update, close: () => removeEventListener('hashchange', follow) };
}
