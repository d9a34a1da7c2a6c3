import { el } from './dom.ts';

export interface ComposerActions {
  readonly send: (text: string) => void;
  readonly changed: (text: string) => void;
}

/** The field to write in. Enter sends, Shift and Enter begins a new line. */
export function composer(
  draft: string,
  actions: ComposerActions,
): { readonly root: HTMLElement; readonly focus: () => void; readonly write: (text: string) => void } {
  const input = el('textarea', {
    attrs: {
      rows: 1,
      placeholder: 'Write a message',
      'aria-label': 'Message',
      enterkeyhint: 'send',
      dir: 'auto',
    },
    on: { input: changed, keydown },
  });
  const button = el('button', { class: 'primary', attrs: { type: 'submit', 'aria-label': 'Send' } }, 'Send');
  input.value = draft;

  function changed(): void {
    button.disabled = input.value.trim() === '';
    actions.changed(input.value);
  }

  function keydown(event: KeyboardEvent): void {
    // While an input method composes, Enter only accepts its suggestion.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  }

  function send(): void {
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    changed();
    actions.send(text);
    input.focus();
  }

  function write(text: string): void {
    input.value = text;
    changed();
    input.focus();
  }

  const submit = (event: Event): void => {
    event.preventDefault();
    send();
  };
  button.disabled = draft.trim() === '';
  return {
    root: el('form', { class: 'composer', on: { submit } }, input, button),
    focus: () => input.focus(),
    write,
  };
}
