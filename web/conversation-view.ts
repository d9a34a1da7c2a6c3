import type { Conversation } from '../client/index.ts';
import type { Chat } from './chat.ts';
import { composer } from './composer.ts';
import { el } from './dom.ts';
import { Rows } from './reconcile.ts';
import { rowsOf } from './timeline-rows.ts';

/** Closer to the end than this counts as being there, in CSS pixels. */
const NEAR = 80;
/** Older messages are fetched this long before the top comes into view. */
const AHEAD = 300;

/** The open conversation: its head, its messages, and the field to write in. Made anew for each conversation. */
export function conversationView(
  chat: Chat,
  id: string,
  back: () => void,
): { readonly root: HTMLElement; readonly update: () => void; readonly focus: () => void } {
  const title = el('h2');
  const subtitle = el('small');
  const list = el('ol', { class: 'messages', attrs: { role: 'log', 'aria-label': 'Messages' } });
  const scroller = el('div', { class: 'scroller', attrs: { tabindex: 0 }, on: { scroll: scrolled } }, list);
  const down = el(
    'button',
    { class: 'down', attrs: { type: 'button' }, on: { click: toEnd } },
    'New messages ↓',
  );
  const rows = new Rows(list);
  const field = composer(chat.draft(id), {
    send: (text) => {
      chat.send(id, text);
      toEnd();
    },
    changed: (text) => chat.keepDraft(id, text),
  });
  const root = el(
    'section',
    { class: 'conversation', attrs: { 'aria-label': 'Conversation' } },
    el(
      'header',
      {},
      el(
        'button',
        { class: 'back', attrs: { type: 'button', 'aria-label': 'Back to the list' }, on: { click: back } },
        '‹',
      ),
      el('div', { class: 'who' }, title, subtitle),
    ),
    scroller,
    down,
    field.root,
  );
  let atEnd = true;
  let loading = false;
  let lastSeq = 0;
  down.hidden = true;

  function toEnd(): void {
    scroller.scrollTop = scroller.scrollHeight;
    down.hidden = true;
  }

  function scrolled(): void {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
    if (atEnd) down.hidden = true;
    if (scroller.scrollTop < AHEAD) void older();
  }

  async function older(): Promise<void> {
    const timeline = chat.client.timeline(id);
    if (loading || (timeline.floor === 0 && timeline.gaps.length === 0)) return;
    loading = true;
    await chat.older().catch(() => {});
    loading = false;
  }

  function update(): void {
    const conversation = chat.client.conversation(id);
    if (!conversation) return;
    title.textContent = chat.people.title(conversation, chat.me.id);
    subtitle.textContent = subtitleOf(chat, conversation);
    // What is above grows when older messages come: stay at the same distance from the end.
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    const stay = !atEnd && scroller.scrollTop < AHEAD;
    rows.show(rowsOf(chat, conversation, field.write));
    const { last } = chat.client.timeline(id);
    if (atEnd) toEnd();
    else if (stay) scroller.scrollTop = scroller.scrollHeight - fromEnd;
    if (!atEnd && last > lastSeq && lastSeq > 0) down.hidden = false;
    lastSeq = last;
  }

  return { root, update, focus: field.focus };
}

function subtitleOf(chat: Chat, conversation: Conversation): string {
  if (conversation.kind !== 'direct') {
    const others = (conversation.members ?? []).filter((member) => member.user !== chat.me.id);
    const names = others.map((member) => chat.people.name(member.user));
    const people = `${conversation.memberCount} members`;
    return conversation.title === undefined || names.length === 0 ? people : `You, ${names.join(', ')}`;
  }
  const other = conversation.members?.find((member) => member.user !== chat.me.id)?.user;
  const handle = other === undefined ? undefined : chat.people.get(other)?.handle;
  return handle === undefined ? '' : `@${handle}`;
}
