import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../../../client/react/index.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { toast } from '../../ui/toasts.tsx';
import { showDialog } from '../dialogs.tsx';
import { startChat } from '../new/start-chat.ts';
import { handleIn } from './find.ts';

interface NothingHereProps {
  /** What was looked for; empty: nothing. */
  readonly query: string;
  readonly unreadOnly: boolean;
  readonly inArchive: boolean;
  /** There are archived ones. */
  readonly archived: boolean;
}

/** Where no row fits: why, and what can be done about it. */
export function NothingHere({ query, unreadOnly, inArchive, archived }: NothingHereProps): ReactElement {
  const { t } = useStrings();
  if (query !== '') {
    const handle = handleIn(query);
    return (
      <EmptyState icon="search" title={t('list.nothingTitle')} text={t('list.nothingText', { query })}>
        {handle !== undefined && <StartWith key={handle} handle={handle} />}
      </EmptyState>
    );
  }
  if (unreadOnly)
    return <EmptyState icon="checks" title={t('list.allReadTitle')} text={t('list.allReadText')} />;
  if (inArchive)
    return <EmptyState icon="archive" title={t('list.archiveTitle')} text={t('list.archiveText')} />;
  return (
    <EmptyState
      icon="chats"
      title={t('list.emptyTitle')}
      text={t(archived ? 'list.allArchived' : 'list.emptyText')}
    >
      <Button kind="primary" icon="plus" onClick={() => showDialog({ name: 'chat' })}>
        {t('list.start')}
      </Button>
    </EmptyState>
  );
}

function StartWith({ handle }: { readonly handle: string }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);

  async function start(): Promise<void> {
    setBusy(true);
    try {
      const id = await startChat(client, handle);
      if (id === undefined) toast(t('new.nobody', { handle }));
      else navigate(`/c/${id}`);
    } catch (error) {
      toast(inWords(strings, error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button kind="primary" busy={busy} onClick={() => void start()}>
      {t('list.startWith', { handle: `@${handle}` })}
    </Button>
  );
}
