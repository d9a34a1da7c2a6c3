import { type ReactElement, useEffect } from 'react';
import { useClient, useConversations } from '../../client/react/index.ts';
import { useStrings } from '../strings/language.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Panes } from '../ui/panes.tsx';
import { ConversationPane } from './chat/conversation-pane.tsx';
import { ListPane } from './list/list-pane.tsx';

/** The list, and beside it the open conversation. */
export function ChatsPage({ conversation }: { readonly conversation: string | undefined }): ReactElement {
  const { t } = useStrings();
  const client = useClient();
  useEffect(() => {
    if (conversation === undefined) return undefined;
    const handle = client.conversation(conversation);
    handle.focus(true);
    return () => handle.focus(false);
  }, [client, conversation]);
  useUnreadTitle();
  return (
    <Panes
      sideLabel={t('list.name')}
      side={<ListPane open={conversation} />}
      showing={conversation === undefined ? 'side' : 'main'}
      mainKey={conversation ?? ''}
      main={
        conversation === undefined ? (
          <EmptyState icon="chats" title={t('chat.chooseTitle')} text={t('chat.chooseText')} />
        ) : (
          <ConversationPane key={conversation} id={conversation} />
        )
      }
    />
  );
}

/** The window's title counts unread messages. */
function useUnreadTitle(): void {
  const { t } = useStrings();
  const { items } = useConversations();
  const unread = items.reduce((sum, conversation) => sum + conversation.unread, 0);
  const title = unread > 0 ? t('app.titleUnread', { count: unread }) : 'Parley';
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = 'Parley';
    };
  }, [title]);
}
