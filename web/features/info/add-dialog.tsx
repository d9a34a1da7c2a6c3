import { type FormEvent, type ReactElement, useState } from 'react';
import { ParleyError } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { toast } from '../../ui/toasts.tsx';
import type { Chosen } from '../new/chosen.ts';
import css from '../new/new-group-dialog.module.css';
import { PeopleField } from '../new/people-field.tsx';

interface AddDialogProps {
  readonly conversation: string;
  readonly members: ReadonlySet<string>;
  readonly onClose: () => void;
}

/** Adds people to a group, one after the other; whoever could not be added stays in the field with the reason. */
export function AddDialog({ conversation, members, onClose }: AddDialogProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const handle = useConversationHandle(conversation);
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (chosen.some(({ state }) => state === 'looking')) return setError(t('new.stillLooking'));
    if (chosen.some(({ state }) => state !== 'there')) return setError(t('new.someMissing'));
    if (chosen.length === 0) return setError(t('new.nobodyChosen'));
    setError(undefined);
    setBusy(true);
    const failures: string[] = [];
    for (const one of chosen) {
      if (one.state !== 'there') continue;
      try {
        if (!members.has(one.user.id)) await handle.addMember(one.user.id);
        setChosen((all) => all.filter(({ handle: other }) => other !== one.handle));
      } catch (cause) {
        failures.push(t('info.notAdded', { name: one.user.name, why: whyNot(strings, cause) }));
      }
    }
    setBusy(false);
    if (failures.length > 0) return setError(failures.join(' '));
    toast(t('info.added', { count: chosen.length }));
    onClose();
  }

  return (
    <Dialog title={t('info.add')} onClose={onClose}>
      <form className={css.form} onSubmit={(event) => void add(event)}>
        <PeopleField
          chosen={chosen}
          onChange={(update) => {
            setError(undefined);
            setChosen(update);
          }}
          without={members}
          error={error}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy}>
            {t('info.addThem')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** The size of a group is the only thing here that can be too large. */
const whyNot = (strings: Strings, error: unknown): string =>
  error instanceof ParleyError && error.code === 'too_large'
    ? strings.t('info.full')
    : inWords(strings, error);
