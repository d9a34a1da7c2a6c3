import { lazy, type ReactElement, type RefObject, Suspense, useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useClient, useConversationHandle, useObservable } from '../../client/react/index.ts';
import { useStrings } from '../strings/language.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { nobodyHasFocus } from '../ui/keep-focus.ts';
import { Panes } from '../ui/panes.tsx';
import { useMedia } from '../ui/use-media.ts';
import { ConversationPane } from './chat/conversation-pane.tsx';
import css from './chats-page.module.css';
import { Dialogs } from './dialogs.tsx';
import { ListPane, type ListPaneHandle } from './list/list-pane.tsx';
import { useUnreadSign } from './use-unread-sign.ts';

const InfoPane = lazy(() => import('./info/info-pane.tsx').then(({ InfoPane }) => ({ default: InfoPane })));

/** Where the info lies above the conversation; the same as in the styles. */
const INFO_COVERS = '(max-width: 64rem)';

interface ChatsPageProps {
  /** The open one. */
  readonly conversation: string | undefined;
  /** What it is stands beside it. */
  readonly info?: boolean;
}

/** The list, and beside it the open conversation. */
export function ChatsPage({ conversation, info = false }: ChatsPageProps): ReactElement {
  const { t } = useStrings();
  const client = useClient();
  useEffect(() => {
    if (conversation === undefined) return undefined;
    const handle = client.conversation(conversation);
    handle.focus(true);
    return () => handle.focus(false);
  }, [client, conversation]);
  const covered = useMedia(INFO_COVERS) && info;
  useUnreadSign();
  const list = useRef<ListPaneHandle>(null);
  useEscape(conversation, info, list);
  useWayBack(conversation, list);
  return (
    <>
      <Panes
        sideLabel={t('list.name')}
        side={<ListPane ref={list} open={conversation} />}
        showing={conversation === undefined ? 'side' : 'main'}
        mainKey={`${conversation ?? ''} ${info}`}
        main={
          conversation === undefined ? (
            <EmptyState icon="chats" title={t('chat.chooseTitle')} text={t('chat.chooseText')} />
          ) : (
            <div className={info ? `${css.open} ${css.withInfo}` : css.open}>
              <div className={css.conversation}>
                <ConversationPane key={conversation} id={conversation} covered={covered} />
              </div>
              {info && (
                <div className={css.info}>
                  <Suspense fallback={null}>
                    <InfoPane key={conversation} id={conversation} />
                  </Suspense>
                </div>
              )}
            </div>
          )
        }
      />
      {conversation !== undefined && <Opened key={conversation} id={conversation} />}
      <Dialogs />
    </>
  );
}

/** Opening a conversation takes the mark off that it is unread. */
function Opened({ id }: { readonly id: string }): null {
  const handle = useConversationHandle(id);
  const known = useObservable(handle.info) !== undefined;
  useEffect(() => {
    if (!known || !handle.info.get()?.prefs?.unread) return;
    // The mark comes back by itself where it can't be taken off, and the next opening tries again.
    handle.setPrefs({ unread: false }).catch(() => {});
  }, [handle, known]);
  return null;
}

/** Esc goes back a step: from the info to the conversation, from there to its row in the list. */
function useEscape(
  conversation: string | undefined,
  info: boolean,
  list: RefObject<ListPaneHandle | null>,
): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    if (conversation === undefined) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      // It closes what lies above first.
      if (document.querySelector('dialog[open], [popover="auto"]:popover-open')) return;
      event.preventDefault();
      if (info) return navigate(`/c/${conversation}`);
      navigate('/');
      list.current?.focus(conversation);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [conversation, info, navigate, list]);
}

/** Whoever was in the conversation that was left, by whatever way, is at its row in the list. */
function useWayBack(conversation: string | undefined, list: RefObject<ListPaneHandle | null>): void {
  const last = useRef(conversation);
  useLayoutEffect(() => {
    const left = last.current;
    last.current = conversation;
    if (left !== undefined && conversation === undefined && nobodyHasFocus()) list.current?.focus(left);
  }, [conversation, list]);
}
