import {
  type ReactElement,
  type Ref,
  useCallback,
  useDeferredValue,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
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

export interface ListPaneHandle {
  /** Puts the focus on the row of this conversation, or what comes nearest to it. */
  readonly focus: (id: string) => void;
}

interface ListPaneProps {
  readonly ref: Ref<ListPaneHandle>;
  /** The conversation beside it. */
  readonly open: string | undefined;
}

/** The conversations, newest first. */
export function ListPane({ ref, open }: ListPaneProps): ReactElement {
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
  const archive = useRef<HTMLButtonElement>(null);
  const back = useRef<HTMLButtonElement>(null);

  // Typing goes on while a long list is gone through.
  const words = wordsOf(useDeferredValue(query));
  const looking = words.length > 0;
  const findable = useFindable(items, looking);
  const { main, archived } = arrange(items);
  const section = inArchive ? archived : main;
  const find = (wanted: readonly string[]): readonly ConversationItem[] => {
    // Whoever looks for something finds it wherever it is.
    const all = [...section, ...(inArchive ? main : archived)];
    const found = wanted.length > 0 ? ranked(all, wanted, findable) : section;
    return unreadOnly ? found.filter((item) => isUnread(item) || item.id === open) : found;
  };
  const shown = find(words);

  useImperativeHandle(ref, () => ({
    focus: (id) => (list.current ? list.current.focus(id) : filter.current?.focus()),
  }));

  const onMenu = useCallback(
    (item: ConversationItem, title: string, anchor: Box) => setMenu({ item, title, anchor }),
    [],
  );
  const openFirst = (): void => {
    // By what is written now: what is shown may be behind.
    const [first] = find(wordsOf(query));
    if (first) navigate(`/c/${first.id}`);
  };
  const showArchive = (on: boolean): void => {
    flushSync(() => {
      setInArchive(on);
      setUnreadOnly(false);
      setQuery('');
    });
    // The button that was pressed is gone.
    if (archive.current) archive.current.focus();
    else if (list.current) list.current.focus();
    else back.current?.focus();
  };

  return (
    <>
      {inArchive ? (
        <PaneHeader
          level={1}
          start={
            <IconButton
              ref={back}
              icon="back"
              label={t('action.backToList')}
              onClick={() => showArchive(false)}
            />
          }
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
        <ArchivedButton ref={archive} archived={archived} onOpen={() => showArchive(true)} />
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
