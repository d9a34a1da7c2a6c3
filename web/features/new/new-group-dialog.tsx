import { type FormEvent, type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../../../client/react/index.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { useShown } from '../../ui/use-shown.ts';
import type { Chosen } from './chosen.ts';
import { MOST_MEMBERS, MOST_TITLE } from './limits.ts';
import css from './new-group-dialog.module.css';
import { PeopleField } from './people-field.tsx';

/** Asks for a title and people, and begins a group. */
export function NewGroupDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const [, navigate] = useLocation();
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const isShown = useShown();
  const members = chosen.flatMap((one) => (one.state === 'there' ? [one.user.id] : []));

  function mistake(): string | undefined {
    if (chosen.some(({ state }) => state === 'looking')) return t('new.stillLooking');
    if (members.length < chosen.length) return t('new.someMissing');
    if (members.length === 0) return t('new.nobodyChosen');
    return members.length + 1 > MOST_MEMBERS ? t('new.tooMany', { count: MOST_MEMBERS }) : undefined;
  }

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    const wrong = mistake();
    setError(wrong);
    if (wrong !== undefined) return;
    setBusy(true);
    try {
      const name = title.trim();
      const { id } = await client.createConversation({
        kind: 'group',
        members,
        ...(name === '' ? {} : { title: name }),
      });
      if (!isShown()) return;
      onClose();
      navigate(`/c/${id}`);
    } catch (cause) {
      setBusy(false);
      setError(inWords(strings, cause));
    }
  }

  return (
    <Dialog title={t('new.group')} onClose={onClose}>
      <form className={css.form} onSubmit={(event) => void create(event)}>
        <Field
          label={t('start.title')}
          hint={t('new.titleHint')}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={MOST_TITLE}
          autoComplete="off"
        />
        <PeopleField
          chosen={chosen}
          onChange={(update) => {
            setError(undefined);
            setChosen(update);
          }}
          error={error}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy}>
            {members.length > 0 ? t('new.createWith', { count: members.length + 1 }) : t('new.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
