import type { ConversationHandle, ConversationItem, PrefsChange } from '../../../client/index.ts';
import { inWords } from '../../chat/errors.ts';
import type { Strings } from '../../strings/strings.ts';
import type { MenuAction } from '../../ui/menu.tsx';
import { toast } from '../../ui/toasts.tsx';
import { isMuted, isUnread } from './arrange.ts';
import { MUTE_CHOICES, mutedUntil } from './mute.ts';

interface ActionsInput {
  readonly strings: Strings;
  readonly item: ConversationItem;
  readonly handle: ConversationHandle;
  readonly now: number;
  readonly onInfo: () => void;
  readonly onLeave: () => void;
}

/** Shown at once; said where the service does not take it, and by then taken back. */
export const changePrefs = (strings: Strings, handle: ConversationHandle, change: PrefsChange): void =>
  void handle.setPrefs(change).catch((error: unknown) => toast(inWords(strings, error)));

/** What can be done with a conversation from the list. */
export function actionsOf(input: ActionsInput): readonly (readonly MenuAction[])[] {
  const { strings, item, handle, onInfo, onLeave } = input;
  const { t } = strings;
  const { prefs, kind } = item;
  const set = (change: PrefsChange) => (): void => changePrefs(strings, handle, change);
  const pinned = prefs?.pinned !== undefined;
  return [
    [
      pinned
        ? { label: t('list.unpin'), icon: 'pin-off', run: set({ pinned: false }) }
        : { label: t('list.pin'), icon: 'pin', run: set({ pinned: true }) },
      prefs?.archived
        ? { label: t('list.unarchive'), icon: 'unarchive', run: set({ archived: false }) }
        : { label: t('list.archive'), icon: 'archive', run: set({ archived: true }) },
      isUnread(item)
        ? { label: t('list.markRead'), icon: 'checks', run: () => markRead(input) }
        : { label: t('list.markUnread'), icon: 'dot', run: set({ unread: true }) },
    ],
    muteActions(input),
    [
      { label: t('list.info'), icon: 'info', run: onInfo },
      ...(kind === 'direct'
        ? []
        : [{ label: t('list.leave'), icon: 'leave', danger: true, run: onLeave } as const]),
    ],
  ];
}

type MuteInput = Pick<ActionsInput, 'strings' | 'item' | 'handle' | 'now'>;

/** Ways to mute a conversation, or to hear it again. */
export function muteActions({ strings, item, handle, now }: MuteInput): MenuAction[] {
  const { t } = strings;
  if (isMuted(item.prefs, now))
    return [
      {
        label: t('list.unmute'),
        icon: 'bell',
        run: () => changePrefs(strings, handle, { mutedUntil: null }),
      },
    ];
  return MUTE_CHOICES.map((choice) => ({
    label: t(`mute.${choice}`),
    icon: 'bell-off',
    run: () => changePrefs(strings, handle, { mutedUntil: mutedUntil(choice, Date.now()) }),
  }));
}

function markRead({ strings, item, handle }: ActionsInput): void {
  if (item.unread > 0) handle.read(item.head);
  if (item.prefs?.unread) changePrefs(strings, handle, { unread: false });
}
