import { type FormEvent, type ReactElement, useState } from 'react';
import type { User } from '../../../client/index.ts';
import { useApi, useMe, useStage } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Area, Field } from '../../ui/field.tsx';
import { toast } from '../../ui/toasts.tsx';
import css from './settings-form.module.css';

const LONGEST_NAME = 64;
const LONGEST_ABOUT = 512;

/** What others see of the person. */
export function ProfileSettings(): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const me = useMe();
  const api = useApi();
  const { session } = useStage();
  const [name, setName] = useState(me.name);
  const [about, setAbout] = useState(me.about ?? '');
  const [mistake, setMistake] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const changed = name.trim() !== me.name || about.trim() !== (me.about ?? '');

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    setMistake(name.trim() === '' ? t('profile.nameMissing') : undefined);
    setProblem(undefined);
    if (name.trim() === '' || !changed) return;
    setBusy(true);
    try {
      session.changed(await api<User>('PATCH', '/users/me', { name: name.trim(), about: about.trim() }));
      toast(t('settings.saved'));
    } catch (error) {
      setProblem(inWords(strings, error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={css.form} onSubmit={(event) => void save(event)} noValidate>
      <Field
        label={t('profile.name')}
        hint={t('profile.nameHint')}
        error={mistake}
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={LONGEST_NAME}
        autoComplete="name"
        required
      />
      <Area
        label={t('profile.about')}
        hint={t('profile.aboutHint')}
        value={about}
        onChange={(event) => setAbout(event.target.value)}
        maxLength={LONGEST_ABOUT}
        rows={3}
      />
      <Field
        label={t('profile.handle')}
        hint={t('profile.handleHint')}
        value={`@${me.handle}`}
        dir="ltr"
        readOnly
      />
      {problem !== undefined && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={css.actions}>
        <Button kind="primary" type="submit" busy={busy} disabled={!changed}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}
