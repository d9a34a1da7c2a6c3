import {
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import {
  type ConversationItem,
  deliveryOf,
  keyOf,
  type TimelineItem,
  type TimelineMessage,
} from '../../../client/index.ts';
import { useConversationHandle, useMarkRead, useObservable } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { inWords } from '../../chat/errors.ts';
import { useStrings } from '../../strings/language.ts';
import { Spinner } from '../../ui/spinner.tsx';
import { toast } from '../../ui/toasts.tsx';
import { useChatActions } from './chat-actions.ts';
import type { Row } from './island.ts';
import { JumpButton } from './jump-button.tsx';
import { beginsUnread, indexOfSeq, lastSeq, newerThan, placeOf, timeOf } from './neighbours.ts';
import lines from './notice.module.css';
import css from './timeline.module.css';
import { TimelineRow } from './timeline-row.tsx';
import { TimelineSkeleton } from './timeline-skeleton.tsx';
import { useAnnouncements } from './use-announcements.ts';
import { useIsland } from './use-island.ts';
import { useLooking } from './use-looking.ts';
import { usePaging } from './use-paging.ts';
import { useActiveRow, useRoving } from './use-roving.ts';
import { useTimelineList } from './use-timeline-list.ts';

export interface TimelineHandle {
  readonly jumpTo: (seq: number) => void;
  readonly toEnd: () => void;
}

interface TimelineProps {
  readonly ref: Ref<TimelineHandle>;
  readonly conversation: ConversationItem;
  /** The message to show at first, instead of the newest. */
  readonly at: number | undefined;
  /** Nobody sees it. */
  readonly covered: boolean;
}

interface Jump {
  readonly seq: number | 'end';
  /** The first message that wasn't read is not what somebody looked for. */
  readonly flash: boolean;
}

/** The messages of the open conversation. */
export function Timeline({ ref, conversation, at, covered }: TimelineProps): ReactElement {
  const { id, kind } = conversation;
  const strings = useStrings();
  const { t, day } = strings;
  const me = useMe().id;
  const actions = useChatActions();
  const handle = useConversationHandle(id);
  const state = useObservable(handle.timeline);
  const scroller = useRef<HTMLDivElement>(null);
  const [jump, setJump] = useState<Jump>();
  const place = useRef<number>(undefined);
  const island = useIsland(state, wantedPlace(state.items, jump, place.current));
  const items = island.rows;
  const [active, setActive] = useActiveRow();
  const kept = active === undefined ? -1 : items.findIndex((item) => keyOf(item, me) === active);
  const newest = island.gapAfter === undefined;
  const { list, atEnd, goTo, goToEnd } = useTimelineList({ items, me, scroller, kept, newest });
  const roving = useRoving({ items, me, active, setActive, list, goTo });
  // The line before what is new stays where it was when the conversation was opened.
  const [unreadFrom] = useState(conversation.unread > 0 ? conversation.read : undefined);
  const [flash, setFlash] = useState<string>();
  const opened = useRef(false);
  const looking = useLooking() && !covered;

  // What somebody reads stays what is shown, also when the conversation is broken in two beside it.
  useLayoutEffect(() => {
    const first = items[Math.min(list.range?.startIndex ?? 0, items.length - 1)];
    place.current = atEnd || !first ? undefined : placeOf(first);
  });
  usePaging({ handle, island, loading: state.loading, list });
  useAnnouncements(id, me);
  useMarkRead(id, looking && atEnd && state.ready);

  function jumpTo(seq: number, withFlash = true): void {
    setJump({ seq, flash: withFlash });
    if (indexOfSeq(state.items, seq) >= 0) return;
    handle.loadAround(seq).catch((error) => {
      setJump(undefined);
      // Where nobody asked for it, the newest messages are no surprise.
      if (withFlash) toast(inWords(strings, error));
    });
  }

  function toEnd(): void {
    setJump(newest ? undefined : { seq: 'end', flash: false });
    handle.jumpToLatest();
    if (newest) goToEnd();
  }

  useImperativeHandle(ref, () => ({ jumpTo, toEnd }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as there is something to show.
  useLayoutEffect(() => {
    if (opened.current || !state.ready || items.length === 0) return;
    opened.current = true;
    if (at !== undefined) return jumpTo(at);
    if (unreadFrom === undefined) return goToEnd();
    const index = items.findIndex((item, i) => beginsUnread(items[i - 1], item, unreadFrom));
    // Its being the first that is loaded doesn't make it the first that is new.
    if (index > 0 || (index === 0 && island.start)) goTo(index, 'start');
    else jumpTo(unreadFrom + 1, false);
  }, [state.ready, items.length > 0]);

  useLayoutEffect(() => {
    if (!jump) return;
    if (jump.seq === 'end') goToEnd();
    else {
      const index = indexOfSeq(items, jump.seq);
      const item = items[index];
      if (!item) return;
      goTo(index, jump.flash ? 'center' : 'start');
      if (jump.flash) setFlash(keyOf(item, me));
    }
    setJump(undefined);
  });

  function keyDown(event: KeyboardEvent<HTMLLIElement>, item: Row): void {
    // Keys in what a row holds are not for the row.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = roving.moved(event, keyOf(item, me)) || command(event, item);
    if (done) event.preventDefault();
  }

  function command(event: KeyboardEvent<HTMLLIElement>, item: Row): boolean {
    if (item.type !== 'message' || item.deletedAt !== undefined) return false;
    switch (event.key) {
      case 'Enter':
      case 'ContextMenu':
        actions.menu(item, event.currentTarget.getBoundingClientRect());
        return true;
      case 'r':
      case 'R':
        actions.reply(item);
        return true;
      case 'e':
      case 'E':
        if (item.from === me) actions.edit(item);
        return item.from === me;
      case 'Delete':
        if (item.from === me) actions.remove(item);
        return item.from === me;
      default:
        return false;
    }
  }

  const rows = list.getVirtualItems();
  const tabbed = kept >= 0 ? kept : rows.at(-1)?.index;
  const top = timeOf(items[list.range?.startIndex ?? 0]);
  return (
    <div className={css.timeline}>
      {!state.ready && <TimelineSkeleton />}
      <div ref={scroller} className={`scroller ${css.scroller}`}>
        <div className={css.head}>
          {!island.start && state.ready && state.loading && <Spinner />}
          {island.start && state.ready && <p className={lines.pill}>{t('chat.beginning')}</p>}
        </div>
        <ol ref={list.containerRef} className={`messages ${css.messages}`} aria-label={t('chat.messages')}>
          {rows.map(({ key, index }) => {
            const item = items[index];
            if (!item) return null;
            return (
              <li
                key={key}
                ref={list.measureElement}
                data-index={index}
                className={rowClass(item, flash === key)}
                tabIndex={index === tabbed ? 0 : -1}
                onFocus={() => roving.focused(String(key))}
                onKeyDown={(event) => keyDown(event, item)}
                onAnimationEnd={() => setFlash(undefined)}
              >
                <TimelineRow
                  conversation={id}
                  item={item}
                  before={items[index - 1] ?? island.before}
                  quoted={quotedBy(item, state.items)}
                  group={kind !== 'direct'}
                  delivery={
                    item.type === 'message' && item.from === me ? deliveryOf(item, state.reached) : undefined
                  }
                  unreadFrom={unreadFrom}
                />
              </li>
            );
          })}
        </ol>
        {!newest && <div className={css.foot}>{state.loading && <Spinner />}</div>}
      </div>
      <p
        className={list.isScrolling && !atEnd ? `${css.date} ${css.dateShown}` : css.date}
        aria-hidden="true"
      >
        {top !== undefined && <span className={lines.pill}>{day(top)}</span>}
      </p>
      <Below atEnd={atEnd} items={state.items} me={me} onClick={toEnd} />
    </div>
  );
}

/** The way back to the newest, with how many came since the end was last seen. */
function Below(props: {
  readonly atEnd: boolean;
  readonly items: readonly TimelineItem[];
  readonly me: string;
  readonly onClick: () => void;
}): ReactElement | null {
  const { atEnd, items, me, onClick } = props;
  const seen = useRef(0);
  if (atEnd || seen.current === 0) seen.current = lastSeq(items);
  return atEnd ? null : <JumpButton count={newerThan(items, seen.current, me)} onClick={onClick} />;
}

/** Where somebody goes, once it is there; else what they read. Undefined: the newest. */
function wantedPlace(
  items: readonly TimelineItem[],
  jump: Jump | undefined,
  place: number | undefined,
): number | undefined {
  if (jump?.seq === 'end') return undefined;
  return jump && indexOfSeq(items, jump.seq) >= 0 ? jump.seq : place;
}

function rowClass(item: Row, flash: boolean): string {
  const said = item.type === 'message' || item.type === 'pending';
  return [css.row, said && 'message', flash && css.flash].filter(Boolean).join(' ');
}

function quotedBy(item: Row, items: readonly TimelineItem[]): TimelineMessage | undefined {
  if ((item.type !== 'message' && item.type !== 'pending') || item.replyTo === undefined) return undefined;
  const quoted = items[indexOfSeq(items, item.replyTo)];
  return quoted?.type === 'message' ? quoted : undefined;
}
