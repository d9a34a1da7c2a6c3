import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import type { ConversationItem, TimelineMessage } from '../../../client/index.ts';
import { useClient, useConversationHandle } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { IconButton } from '../../ui/button.tsx';
import { BlockedBar, useBlocked } from './blocked-bar.tsx';
import css from './composer.module.css';
import { About, type Subject } from './composer-about.tsx';
import { EmojiPopover } from './emoji-popover.tsx';
import { LimitBar } from './limit-bar.tsx';
import { bytesOf, splitTo, trimTo } from './text-size.ts';
import { useDraftText } from './use-draft-text.ts';

/** UTF-8 bytes of one message that the service takes, unless it says something else. */
const TEXT_BYTES = 16_384;
/** With less than this left, and less than a tenth of it all, it is shown how much. */
const NEAR_BYTES = 1_000;

export interface ComposerHandle {
  /** Puts a text into the field, to be changed and sent. */
  readonly write: (text: string) => void;
  readonly reply: (seq: number) => void;
  readonly edit: (message: TimelineMessage) => void;
}

interface ComposerProps {
  readonly ref: Ref<ComposerHandle>;
  readonly conversation: ConversationItem;
  /** False: not any more. */
  readonly member: boolean;
  readonly onSent: () => void;
}

/** Where one writes; for who can't write here, why. */
export function Composer(props: ComposerProps): ReactElement {
  const { conversation, member } = props;
  const { t } = useStrings();
  const other = otherOf(useMe().id, conversation);
  const blocked = useBlocked(other);
  if (!member) return <p className={css.closed}>{t('chat.notMember')}</p>;
  if (blocked.is && other !== undefined) return <BlockedBar user={other} onUnblocked={blocked.again} />;
  return <Field {...props} key={conversation.id} />;
}

/** The field to write in. Enter sends, Shift and Enter begins a new line. */
function Field({ ref, conversation, onSent }: ComposerProps): ReactElement {
  const { t } = useStrings();
  const { id } = conversation;
  const me = useMe().id;
  const handle = useConversationHandle(id);
  const draft = useDraftText(handle, me);
  const [editing, setEditing] = useState<{ readonly message: TimelineMessage; readonly text: string }>();
  const [emojiAt, setEmojiAt] = useState<DOMRect>();
  const input = useRef<HTMLTextAreaElement>(null);

  const text = editing?.text ?? draft.text;
  const { textBytes: most = TEXT_BYTES } = useClient().limits();
  const near = most - Math.min(NEAR_BYTES, most / 10);
  const bytes = text.length * 3 > near ? bytesOf(text) : 0;
  const over = bytes > most;
  const empty = text.trim() === '';
  const subject: Subject | undefined = editing
    ? { name: 'edit', seq: editing.message.seq }
    : draft.replyTo === undefined
      ? undefined
      : { name: 'reply', seq: draft.replyTo };

  function write(next: string): void {
    if (editing) setEditing({ ...editing, text: next });
    else draft.write(next);
  }

  function edit(message: TimelineMessage): void {
    const said = message.content['text'];
    goOn(() => setEditing({ message, text: typeof said === 'string' ? said : '' }));
  }

  /** Puts a text into the field, and who goes on typing behind it. The next key must find both there. */
  function goOn(change: () => void): void {
    flushSync(change);
    const field = input.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }

  useImperativeHandle(ref, () => ({
    write: (next) =>
      goOn(() => {
        setEditing(undefined);
        draft.write(next);
      }),
    reply: (seq) =>
      goOn(() => {
        setEditing(undefined);
        draft.reply(seq);
      }),
    edit,
  }));

  function done(): void {
    if (editing) setEditing(undefined);
    else draft.clear();
    input.current?.focus();
  }

  function sendAll(texts: readonly string[]): void {
    const { replyTo } = draft;
    for (const [index, one] of texts.entries())
      handle.send(one, index === 0 && replyTo !== undefined ? { replyTo } : {});
    done();
    onSent();
  }

  function send(event: FormEvent | KeyboardEvent): void {
    event.preventDefault();
    // What is too long is not refused after it was sent: the bar above offers what can be done.
    if (empty || over) return;
    if (!editing) return sendAll([text.trim()]);
    if (text.trim() !== editing.message.content['text']) handle.edit(editing.message.seq, text.trim());
    done();
  }

  function keyDown(event: KeyboardEvent): void {
    // While an input method composes, Enter only accepts its suggestion; Safari says so by the code alone.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) return send(event);
    if (event.key === 'Escape' && subject) {
      event.preventDefault();
      if (editing) setEditing(undefined);
      else draft.reply(undefined);
    }
    if (event.key === 'ArrowUp' && text === '' && !event.shiftKey) editLast(event);
  }

  function editLast(event: KeyboardEvent): void {
    const last = handle.timeline.get().items.findLast((item) => item.type === 'message' && item.from === me);
    if (last?.type !== 'message' || last.content.kind !== 'text' || last.deletedAt !== undefined) return;
    event.preventDefault();
    edit(last);
  }

  /** Line ends of other systems would make it another text than the one that is shown. */
  function paste(event: ClipboardEvent): void {
    const pasted = event.clipboardData.getData('text/plain');
    if (!pasted.includes('\r')) return;
    event.preventDefault();
    insert(pasted.replace(/\r\n?/g, '\n'));
  }

  function insert(what: string): void {
    const field = input.current;
    if (!field) return;
    field.setRangeText(what, field.selectionStart, field.selectionEnd, 'end');
    write(field.value);
    field.focus();
  }

  return (
    <>
      <form className={css.composer} onSubmit={send}>
        {subject && (
          <About
            conversation={id}
            subject={subject}
            onCancel={() => {
              if (editing) setEditing(undefined);
              else draft.reply(undefined);
              input.current?.focus();
            }}
          />
        )}
        {bytes > near && (
          <LimitBar
            left={most - bytes}
            parts={over && !editing ? splitTo(text, most).length : 0}
            onSplit={() => sendAll(splitTo(text, most))}
            onTrim={() => {
              write(trimTo(text, most));
              input.current?.focus();
            }}
          />
        )}
        <div className={css.line}>
          <IconButton
            icon="smile"
            label={t('chat.emoji')}
            aria-haspopup="dialog"
            onClick={(event) => setEmojiAt(event.currentTarget.getBoundingClientRect())}
          />
          <textarea
            ref={input}
            className={css.input}
            rows={1}
            dir="auto"
            enterKeyHint="send"
            aria-label={t('chat.message')}
            aria-invalid={over || undefined}
            placeholder={t('chat.write')}
            value={text}
            onChange={(event) => write(event.target.value)}
            onKeyDown={keyDown}
            onPaste={paste}
          />
          <IconButton
            icon={editing ? 'check' : 'send'}
            label={t(editing ? 'action.save' : 'chat.send')}
            type="submit"
            disabled={empty || over}
          />
        </div>
      </form>
      {/* Not in the form: Enter in its field sends nothing. */}
      {emojiAt && (
        <EmojiPopover
          at={emojiAt}
          align="start"
          onClose={() => setEmojiAt(undefined)}
          onPick={(emoji) => {
            setEmojiAt(undefined);
            insert(emoji);
          }}
        />
      )}
    </>
  );
}
