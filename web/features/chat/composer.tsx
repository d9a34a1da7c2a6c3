import {
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { useStrings } from '../../strings/language.ts';
import { IconButton } from '../../ui/button.tsx';
import css from './composer.module.css';

export interface ComposerHandle {
  /** Puts a text into the field, to be changed and sent. */
  readonly write: (text: string) => void;
}

interface ComposerProps {
  readonly ref: Ref<ComposerHandle>;
  readonly draft: string;
  readonly onChange: (text: string) => void;
  readonly onSend: (text: string) => void;
}

/** The field to write in. Enter sends, Shift and Enter begins a new line. */
export function Composer({ ref, draft, onChange, onSend }: ComposerProps): ReactElement {
  const { t } = useStrings();
  const [text, setText] = useState(draft);
  const input = useRef<HTMLTextAreaElement>(null);

  function write(next: string): void {
    setText(next);
    onChange(next);
  }

  useImperativeHandle(ref, () => ({
    write(next) {
      write(next);
      input.current?.focus();
    },
  }));

  function send(event: FormEvent | KeyboardEvent): void {
    event.preventDefault();
    if (text.trim() === '') return;
    onSend(text.trim());
    write('');
    input.current?.focus();
  }

  function keyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter only accepts its suggestion.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  }

  return (
    <form className={css.composer} onSubmit={send}>
      <textarea
        ref={input}
        className={css.input}
        rows={1}
        dir="auto"
        enterKeyHint="send"
        aria-label={t('chat.message')}
        placeholder={t('chat.write')}
        value={text}
        onChange={(event) => write(event.target.value)}
        onKeyDown={keyDown}
      />
      <IconButton icon="send" label={t('chat.send')} type="submit" disabled={text.trim() === ''} />
    </form>
  );
}
