import { type ReactElement, useState } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { useConversationHandle } from '../../../client/react/index.ts';
import { useStrings } from '../../strings/language.ts';
import { Menu } from '../../ui/menu.tsx';
import type { Box } from '../../ui/place-menu.ts';
import { useMinute } from '../../ui/use-minute.ts';
import { isMuted } from '../list/arrange.ts';
import { changePrefs, muteActions } from '../list/conversation-actions.ts';
import { FOREVER } from '../list/mute.ts';
import { SettingButton } from './setting-button.tsx';

/** Whether new messages are announced, and the choice for how long they aren't. */
export function MuteSetting({ item }: { readonly item: ConversationItem }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const handle = useConversationHandle(item.id);
  const now = useMinute();
  const [anchor, setAnchor] = useState<Box>();
  const muted = isMuted(item.prefs, now);
  const until = item.prefs?.mutedUntil ?? 0;
  const text = until >= FOREVER ? t('mute.isAlways') : t('mute.isUntil', { moment: strings.moment(until) });
  return (
    <>
      {muted ? (
        <SettingButton
          icon="bell-off"
          label={t('list.unmute')}
          text={text}
          onPress={() => changePrefs(strings, handle, { mutedUntil: null })}
        />
      ) : (
        <SettingButton
          menu
          icon="bell"
          label={t('mute.mute')}
          text={t('mute.isOff')}
          onPress={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}
        />
      )}
      {anchor && (
        <Menu
          label={t('mute.mute')}
          anchor={anchor}
          groups={[muteActions({ strings, item, handle, now })]}
          onClose={() => setAnchor(undefined)}
        />
      )}
    </>
  );
}
