import type { ReactElement } from 'react';
import type { PendingMessage, TimelineMessage } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { textOf } from '../../chat/content.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Hidden } from '../../ui/hidden.tsx';
import { useChatActions } from './chat-actions.ts';
import css from './message.module.css';
import { MessageText } from './message-text.tsx';
import { Quote } from './quote.tsx';
import { Ticks } from './ticks.tsx';

interface PendingBubbleProps {
  readonly conversation: string;
  readonly message: PendingMessage;
  readonly quoted: TimelineMessage | undefined;
  readonly joined: boolean;
}

/** An own message that is not stored yet, or won't be: then with why, and what can be done. */
export function PendingBubble({ conversation, message, quoted, joined }: PendingBubbleProps): ReactElement {
  const strings = useStrings();
  const { t, time } = strings;
  const { state } = message;
  const failed = state.name === 'failed';
  const classes = [css.bubble, joined && css.joined, failed && css.failed];
  return (
    <div className={`${css.message} ${css.own}`}>
      <div className={classes.filter(Boolean).join(' ')}>
        <Hidden>{t('chat.you')}: </Hidden>
        {message.replyTo !== undefined && (
          <div className={css.quote}>
            <Quote message={quoted} />
          </div>
        )}
        <MessageText text={textOf(strings, message.content)} />
        <span className={css.meta}>
          <time dateTime={new Date(message.at).toISOString()}>{time(message.at)}</time>
          {!failed && <Ticks tick={state.name} />}
        </span>
      </div>
      {failed && <Failure conversation={conversation} message={message} />}
    </div>
  );
}

function Failure(props: { readonly conversation: string; readonly message: PendingMessage }): ReactElement {
  const { conversation, message } = props;
  const strings = useStrings();
  const { t } = strings;
  const { rewrite } = useChatActions();
  const handle = useConversationHandle(conversation);
  const error = message.state.name === 'failed' ? message.state.error : undefined;
  const cancel = (): unknown => handle.sent(message.clientId)?.cancel();
  return (
    <div className={css.why} role="alert">
      <span>{t('chat.notSent', { why: inWords(strings, error) })}</span>
      {error?.code === 'too_large' ? (
        <Button
          onClick={() => {
            cancel();
            rewrite(textOf(strings, message.content));
          }}
        >
          {t('action.edit')}
        </Button>
      ) : (
        <Button onClick={() => handle.sent(message.clientId)?.retry()}>{t('action.tryAgain')}</Button>
      )}
      <Button kind="danger" onClick={cancel}>
        {t('action.discard')}
      </Button>
    </div>
  );
}
