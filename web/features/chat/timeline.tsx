import { type ReactElement, useLayoutEffect, useRef } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { useTimeline } from '../../../client/react/index.ts';
import { useMe } from '../../chat/context.ts';
import { useUsers } from '../../chat/users.ts';
import { useStrings } from '../../strings/language.ts';
import { FailedRow, MessageRow, NoticeRow } from './message-row.tsx';
import css from './timeline.module.css';
import { peopleIn, type Row, rowsOf } from './timeline-rows.ts';

/** Closer to the end than this counts as being there, in CSS pixels. */
const NEAR = 80;
/** Older messages are fetched this long before the top comes into view. */
const AHEAD = 300;

interface TimelineProps {
  readonly conversation: ConversationItem;
  /** Puts the text of a failed message back into the field to write in. */
  readonly rewrite: (text: string) => void;
}

/** The messages of the open conversation. */
export function Timeline({ conversation, rewrite }: TimelineProps): ReactElement {
  const strings = useStrings();
  const me = useMe();
  const timeline = useTimeline(conversation.id);
  const people = useUsers(peopleIn(timeline));
  const scroller = useRef<HTMLDivElement>(null);
  const fromEnd = useRef(0);
  const rows = rowsOf({ strings, me: me.id, people, conversation, timeline });

  // biome-ignore lint/correctness/useExhaustiveDependencies: for every row that came, what is shown is moved.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // What is above grows when older messages come: stay at the same distance from the end.
    element.scrollTop = element.scrollHeight - element.clientHeight - fromEnd.current;
  }, [rows.length]);

  async function scrolled(): Promise<void> {
    const element = scroller.current;
    if (!element) return;
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
    fromEnd.current = rest < NEAR ? 0 : rest;
    if (element.scrollTop > AHEAD || timeline.loading) return;
    const gap = timeline.items.findLast((item) => item.type === 'gap');
    // What could not be had now is asked for again with the next movement.
    if (gap) await timeline.fill(gap, 'end').catch(() => {});
    else if (!timeline.start) await timeline.loadOlder().catch(() => {});
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard.
    <div ref={scroller} className={`scroller ${css.scroller}`} tabIndex={0} onScroll={() => void scrolled()}>
      <ol className={`messages ${css.messages}`} aria-label={strings.t('chat.messages')}>
        {rows.map((row) => (
          <TimelineRow key={row.key} row={row} conversation={conversation.id} rewrite={rewrite} />
        ))}
      </ol>
    </div>
  );
}

interface TimelineRowProps {
  readonly row: Row;
  readonly conversation: string;
  readonly rewrite: (text: string) => void;
}

function TimelineRow({ row, conversation, rewrite }: TimelineRowProps): ReactElement {
  switch (row.type) {
    case 'message':
      return <MessageRow row={row} />;
    case 'failed':
      return <FailedRow row={row} conversation={conversation} rewrite={rewrite} />;
    case 'notice':
      return <NoticeRow text={row.text} />;
  }
}
