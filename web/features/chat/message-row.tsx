import type { ReactElement } from 'react';
import { useConversationHandle } from '../../../client/react/index.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Button } from '../../ui/button.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import css from './message-row.module.css';
import type { FailedLine, MessageLine } from './timeline-rows.ts';

const TICKS: { readonly [D in NonNullable<MessageLine['delivery']>]: IconName } = {
  pending: 'clock',
  sent: 'check',
  delivered: 'checks',
  read: 'checks',
};

/** One message. */
export function MessageRow({ row }: { readonly row: MessageLine }): ReactElement {
  const { t, time } = useStrings();
  const { text, at, edited, deleted, delivery, author, joined } = row;
  const classes = ['message', css.message, delivery && css.own, joined && css.joined, deleted && css.deleted];
  return (
    <li className={classes.filter(Boolean).join(' ')}>
      <div className={css.bubble}>
        {author !== undefined && <strong className={css.author}>{author}</strong>}
        <span className={`text ${css.text}`} dir="auto">
          {text}
        </span>
        <span className={css.meta}>
          {edited && !deleted && t('chat.edited')}
          {at !== undefined && <time dateTime={new Date(at).toISOString()}>{time(at)}</time>}
          {delivery && (
            <span className={css[delivery]} role="img" aria-label={t(`ticks.${delivery}`)}>
              <Icon name={TICKS[delivery]} size={16} />
            </span>
          )}
        </span>
      </div>
    </li>
  );
}

interface FailedRowProps {
  readonly row: FailedLine;
  readonly conversation: string;
  readonly rewrite: (text: string) => void;
}

/** A message that could not be sent: why, and what can be done. */
export function FailedRow({
  row: { clientId, text, error },
  conversation,
  rewrite,
}: FailedRowProps): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const handle = useConversationHandle(conversation);
  const dismiss = (): unknown => handle.sent(clientId)?.cancel();
  return (
    <li className={`message ${css.message} ${css.own} ${css.failed}`}>
      <div className={css.bubble}>
        <span className={`text ${css.text}`} dir="auto">
          {text}
        </span>
      </div>
      <div className={css.why} role="alert">
        <span>{t('chat.notSent', { why: inWords(strings, error) })}</span>
        {error.code === 'too_large' ? (
          <Button
            onClick={() => {
              dismiss();
              rewrite(text);
            }}
          >
            {t('action.edit')}
          </Button>
        ) : (
          <Button onClick={() => handle.sent(clientId)?.retry()}>{t('action.tryAgain')}</Button>
        )}
        <Button kind="danger" onClick={dismiss}>
          {t('action.discard')}
        </Button>
      </div>
    </li>
  );
}

/** A line between messages: a day, or something that happened. */
export const NoticeRow = ({ text }: { readonly text: string }): ReactElement => (
  <li className={css.notice}>
    <span>{text}</span>
  </li>
);
