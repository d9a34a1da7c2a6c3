import type { ReactElement } from 'react';
import type { ConversationItem, TimelineMessage } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { textOf } from '../../chat/content.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Menu, type MenuAction, type MenuSign } from '../../ui/menu.tsx';
import type { Box } from '../../ui/place-menu.ts';
import { toast } from '../../ui/toasts.tsx';
import { useChatActions } from './chat-actions.ts';

/** What most people answer with. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

interface MessageMenuProps {
  readonly conversation: ConversationItem;
  readonly message: TimelineMessage;
  /** Beside what it opens. */
  readonly at: Box;
  readonly onClose: () => void;
  readonly onInfo: () => void;
  /** Another emoji than the usual ones is wanted. */
  readonly onMore: () => void;
}

/** What can be done with one message. */
export function MessageMenu(props: MessageMenuProps): ReactElement {
  const { conversation, message, at, onClose, onInfo, onMore } = props;
  const strings = useStrings();
  const { t } = strings;
  const me = useMe().id;
  const actions = useChatActions();
  const handle = useConversationHandle(conversation.id);
  const own = message.from === me;
  const role = conversation.members?.find((member) => member.user === me)?.role;
  const mayDelete = own || (conversation.kind !== 'direct' && role !== undefined && role !== 'member');

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(textOf(strings, message.content));
      toast(t('chat.copied'));
    } catch {
      toast(t('chat.notCopied'));
    }
  }

  const quick = QUICK.map((emoji): MenuSign => {
    const chosen = message.reactions?.[emoji]?.includes(me) === true;
    return {
      label: t('chat.reactWith', { emoji }),
      emoji,
      chosen,
      run: () => void handle.react(message.seq, emoji, !chosen),
    };
  });
  const more: MenuSign = { label: t('chat.moreEmoji'), icon: 'plus', run: onMore };
  const always: MenuAction[] = [
    { label: t('chat.reply'), icon: 'reply', run: () => actions.reply(message) },
    { label: t('chat.copy'), icon: 'copy', run: () => void copy() },
  ];
  const edit: MenuAction[] =
    own && message.content.kind === 'text'
      ? [{ label: t('action.edit'), icon: 'pencil', run: () => actions.edit(message) }]
      : [];
  const info: MenuAction[] = own ? [{ label: t('chat.info'), icon: 'info', run: onInfo }] : [];
  const remove: MenuAction[] = mayDelete
    ? [{ label: t('chat.delete'), icon: 'trash', danger: true, run: () => actions.remove(message) }]
    : [];
  return (
    <Menu
      label={t('chat.menu')}
      anchor={at}
      signs={[...quick, more]}
      groups={[[...always, ...edit, ...info], remove]}
      onClose={onClose}
    />
  );
}
