import { type FormEvent, type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { ParleyError } from '../../../client/index.ts';
import { useClient } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import css from './new-conversation.module.css';

/** Asks whom to talk to and begins: one handle is a direct conversation, more are a group. */
export function NewConversation({ onClose }: { readonly onClose: () => void }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const me = useMe();
  const [, navigate] = useLocation();
  const [handles, setHandles] = useState('');
  const [title, setTitle] = useState('');
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const people = handlesIn(handles).filter((handle) => handle !== me.handle);
  const group = people.length > 1;

  async function start(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (people.length === 0) return setError(t('start.nobody'));
    setError(undefined);
    setBusy(true);
    try {
      const { id } = await client.createConversation({
        kind: group ? 'group' : 'direct',
        members: people.map((handle) => `@${handle}`),
        ...(group && title.trim() !== '' ? { title: title.trim() } : {}),
      });
      onClose();
      navigate(`/c/${id}`);
    } catch (cause) {
      setBusy(false);
      setError(startError(strings, cause, people));
    }
  }

  return (
    <Dialog title={t('list.new')} onClose={onClose}>
      <form className={css.form} onSubmit={(event) => void start(event)}>
        <Field
          label={t('start.handles')}
          hint={t('start.handlesHint')}
          error={error}
          value={handles}
          onChange={(event) => setHandles(event.target.value)}
          dir="ltr"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        {group && (
          <Field
            label={t('start.title')}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            maxLength={100}
            autoComplete="off"
          />
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy}>
            {t('start.start')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function handlesIn(text: string): string[] {
  const handles = text.split(/[\s,;،]+/).map((handle) => handle.replace(/^@/, '').toLowerCase());
  return [...new Set(handles.filter((handle) => handle !== ''))];
}

function startError(strings: Strings, cause: unknown, people: readonly string[]): string {
  const code = cause instanceof ParleyError ? cause.code : undefined;
  if (code !== 'not_found' && code !== 'bad_request') return inWords(strings, cause);
  const [first = ''] = people;
  return people.length === 1
    ? strings.t('start.unknownOne', { handle: first })
    : strings.t('start.unknownSome');
}
