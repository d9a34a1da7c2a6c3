import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { Conversation } from '../../../client/index.ts';
import type { Chat } from '../../chat/chat.ts';
import { textOf } from '../../chat/content.ts';
import { useChatChanges } from '../../chat/context.ts';
import { nameOf, otherOf, titleOf } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Hidden } from '../../ui/hidden.tsx';
import css from './conversation-row.module.css';

const MOST_SHOWN = 99;

/** One conversation in the list. */
export function ConversationRow({
  conversation,
  current,
}: {
  readonly conversation: Conversation;
  readonly current: boolean;
}): ReactElement {
  const strings = useStrings();
  const chat = useChatChanges();
  const { id, last, unread } = conversation;
  const title = titleOf(chat, strings, conversation);
  return (
    <li>
      <Link href={`/c/${id}`} className={css.row} aria-current={current ? 'page' : undefined}>
        <Avatar id={otherOf(chat, conversation) ?? id} name={title} />
        <span className={css.title} dir="auto">
          {title}
        </span>
        {last && (
          <time className={css.time} dateTime={new Date(last.at).toISOString()}>
            {strings.brief(last.at)}
          </time>
        )}
        <span className={unread > 0 ? `${css.line} ${css.fresh}` : css.line} dir="auto">
          {last ? lineOf(chat, strings, conversation, last) : strings.t('list.noMessages')}
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

function lineOf(
  chat: Chat,
  strings: Strings,
  { kind }: Conversation,
  last: NonNullable<Conversation['last']>,
): string {
  const text = textOf(strings, last.content).replace(/\s+/g, ' ');
  if (last.from === chat.me.id) return strings.t('list.own', { text });
  return kind === 'direct'
    ? text
    : strings.t('list.author', { name: nameOf(chat, strings, last.from), text });
}
