import { memo, type ReactElement } from 'react';
import type { Delivery, TimelineItem, TimelineMessage } from '../../../client/index.ts';
import { useMe } from '../../chat/context.ts';
import { useStrings } from '../../strings/language.ts';
import { EventLine } from './event-line.tsx';
import type { Row } from './island.ts';
import { MessageBubble } from './message-bubble.tsx';
import { beginsDay, beginsUnread, joins, timeOf } from './neighbours.ts';
import lines from './notice.module.css';
import { PendingBubble } from './pending-bubble.tsx';
import css from './timeline-row.module.css';

interface TimelineRowProps {
  readonly conversation: string;
  readonly item: Row;
  /** What stands before it; undefined at the very beginning. */
  readonly before: TimelineItem | undefined;
  readonly quoted: TimelineMessage | undefined;
  readonly group: boolean;
  /** How far an own message has come. */
  readonly delivery: Delivery | undefined;
  /** Where the line before unread messages is drawn; undefined: nowhere. */
  readonly unreadFrom: number | undefined;
}

/** One row: what belongs above it by its neighbour, and the item itself. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps): ReactElement {
  const { item, before, unreadFrom } = props;
  const { t, day } = useStrings();
  const me = useMe();
  const at = timeOf(item);
  const joined = joins(before, item, me.id);
  const unread = unreadFrom !== undefined && beginsUnread(before, item, unreadFrom);
  return (
    <div className={joined && !unread ? `${css.row} ${css.joined}` : css.row}>
      {at !== undefined && beginsDay(before, item) && (
        <p className={`${lines.notice} ${lines.day}`}>
          <span className={lines.pill}>{day(at)}</span>
        </p>
      )}
      {unread && (
        <p className={`${lines.notice} ${lines.unread}`}>
          <span className={lines.pill}>{t('chat.newMessages')}</span>
        </p>
      )}
      <Item {...props} joined={joined && !unread} />
    </div>
  );
});

function Item(props: TimelineRowProps & { readonly joined: boolean }): ReactElement {
  const { conversation, item, quoted, group, delivery, joined } = props;
  switch (item.type) {
    case 'message':
      return (
        <MessageBubble message={item} quoted={quoted} joined={joined} group={group} delivery={delivery} />
      );
    case 'pending':
      return <PendingBubble conversation={conversation} message={item} quoted={quoted} joined={joined} />;
    default:
      return <EventLine event={item} />;
  }
}
