import { type ReactElement, useState } from 'react';
import { useConversations } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconButton, IconLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PaneHeader } from '../../ui/panes.tsx';
import { ConversationRow } from './conversation-row.tsx';
import css from './list-pane.module.css';
import { ListSkeleton } from './list-skeleton.tsx';
import { NewConversation } from './new-conversation.tsx';

/** The conversations, newest first. `open`: the one beside it. */
export function ListPane({ open }: { readonly open: string | undefined }): ReactElement {
  const { t } = useStrings();
  const me = useMe();
  const [starting, setStarting] = useState(false);
  const { items, loaded } = useConversations();
  return (
    <>
      <PaneHeader
        level={1}
        start={<Avatar id={me.id} name={me.name} size="sm" />}
        title={t('list.title')}
        subtitle={<bdi>@{me.handle}</bdi>}
      >
        <IconButton icon="plus" label={t('list.new')} onClick={() => setStarting(true)} />
        <IconLink icon="settings" label={t('settings.title')} to="/settings" />
      </PaneHeader>
      {items.length > 0 ? (
        <ul className={css.list}>
          {items.map((conversation) => (
            <ConversationRow
              key={conversation.id}
              conversation={conversation}
              current={conversation.id === open}
            />
          ))}
        </ul>
      ) : loaded ? (
        <EmptyState icon="chats" title={t('list.emptyTitle')} text={t('list.emptyText')}>
          <Button kind="primary" icon="plus" onClick={() => setStarting(true)}>
            {t('list.start')}
          </Button>
        </EmptyState>
      ) : (
        <ListSkeleton />
      )}
      {starting && <NewConversation onClose={() => setStarting(false)} />}
    </>
  );
}
