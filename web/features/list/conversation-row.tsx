import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { ConversationItem } from '../../../client/index.ts';
import { textOf } from '../../chat/content.ts';
import { useMe } from '../../chat/context.ts';
import { otherOf, useNames, useTitle } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Hidden } from '../../ui/hidden.tsx';
import css from './conversation-row.module.css';

const MOST_SHOWN = 99;

/** One conversation in the list. */
export function ConversationRow({
  conversation,
  current,
}: {
  readonly conversation: ConversationItem;
  readonly current: boolean;
}): ReactElement {
  const strings = useStrings();
  const me = useMe();
  const { id, last, unread } = conversation;
  const title = useTitle(conversation);
  const line = useLastLine(conversation);
  return (
    <li>
      <Link href={`/c/${id}`} className={css.row} aria-current={current ? 'page' : undefined}>
        <Avatar id={otherOf(me.id, conversation) ?? id} name={title} />
        <span className={css.title} dir="auto">
          {title}
        </span>
        {last && (
          <time className={css.time} dateTime={new Date(last.at).toISOString()}>
            {strings.brief(last.at)}
          </time>
        )}
        <span className={unread > 0 ? `${css.line} ${css.fresh}` : css.line} dir="auto">
          {line}
        </span>
        {unread > 0 && (
          <span className={css.badge}>
            <span aria-hidden="true">
              {unread > MOST_SHOWN ? `${strings.number(MOST_SHOWN)}+` : strings.number(unread)}
            </span>
            <Hidden>{strings.t('list.unread', { count: unread })}</Hidden>
          </span>
        )}
      </Link>
    </li>
  );
}

function useLastLine({ kind, last }: ConversationItem): string {
  const strings = useStrings();
  const me = useMe();
  const named = last && kind !== 'direct' && last.from !== me.id;
  const [name = ''] = useNames(named ? [last.from] : []);
  if (!last) return strings.t('list.noMessages');
  const text = textOf(strings, last.content).replace(/\s+/g, ' ');
  if (last.from === me.id) return strings.t('list.own', { text });
  return named ? strings.t('list.author', { name, text }) : text;
}
