import { type KeyboardEvent, type ReactElement, useEffect, useLayoutEffect, useRef } from 'react';
import type { ConversationItem, TimelineMessage } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { textOf } from '../../chat/content.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useChatActions } from './chat-actions.ts';
import css from './message-menu.module.css';
import { placeBeside } from './place-beside.ts';

/** What most people answer with. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface MessageMenuProps {
  readonly conversation: ConversationItem;
  readonly message: TimelineMessage;
  /** Beside what it opens. */
  readonly at: DOMRect;
  readonly onClose: () => void;
  readonly onInfo: () => void;
  /** Another emoji than the usual ones is wanted. */
  readonly onMore: () => void;
}

/** What can be done with one message. The browser closes it with Esc or a click beside it. */
export function MessageMenu(props: MessageMenuProps): ReactElement {
  const { conversation, message, at, onClose, onInfo, onMore } = props;
  const strings = useStrings();
  const { t } = strings;
  const me = useMe().id;
  const actions = useChatActions();
  const handle = useConversationHandle(conversation.id);
  const ref = useRef<HTMLDivElement>(null);
  const own = message.from === me;
  const role = conversation.members?.find((member) => member.user === me)?.role;
  const mayDelete = own || (conversation.kind !== 'direct' && role !== undefined && role !== 'member');

  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    menu.showPopover();
    placeBeside(menu, at);
    buttonsIn(menu)[0]?.focus();
  }, [at]);

  useEffect(() => {
    const menu = ref.current;
    const closed = (event: Event): void => {
      if ((event as ToggleEvent).newState === 'closed') onClose();
    };
    menu?.addEventListener('toggle', closed);
    return () => menu?.removeEventListener('toggle', closed);
  }, [onClose]);

  /** Closes first: then the focus is back on the message, and stays where the action puts it. */
  const doing = (run: () => void) => (): void => {
    ref.current?.hidePopover();
    run();
  };

  function react(emoji: string): void {
    handle.react(message.seq, emoji, !message.reactions?.[emoji]?.includes(me));
  }

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(textOf(strings, message.content));
      toast(t('chat.copied'));
    } catch {
      toast(t('chat.notCopied'));
    }
  }

  return (
    <div
      ref={ref}
      className={css.menu}
      popover="auto"
      role="menu"
      tabIndex={-1}
      aria-label={t('chat.menu')}
      onKeyDown={(event) => move(event, ref.current)}
    >
      <div className={css.quick} role="none">
        {QUICK.map((emoji) => (
          <button
            key={emoji}
            type="button"
            role="menuitem"
            className={message.reactions?.[emoji]?.includes(me) ? `${css.emoji} ${css.mine}` : css.emoji}
            aria-label={t('chat.reactWith', { emoji })}
            onClick={doing(() => react(emoji))}
          >
            {emoji}
          </button>
        ))}
        <button
          type="button"
          role="menuitem"
          className={css.emoji}
          aria-label={t('chat.moreEmoji')}
          title={t('chat.moreEmoji')}
          onClick={doing(onMore)}
        >
          <Icon name="plus" />
        </button>
      </div>
      <Command icon="reply" text={t('chat.reply')} onClick={doing(() => actions.reply(message))} />
      <Command icon="copy" text={t('chat.copy')} onClick={doing(() => void copy())} />
      {own && message.content.kind === 'text' && (
        <Command icon="pencil" text={t('action.edit')} onClick={doing(() => actions.edit(message))} />
      )}
      {own && <Command icon="info" text={t('chat.info')} onClick={doing(onInfo)} />}
      {mayDelete && (
        <Command icon="trash" text={t('chat.delete')} danger onClick={doing(() => actions.remove(message))} />
      )}
    </div>
  );
}

function Command(props: {
  readonly icon: IconName;
  readonly text: string;
  readonly danger?: boolean;
  readonly onClick: () => void;
}): ReactElement {
  return (
    <button
      type="button"
      role="menuitem"
      className={props.danger ? `${css.command} ${css.danger}` : css.command}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.text}
    </button>
  );
}

const buttonsIn = (menu: HTMLElement): HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>('[role=menuitem]'),
];

/** Arrow keys go round; in the row of emoji those to the sides do too. */
function move(event: KeyboardEvent, menu: HTMLElement | null): void {
  if (!menu) return;
  const all = buttonsIn(menu);
  const now = all.indexOf(document.activeElement as HTMLElement);
  const rtl = getComputedStyle(menu).direction === 'rtl';
  const quick = QUICK.length + 1;
  const to = (index: number): void => {
    event.preventDefault();
    all[(index + all.length) % all.length]?.focus();
  };
  switch (event.key) {
    case 'ArrowDown':
      return to(now < quick ? quick : now + 1);
    case 'ArrowUp':
      return to(now < quick ? all.length - 1 : now === quick ? 0 : now - 1);
    case 'ArrowRight':
      return to(rtl ? now - 1 : now + 1);
    case 'ArrowLeft':
      return to(rtl ? now + 1 : now - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(all.length - 1);
    case 'Tab':
      event.preventDefault();
      menu.hidePopover();
  }
}
