import { type ReactElement, useRef } from 'react';
import type { Conversation } from '../../../client/index.ts';
import type { Chat } from '../../chat/chat.ts';
import { useChatChanges } from '../../chat/context.ts';
import { nameOf, otherOf, titleOf } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
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
  const strings = useStrings();
  const { t } = strings;
  const chat = useChatChanges();
  const composer = useRef<ComposerHandle>(null);
  const conversation = chat.client.conversation(id);
  if (!conversation) {
    return chat.listed ? (
      <EmptyState icon="chats" title={t('chat.missingTitle')} text={t('chat.missingText')}>
        <Button onClick={() => history.back()}>{t('action.back')}</Button>
      </EmptyState>
    ) : (
      <div className={css.loading} role="status" aria-label={t('app.loading')}>
        <Spinner />
      </div>
    );
  }
  const title = titleOf(chat, strings, conversation);
  return (
    <section className={css.conversation} aria-label={t('chat.name')}>
      <PaneHeader
        start={
          <>
            <NarrowOnly>
              <IconLink icon="back" label={t('action.backToList')} to="/" />
            </NarrowOnly>
            <Avatar id={otherOf(chat, conversation) ?? id} name={title} />
          </>
        }
        title={title}
        subtitle={subtitleOf(chat, strings, conversation)}
      />
      <Timeline conversation={conversation} rewrite={(text) => composer.current?.write(text)} />
      <Composer
        ref={composer}
        draft={chat.draft(id)}
        onChange={(text) => chat.keepDraft(id, text)}
        onSend={(text) => chat.send(id, text)}
      />
    </section>
  );
}

function subtitleOf(chat: Chat, strings: Strings, conversation: Conversation): string {
  const other = otherOf(chat, conversation);
  if (other !== undefined) {
    const handle = chat.people.get(other)?.handle;
    return handle === undefined ? '' : `@${handle}`;
  }
  const others = (conversation.members ?? []).filter((member) => member.user !== chat.me.id);
  if (conversation.title === undefined || others.length === 0)
    return strings.t('chat.members', { count: conversation.memberCount });
  return strings.list(others.map((member) => nameOf(chat, strings, member.user)));
}
