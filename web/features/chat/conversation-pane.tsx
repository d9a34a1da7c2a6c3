import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ConversationItem, TimelineMessage } from '../../../client/index.ts';
import { useConversation, useConversationHandle, useConversations } from '../../../client/react/index.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { type ChatActions, ChatActionsContext } from './chat-actions.ts';
import { Composer, type ComposerHandle } from './composer.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import css from './conversation-pane.module.css';
import { EmojiPopover } from './emoji-popover.tsx';
import { MessageInfo } from './message-info.tsx';
import { MessageMenu } from './message-menu.tsx';
import { Timeline, type TimelineHandle } from './timeline.tsx';

interface ConversationPaneProps {
  readonly id: string;
  /** Something lies above it: nobody reads it. */
  readonly covered: boolean;
}

/** The open conversation: its head, its messages, and the field to write in. */
export function ConversationPane({ id, covered }: ConversationPaneProps): ReactElement {
  const { t } = useStrings();
  const conversation = useConversation(id);
  const { loaded } = useConversations();
  const known = useRef<ConversationItem>(undefined);
  if (conversation) known.current = conversation;
  // Whoever is removed while they look at it goes on seeing what they have seen.
  const shown = conversation ?? known.current;
  if (shown)
    return <Conversation conversation={shown} member={conversation !== undefined} covered={covered} />;
  return loaded ? (
    <EmptyState icon="chats" title={t('chat.missingTitle')} text={t('chat.missingText')}>
      <Button onClick={() => history.back()}>{t('action.back')}</Button>
    </EmptyState>
  ) : (
    <div className={css.loading} role="status" aria-label={t('app.loading')}>
      <Spinner />
    </div>
  );
}

/** What is open over the messages. */
type Over =
  | { readonly name: 'menu' | 'emoji'; readonly message: TimelineMessage; readonly at: DOMRect }
  | { readonly name: 'info' | 'delete'; readonly message: TimelineMessage };

interface ConversationProps {
  readonly conversation: ConversationItem;
  readonly member: boolean;
  readonly covered: boolean;
}

function Conversation({ conversation, member, covered }: ConversationProps): ReactElement {
  const { t } = useStrings();
  const { id } = conversation;
  const handle = useConversationHandle(id);
  const timeline = useRef<TimelineHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [over, setOver] = useState<Over>();
  const close = useCallback(() => setOver(undefined), []);
  const at = useAskedFor(id, timeline);

  const actions = useMemo(
    (): ChatActions => ({
      reply: (message) => composer.current?.reply(message.seq),
      edit: (message) => composer.current?.edit(message),
      remove: (message) => setOver({ name: 'delete', message }),
      menu: (message, place) => setOver({ name: 'menu', message, at: place }),
      jumpTo: (seq) => timeline.current?.jumpTo(seq),
      rewrite: (text) => composer.current?.write(text),
    }),
    [],
  );

  return (
    <ChatActionsContext value={actions}>
      <section className={css.conversation} aria-label={t('chat.name')}>
        <ConversationHeader conversation={conversation} />
        <Timeline ref={timeline} conversation={conversation} at={at} covered={covered} />
        <Composer
          ref={composer}
          conversation={conversation}
          member={member}
          onSent={() => timeline.current?.toEnd()}
        />
        {over?.name === 'menu' && (
          <MessageMenu
            conversation={conversation}
            message={over.message}
            at={over.at}
            onClose={() => setOver((now) => (now === over ? undefined : now))}
            onInfo={() => setOver({ name: 'info', message: over.message })}
            onMore={() => setOver({ ...over, name: 'emoji' })}
          />
        )}
        {over?.name === 'emoji' && (
          <EmojiPopover
            at={over.at}
            onClose={close}
            onPick={(emoji) => {
              close();
              handle.react(over.message.seq, emoji, true);
            }}
          />
        )}
        {over?.name === 'info' && <MessageInfo message={over.message} onClose={close} />}
        {over?.name === 'delete' && (
          <Dialog title={t('chat.deleteTitle')} onClose={close}>
            <p>{t('chat.deleteText')}</p>
            <DialogActions>
              <Button onClick={close}>{t('action.cancel')}</Button>
              <Button
                kind="destroy"
                onClick={() => {
                  close();
                  handle.remove(over.message.seq);
                }}
              >
                {t('chat.delete')}
              </Button>
            </DialogActions>
          </Dialog>
        )}
      </section>
    </ChatActionsContext>
  );
}

/** The message an address such as `/c/ID?at=57` names; gone to, also while the conversation is open. */
function useAskedFor(id: string, timeline: { readonly current: TimelineHandle | null }): number | undefined {
  const [first] = useState(() => seqIn(location.search));
  const [, navigate] = useLocation();
  const search = useSearch();
  const opening = useRef(true);
  useEffect(() => {
    const seq = seqIn(search);
    if (seq !== undefined) {
      if (!opening.current) timeline.current?.jumpTo(seq);
      // Gone to once: the same address may be wanted again.
      navigate(`/c/${id}`, { replace: true });
    }
    opening.current = false;
  }, [search, id, navigate, timeline]);
  return first;
}

function seqIn(search: string): number | undefined {
  const seq = Number(new URLSearchParams(search).get('at') ?? Number.NaN);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : undefined;
}
