import { type ReactElement, useEffect, useRef } from 'react';
import type { ConversationHandle, ConversationItem } from '../../../client/index.ts';
import { useMe } from '../../chat/context.ts';
import {
  useConversation,
  useConversationItem,
  useConversations,
  useTimeline,
} from '../../chat/conversations.ts';
import { nameOf, otherOf, useTitle } from '../../chat/names.ts';
import { usePeople } from '../../chat/people.ts';
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
  const handle = useConversation(id);
  const item = useConversationItem(id);
  const { loaded } = useConversations();
  const { loading } = useTimeline(id);
  const composer = useRef<ComposerHandle>(null);
  useReading(handle);
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
          <Avatar id={otherOf(conversation, me.id) ?? conversation.id} name={title} />
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
  const people = usePeople(others);
  const other = otherOf(conversation, me.id);
  if (other !== undefined) {
    const handle = people.get(other)?.handle;
    return handle === undefined ? '' : `@${handle}`;
  }
  if (conversation.title === undefined || others.length === 0)
    return strings.t('chat.members', { count: conversation.memberCount });
  return strings.list(others.map((user) => nameOf(people, strings, user)));
}

/** What is open in a window that can be seen is read. */
function useReading(handle: ConversationHandle): void {
  useEffect(() => {
    const read = (): void => {
      if (document.visibilityState === 'visible' && handle.timeline.get().ready) handle.read();
    };
    handle.focus(true);
    read();
    const off = handle.timeline.subscribe(read);
    document.addEventListener('visibilitychange', read);
    return () => {
      off();
      document.removeEventListener('visibilitychange', read);
      handle.focus(false);
    };
  }, [handle]);
}
