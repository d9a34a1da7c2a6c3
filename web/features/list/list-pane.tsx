import { type ReactElement, useCallback, useDeferredValue, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConversationItem } from '../../../client/index.ts';
import { useClient, useConversations } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { IconButton, IconLink } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { PaneHeader } from '../../ui/panes.tsx';
import type { Box } from '../../ui/place-menu.ts';
import { useMinute } from '../../ui/use-minute.ts';
import { showDialog } from '../dialogs.tsx';
import { ArchivedButton } from './archived-button.tsx';
import { arrange, isUnread } from './arrange.ts';
import { actionsOf } from './conversation-actions.ts';
import { ConversationList, type ListHandle } from './conversation-list.tsx';
import { ranked, wordsOf } from './find.ts';
import { type FilterHandle, ListFilter } from './list-filter.tsx';
import { ListSkeleton } from './list-skeleton.tsx';
import { NothingHere } from './nothing-here.tsx';
import { useFindable } from './use-findable.ts';

interface OpenMenu {
  readonly item: ConversationItem;
  readonly title: string;
  readonly anchor: Box;
}

/** The conversations, newest first. `open`: the one beside it. */
export function ListPane({ open }: { readonly open: string | undefined }): ReactElement {
  const strings = useStrings();
  const { t } = strings;
  const client = useClient();
  const me = useMe();
  const now = useMinute();
  const [, navigate] = useLocation();
  const { items, loaded } = useConversations();
  const [inArchive, setInArchive] = useState(false);
  const [query, setQuery] = useState('');
  const [unreadOnly, setUnreadOnly] = useState(false);
  const [menu, setMenu] = useState<OpenMenu>();
  const list = useRef<ListHandle>(null);
  const filter = useRef<FilterHandle>(null);

  // Typing goes on while a long list is gone through.
  const words = wordsOf(useDeferredValue(query));
  const looking = words.length > 0;
  const findable = useFindable(items, looking);
  const { main, archived } = arrange(items);
  const section = inArchive ? archived : main;
  // Whoever looks for something finds it wherever it is.
  const found = looking ? ranked([...section, ...(inArchive ? main : archived)], words, findable) : section;
  const shown = unreadOnly ? found.filter((item) => isUnread(item) || item.id === open) : found;

  const onMenu = useCallback(
    (item: ConversationItem, title: string, anchor: Box) => setMenu({ item, title, anchor }),
    [],
  );
  const openFirst = (): void => {
    const [first] = shown;
    if (first) navigate(`/c/${first.id}`);
  };
  const showArchive = (on: boolean): void => {
    setInArchive(on);
    setUnreadOnly(false);
    setQuery('');
  };

  return (
    <>
      {inArchive ? (
        <PaneHeader
          level={1}
          start={<IconButton icon="back" label={t('action.backToList')} onClick={() => showArchive(false)} />}
          title={t('list.archived')}
        />
      ) : (
        <PaneHeader
          level={1}
          start={<Avatar id={me.id} name={me.name} size="sm" />}
          title={t('list.title')}
          subtitle={<bdi>@{me.handle}</bdi>}
        >
          <IconButton icon="plus" label={t('list.new')} onClick={() => showDialog({ name: 'chat' })} />
          <IconLink icon="settings" label={t('settings.title')} to="/settings" />
        </PaneHeader>
      )}
      <ListFilter
        ref={filter}
        query={query}
        unreadOnly={unreadOnly}
        onQuery={setQuery}
        onUnreadOnly={setUnreadOnly}
        onDown={() => list.current?.focus()}
        onEnter={openFirst}
      />
      {archived.length > 0 && !inArchive && !looking && !unreadOnly && (
        <ArchivedButton archived={archived} onOpen={() => showArchive(true)} />
      )}
      {shown.length > 0 ? (
        <ConversationList
          ref={list}
          key={inArchive ? 'archived' : 'main'}
          label={t(inArchive ? 'list.archived' : 'list.name')}
          items={shown}
          open={open}
          now={now}
          onMenu={onMenu}
          onLeave={() => filter.current?.focus()}
        />
      ) : loaded ? (
        <NothingHere
          query={looking ? query.trim() : ''}
          unreadOnly={unreadOnly}
          inArchive={inArchive}
          archived={archived.length > 0}
        />
      ) : (
        <ListSkeleton />
      )}
      {menu && (
        <Menu
          label={t('list.more', { title: menu.title })}
          anchor={menu.anchor}
          groups={actionsOf({
            strings,
            item: menu.item,
            handle: client.conversation(menu.item.id),
            now,
            onInfo: () => navigate(`/c/${menu.item.id}/info`),
            onLeave: () => showDialog({ name: 'leave', conversation: menu.item.id, title: menu.title }),
          })}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  );
}
