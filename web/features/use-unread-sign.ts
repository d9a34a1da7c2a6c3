import { useEffect } from 'react';
import { useConversations } from '../../client/react/index.ts';
import { useStrings } from '../strings/language.ts';
import { useMinute } from '../ui/use-minute.ts';
import { unreadOf } from './list/arrange.ts';

const ICON = '/icon.svg';
const ICON_UNREAD = '/icon-unread.svg';

/** The window's title and icon, and the icon of the installed app, tell how much is unread. */
export function useUnreadSign(): void {
  const { t } = useStrings();
  const now = useMinute();
  const unread = unreadOf(useConversations().items, now);
  const title = unread > 0 ? t('app.titleUnread', { count: unread }) : 'Parley';
  useEffect(() => {
    show(title, unread);
    return () => show('Parley', 0);
  }, [title, unread]);
}

function show(title: string, unread: number): void {
  document.title = title;
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const href = unread > 0 ? ICON_UNREAD : ICON;
  if (icon && icon.getAttribute('href') !== href) icon.href = href;
  // Some browsers have it for installed apps alone, and refuse elsewhere.
  if ('setAppBadge' in navigator) void navigator.setAppBadge(unread).catch(() => {});
}
