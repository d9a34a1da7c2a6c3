import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import {
  useConversation,
  useConversationHandle,
  useConversations,
  useMarkRead,
  useTimeline,
  useUser,
} from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf, useNames, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Button, IconLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { NarrowOnly, PaneHeader } from '../../ui/panes.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { Composer, type ComposerHandle } from './composer.tsx';
import css from './conversation-pane.module.css';
import { Timeline } from './timeline.tsx';

/** The open conversation: its head, its messages, and the field to write in. */
export function ConversationPane({ id }: { readonly id: string }): ReactElement {
  const { t } = useStrings();
  const handle = useConversationHandle(id);
  const item = useConversation(id);
  const { loaded } = useConversations();
  const { loading } = useTimeline(id);
  const composer = useRef<ComposerHandle>(null);
  useMarkRead(id, useSeen());
  if (!item) {
    return loaded && !loading ? (
      <EmptyState icon="chats" title={t('chat.missingTitle')} text={t('chat.missingText')}>
        <Button onClick={() => history.back()}>{t('action.back')}</Button>
      </EmptyState>
    ) : (
      <div className={css.loading} role="status" aria-label={t('app.loading')}>
        <Spinner />
      </div>
    );
  }
  return (
    <section className={css.conversation} aria-label={t('chat.name')}>
      <Header conversation={item} />
      <Timeline conversation={item} rewrite={(text) => composer.current?.write(text)} />
      <Composer
        ref={composer}
        draft={handle.draft.get()?.text ?? ''}
        onChange={(text) => handle.setDraft(text === '' ? undefined : { text })}
        onSend={(text) => handle.send(text)}
      />
    </section>
  );
}

function Header({ conversation }: { readonly conversation: ConversationItem }): ReactElement {
  const { t } = useStrings();
  const me = useMe();
  const title = useTitle(conversation);
  return (
    <PaneHeader
      start={
        <>
          <NarrowOnly>
            <IconLink icon="back" label={t('action.backToList')} to="/" />
          </NarrowOnly>
          <Avatar id={otherOf(me.id, conversation) ?? conversation.id} name={title} />
        </>
      }
      title={title}
      subtitle={<bdi>{useSubtitle(conversation)}</bdi>}
    />
  );
}

function useSubtitle(conversation: ConversationItem): string {
  const strings = useStrings();
  const me = useMe();
  const others = (conversation.members ?? []).filter(({ user }) => user !== me.id).map(({ user }) => user);
  const names = useNames(others);
  const other = otherOf(me.id, conversation);
  const user = useUser(other ?? me.id);
  if (other !== undefined) return user === undefined ? '' : `@${user.handle}`;
  if (conversation.title === undefined || names.length === 0)
    return strings.t('chat.members', { count: conversation.memberCount });
  return strings.list(names);
}

/** Whether the window can be seen. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => setSeen(document.visibilityState === 'visible');
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}
