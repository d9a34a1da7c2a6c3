import { memo, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { ConversationItem } from '../../../client/index.ts';
import { useClient } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Hidden } from '../../ui/hidden.tsx';
import { Icon } from '../../ui/icon.tsx';
import { OneLine } from '../../ui/one-line.tsx';
import { afterPress, type Box, pointAt } from '../../ui/place-menu.ts';
import { isMuted } from './arrange.ts';
import css from './conversation-row.module.css';
import { lastLineOf } from './last-line.ts';
import { RowLine } from './row-line.tsx';

const MOST_SHOWN = 99;

interface ConversationRowProps {
  readonly item: ConversationItem;
  /** It is beside the list. */
  readonly open: boolean;
  /** The one in the list that Tab goes to. */
  readonly reachable: boolean;
  /** To the minute. */
  readonly now: number;
  readonly onFocus: (id: string) => void;
  readonly onMenu: (item: ConversationItem, title: string, anchor: Box) => void;
}

/** One conversation in the list. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps): ReactElement {
  const { item, open, reachable, now, onFocus, onMenu } = props;
  const strings = useStrings();
  const { t } = strings;
  const me = useMe();
  const client = useClient();
  const title = useTitle(item);
  const line = lastLineOf(item, client.conversation(item.id), me.id, open);
  const fresh = item.unread > 0 || item.prefs?.unread === true;
  const at = line.type === 'own' || line.type === 'other' ? line.at : (item.last?.at ?? item.createdAt);
  return (
    <>
      <Link
        href={`/c/${item.id}`}
        className={css.row}
        aria-current={open ? 'page' : undefined}
        tabIndex={reachable ? 0 : -1}
        onFocus={() => onFocus(item.id)}
        onContextMenu={(event) => {
          event.preventDefault();
          const point = pointAt(event.clientX, event.clientY);
          afterPress(event, () => onMenu(item, title, point));
        }}
      >
        <Avatar id={otherOf(me.id, item) ?? item.id} name={title} />
        <span className={css.title}>
          <OneLine>{title}</OneLine>
        </span>
        <time className={fresh ? `${css.time} ${css.fresh}` : css.time} dateTime={new Date(at).toISOString()}>
          {strings.brief(at, now)}
        </time>
        <span className={fresh ? `${css.line} ${css.fresh}` : css.line}>
          <RowLine line={line} item={item} />
        </span>
        <Marks item={item} now={now} />
      </Link>
      <button
        type="button"
        className={css.more}
        tabIndex={reachable ? 0 : -1}
        aria-haspopup="menu"
        aria-label={t('list.more', { title })}
        onFocus={() => onFocus(item.id)}
        onClick={(event) => onMenu(item, title, event.currentTarget.getBoundingClientRect())}
      >
        <Icon name="more" />
      </button>
    </>
  );
});

/** Small signs at the end of the row, and how much is unread. */
function Marks({
  item: { prefs, unread },
  now,
}: {
  readonly item: ConversationItem;
  readonly now: number;
}): ReactElement {
  const { t, number } = useStrings();
  const muted = isMuted(prefs, now);
  const badge = muted ? `${css.badge} ${css.quiet}` : css.badge;
  return (
    <span className={css.marks}>
      {muted && (
        <>
          <Icon name="bell-off" size={16} />
          <Hidden>{t('list.muted')}</Hidden>
        </>
      )}
      {prefs?.pinned !== undefined && (
        <>
          <Icon name="pin" size={16} />
          <Hidden>{t('list.pinned')}</Hidden>
        </>
      )}
      {unread > 0 ? (
        <span className={badge}>
          <span aria-hidden="true">{unread > MOST_SHOWN ? `${number(MOST_SHOWN)}+` : number(unread)}</span>
          <Hidden>{t('list.unread', { count: unread })}</Hidden>
        </span>
      ) : (
        prefs?.unread && (
          <span className={`${badge} ${css.dot}`}>
            <Hidden>{t('list.markedUnread')}</Hidden>
          </span>
        )
      )}
    </span>
  );
}
