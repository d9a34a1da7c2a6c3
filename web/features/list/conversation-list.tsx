import { defaultRangeExtractor, measureElement, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { useStrings } from '../../strings/language.ts';
import { nobodyHasFocus } from '../../ui/keep-focus.ts';
import type { Box } from '../../ui/place-menu.ts';
import css from './conversation-list.module.css';
import { ConversationRow } from './conversation-row.tsx';

/** Height of a row in rem, before it is measured. */
const ROW_REM = 4.25;
const AHEAD = 8;

export interface ListHandle {
  /** Puts the focus on a row: of this conversation, or the one that Tab goes to. */
  readonly focus: (id?: string) => void;
}

interface ConversationListProps {
  readonly ref?: Ref<ListHandle>;
  readonly label: string;
  readonly items: readonly ConversationItem[];
  readonly open: string | undefined;
  readonly now: number;
  readonly onMenu: (item: ConversationItem, title: string, anchor: Box) => void;
  /** The arrow key up, on the first row. */
  readonly onLeave: () => void;
}

/** Rows of conversations, of which only those near the window are in the document. Arrow keys move the focus. */
export function ConversationList(props: ConversationListProps): ReactElement {
  const { ref, label, items, open, now, onMenu, onLeave } = props;
  const { dir } = useStrings();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  /** The row that gets the focus as soon as it is in the document. */
  const wanted = useRef<string>(undefined);
  /** The row that Tab goes to. */
  const [active, setActive] = useState<string>();
  const indexOf = (id: string | undefined): number => items.findIndex((item) => item.id === id);
  const found = indexOf(active);
  const reachable = found >= 0 ? found : Math.max(0, indexOf(open));

  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    getItemKey: (index) => items[index]?.id ?? index,
    // In a narrow window the list is hidden while a conversation is open: a row of no height would, as it gets one back,
    // push away what was seen.
    measureElement: (row, entry, list) =>
      measureElement(row, entry, list) || (list.measurementsCache[list.indexFromElement(row)]?.size ?? 0),
    overscan: AHEAD,
    // Tab must find its row, wherever the list was scrolled to.
    rangeExtractor: (range) => {
      const near = defaultRangeExtractor(range);
      return near.includes(reachable) || items.length === 0
        ? near
        : [...near, reachable].sort((a, b) => a - b);
    },
    isRtl: dir === 'rtl',
  });

  const focusRow = (index: number): void => {
    const id = items[index]?.id;
    if (id === undefined) return;
    // Without a height it would only scroll everything else away.
    if (rows.scrollRect?.height) rows.scrollToIndex(index, { align: 'auto' });
    // Never by a later frame: it would take the focus from where a key has led meanwhile.
    const link = linkOf(list.current, id);
    if (link) return link.focus();
    wanted.current = id;
    setActive(id);
    if (!list.current?.contains(document.activeElement)) list.current?.focus({ preventScroll: true });
  };

  // A row that was far away comes with the rendering that ends the turn; all of a list that was hidden with its height.
  useLayoutEffect(() => {
    const link = wanted.current === undefined ? undefined : linkOf(list.current, wanted.current);
    if (link && (nobodyHasFocus() || list.current?.contains(document.activeElement))) link.focus();
  });

  useImperativeHandle(ref, () => ({
    focus: (id) => focusRow(id === undefined ? reachable : Math.max(0, indexOf(id))),
  }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is opened is brought into view.
  useEffect(() => {
    const index = indexOf(open);
    if (index < 0) return;
    // Whoever is in the list stays with the row it goes to; the one they were at may be far away now.
    if (list.current?.contains(document.activeElement)) return focusRow(index);
    setActive(open);
    rows.scrollToIndex(index, { align: 'auto' });
  }, [open, items.length > 0]);

  const onFocus = useCallback((id: string) => {
    wanted.current = undefined;
    setActive(id);
  }, []);

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      event.preventDefault();
      const button = linkOf(list.current, items[reachable]?.id)?.nextElementSibling;
      if (button instanceof HTMLElement) button.click();
      return;
    }
    const page = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 0) / (rows.getTotalSize() / items.length)) - 1,
    );
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: reachable + 1,
      ArrowUp: reachable - 1,
      PageDown: reachable + page,
      PageUp: reachable - page,
      Home: 0,
      End: items.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next < 0 && event.key === 'ArrowUp') onLeave();
    else focusRow(Math.max(0, Math.min(next, items.length - 1)));
  }

  return (
    <div ref={scroller} className={css.scroller}>
      <ul
        ref={list}
        tabIndex={-1}
        aria-label={label}
        className={css.list}
        style={{ height: rows.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          return (
            item && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                data-conversation={item.id}
                className={css.item}
                style={{ transform: `translateY(${start}px)` }}
                aria-setsize={items.length}
                aria-posinset={index + 1}
              >
                <ConversationRow
                  item={item}
                  open={item.id === open}
                  reachable={index === reachable}
                  now={now}
                  onFocus={onFocus}
                  onMenu={onMenu}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

const linkOf = (list: HTMLElement | null, id: string | undefined): HTMLElement | undefined =>
  list?.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(id ?? '')}"] > a`) ?? undefined;
