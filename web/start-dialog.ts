import { ParleyError } from '../client/index.ts';
import type { Chat } from './chat.ts';
import { el, field, say } from './dom.ts';
import { inWords } from './words.ts';

/** Asks whom to talk to and begins: one handle is a direct conversation, more are a group. */
export function startDialog(
  chat: Chat,
  begun: (conversation: string) => void,
): { readonly root: HTMLDialogElement; readonly open: () => void } {
  const handles = field(
    'Handles',
    { name: 'handles', autocapitalize: 'none', spellcheck: 'false', autocomplete: 'off', required: true },
    'One for a direct conversation; several, with commas between, for a group.',
  );
  const title = field('Title of the group', { name: 'title', maxlength: 100, autocomplete: 'off' });
  const error = el('p', { class: 'error', attrs: { role: 'alert' } });
  const submit = el('button', { class: 'primary', attrs: { type: 'submit' } }, 'Start');
  const cancel = el(
    'button',
    { class: 'quiet', attrs: { type: 'button' }, on: { click: () => root.close() } },
    'Cancel',
  );
  const root = el(
    'dialog',
    { class: 'card', attrs: { 'aria-labelledby': 'start-title' } },
    el(
      'form',
      { on: { submit: (event) => void start(event) } },
      el('h2', { id: 'start-title' }, 'New conversation'),
      handles.row,
      title.row,
      error,
      el('div', { class: 'buttons' }, cancel, submit),
    ),
  );
  const chosen = (): string[] => [
    ...new Set(
      handles.input.value
        .split(/[\s,;]+/)
        .map((handle) => handle.replace(/^@/, '').toLowerCase())
        .filter((handle) => handle !== '' && handle !== chat.me.handle),
    ),
  ];
  handles.input.addEventListener('input', () => {
    title.row.hidden = chosen().length < 2;
  });

  async function start(event: Event): Promise<void> {
    event.preventDefault();
    const people = chosen();
    if (people.length === 0) return say(error, 'Write the handle of somebody else.');
    const name = title.input.value.trim();
    say(error, '');
    submit.disabled = true;
    try {
      const { id } = await chat.client.createConversation({
        kind: people.length === 1 ? 'direct' : 'group',
        members: people.map((handle) => `@${handle}`),
        ...(people.length > 1 && name !== '' ? { title: name } : {}),
      });
      root.close();
      begun(id);
    } catch (cause) {
      say(error, startError(cause, people));
      handles.input.focus();
    } finally {
      submit.disabled = false;
    }
  }

  function open(): void {
    handles.input.value = '';
    title.input.value = '';
    title.row.hidden = true;
    say(error, '');
    root.showModal();
    handles.input.focus();
  }

  return { root, open };
}

function startError(cause: unknown, people: readonly string[]): string {
  const code = cause instanceof ParleyError ? cause.code : undefined;
  if (code === 'not_found' || code === 'bad_request')
    return people.length === 1
      ? `There is nobody with the handle @${people[0]}.`
      : 'One of these handles doesn’t belong to anybody. Please check them.';
  return inWords(cause);
}
