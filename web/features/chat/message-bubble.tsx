import type { MouseEvent, ReactElement } from 'react';
import type { Delivery, TimelineMessage } from '../../../client/index.ts';
import { textOf } from '../../chat/content.ts';
import { useMe } from '../../chat/context.ts';
import { useName } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import { toneOf } from '../../ui/avatar.tsx';
import { IconButton } from '../../ui/button.tsx';
import { Hidden } from '../../ui/hidden.tsx';
import { OneLine } from '../../ui/one-line.tsx';
import { useChatActions } from './chat-actions.ts';
import css from './message.module.css';
import { MessageText } from './message-text.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { Ticks } from './ticks.tsx';

interface MessageBubbleProps {
  readonly message: TimelineMessage;
  /** The message it answers, where that is loaded. */
  readonly quoted: TimelineMessage | undefined;
  readonly joined: boolean;
  readonly group: boolean;
  /** How far an own one has come. */
  readonly delivery: Delivery | undefined;
}

/** A message that is stored. */
export function MessageBubble(props: MessageBubbleProps): ReactElement {
  const { message, quoted, joined, group, delivery } = props;
  const strings = useStrings();
  const { t } = strings;
  const me = useMe();
  const actions = useChatActions();
  const own = message.from === me.id;
  const deleted = message.deletedAt !== undefined;
  const openMenu = (event: MouseEvent<HTMLElement>): void =>
    actions.menu(message, event.currentTarget.getBoundingClientRect());
  const tapped = (event: MouseEvent<HTMLElement>): void => {
    const touched = !matchMedia('(hover: hover)').matches;
    const within = event.target instanceof Element && event.target.closest('a, button');
    if (touched && !deleted && !within && getSelection()?.isCollapsed !== false) openMenu(event);
  };
  return (
    <div className={own ? `${css.message} ${css.own}` : css.message}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the row has the keys for the same. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above. */}
      <div className={joined ? `${css.bubble} ${css.joined}` : css.bubble} onClick={tapped}>
        <Author id={message.from} own={own} shown={group && !own && !joined} />
        {message.replyTo !== undefined && !deleted && (
          <button type="button" className={css.quote} onClick={() => actions.jumpTo(message.replyTo ?? 0)}>
            <Hidden>{t('chat.goToReplied')}: </Hidden>
            <Quote message={quoted} />
          </button>
        )}
        {deleted ? (
          <div className={`text ${css.deleted}`}>{t('chat.deleted')}</div>
        ) : (
          <MessageText text={textOf(strings, message.content)} />
        )}
        <span className={css.meta}>
          {message.editedAt !== undefined && !deleted && (
            <span title={strings.moment(message.editedAt)}>{t('chat.edited')}</span>
          )}
          <time dateTime={new Date(message.at).toISOString()} title={strings.moment(message.at)}>
            {strings.time(message.at)}
          </time>
          {delivery && <Ticks tick={delivery} />}
        </span>
        {!deleted && (
          <span className={css.menu}>
            <IconButton
              icon="more"
              label={t('chat.menu')}
              aria-haspopup="menu"
              tabIndex={-1}
              onClick={openMenu}
            />
          </span>
        )}
      </div>
      <Reactions message={message} />
    </div>
  );
}

interface AuthorProps {
  readonly id: string;
  readonly own: boolean;
  readonly shown: boolean;
}

/** Who wrote it; where the eye sees that anyway, only for screen readers. */
function Author({ id, own, shown }: AuthorProps): ReactElement {
  const { t } = useStrings();
  const name = useName(id);
  if (!shown) return <Hidden>{own ? t('chat.you') : name}: </Hidden>;
  return (
    <strong className={css.author} style={{ color: `var(--name-${toneOf(id)})` }}>
      <OneLine>{name}</OneLine>
    </strong>
  );
}
