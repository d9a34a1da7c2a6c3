import { type FormEvent, type ReactElement, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ConversationItem } from '../../../client/index.ts';
import { useConversationHandle, useMembers } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { MOST_TITLE } from '../new/limits.ts';
import css from './group-title.module.css';
import { mayManage, roleIn } from './rights.ts';

/** The title of a group; owners and admins can write another one in its place. */
export function GroupTitle(props: { readonly item: ConversationItem; readonly title: string }): ReactElement {
  const { item, title } = props;
  const { t } = useStrings();
  const me = useMe();
  const members = useMembers(item.id);
  const [editing, setEditing] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const role = roleIn(members ?? item.members, me.id);
  const done = (): void => {
    // Whoever went elsewhere while it was saved stays there.
    const here = place.current?.contains(document.activeElement);
    flushSync(() => setEditing(false));
    if (here) place.current?.querySelector('button')?.focus();
  };
  return (
    <div ref={place} className={css.place}>
      {editing ? (
        <TitleForm item={item} onDone={done} />
      ) : (
        <div className={css.line}>
          <h3 className={css.title} dir="auto">
            {title}
          </h3>
          {mayManage(role) && (
            <IconButton icon="pencil" label={t('info.rename')} onClick={() => setEditing(true)} />
          )}
        </div>
      )}
    </div>
  );
}

interface TitleFormProps {
  readonly item: ConversationItem;
  readonly onDone: () => void;
}

function TitleForm({ item, onDone }: TitleFormProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const handle = useConversationHandle(item.id);
  const [text, setText] = useState(item.title ?? '');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const title = text.trim();
    if (title === '') return setError(t('info.titleMissing'));
    if (title === item.title) return onDone();
    setBusy(true);
    try {
      await handle.rename(title);
      onDone();
    } catch (cause) {
      setBusy(false);
      setError(inWords(strings, cause));
    }
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onDone();
      }}
    >
      <Field
        autoFocus
        label={t('start.title')}
        value={text}
        error={error}
        maxLength={MOST_TITLE}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <div className={css.actions}>
        <Button onClick={onDone}>{t('action.cancel')}</Button>
        <Button kind="primary" type="submit" busy={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
