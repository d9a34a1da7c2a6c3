import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import type { User } from '../../../client/index.ts';
import { useClient } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useShown } from '../../ui/use-shown.ts';
import { showDialog } from '../dialogs.tsx';
import { handleIn } from '../list/find.ts';
import { PersonOption } from './person-option.tsx';
import { startChat } from './start-chat.ts';
import { peopleThatFit, useKnownPeople, useLookUp } from './use-people.ts';

/** Asks whom to talk to: somebody known, or whoever has a handle. */
export function NewChatDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const me = useMe();
  const [, navigate] = useLocation();
  const [query, setQuery] = useState('');
  const [error, setError] = useState<string>();
  const isShown = useShown();
  const known = useKnownPeople();
  const lookUp = useLookUp(query, known);
  const fitting = peopleThatFit(known, query);
  const stranger = lookUp.name === 'found' && lookUp.user.id !== me.id ? [lookUp.user] : [];
  const options = [...new Map([...stranger, ...fitting].map((user) => [user.id, user])).values()];

  async function start(handle: string): Promise<void> {
    setError(undefined);
    if (handle === me.handle) return setError(t('new.yourself'));
    try {
      const id = await startChat(client, handle);
      if (!isShown()) return;
      if (id === undefined) return setError(t('new.nobody', { handle: `@${handle}` }));
      onClose();
      navigate(`/c/${id}`);
    } catch (cause) {
      setError(inWords(strings, cause));
    }
  }

  function onEnter(): void {
    const handle = handleIn(query);
    if (handle !== undefined) void start(handle);
    else setError(t(query.trim() === '' ? 'start.nobody' : 'auth.handleWrong'));
  }

  const nobody = lookUp.name === 'nobody' && options.length === 0;
  return (
    <Dialog title={t('list.new')} onClose={onClose}>
      <Combobox<User>
        label={t('new.whom')}
        placeholder={t('new.whomExample')}
        query={query}
        onQuery={(next) => {
          setQuery(next);
          setError(undefined);
        }}
        options={options}
        keyOf={(user) => user.id}
        onChoose={(user) => void start(user.handle)}
        onEnter={onEnter}
        hint={t('new.whomHint')}
        error={error ?? (nobody ? t('new.nobody', { handle: `@${lookUp.handle}` }) : undefined)}
      >
        {(user) => <PersonOption user={user} />}
      </Combobox>
      <Button icon="group" onClick={() => showDialog({ name: 'group' })}>
        {t('new.group')}
      </Button>
    </Dialog>
  );
}
