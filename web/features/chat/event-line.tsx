import type { ReactElement } from 'react';
import type { TimelineItem } from '../../../client/index.ts';
import { useMe } from '../../chat/context.ts';
import { useNames } from '../../chat/names.ts';
import { useStrings } from '../../strings/language.ts';
import type { Strings } from '../../strings/strings.ts';
import css from './notice.module.css';

type Event = Extract<TimelineItem, { readonly type: 'member' | 'conversation' }>;

/** A line about what happened to the conversation. */
export function EventLine({ event }: { readonly event: Event }): ReactElement {
  const strings = useStrings();
  const me = useMe();
  const [name = '', whom = ''] = useNames([event.by, event.type === 'member' ? event.user : event.by]);
  return (
    <p className={css.notice}>
      <span className={css.pill} dir="auto">
        {happened(strings, event, me.id, name, whom)}
      </span>
    </p>
  );
}

function happened({ t }: Strings, event: Event, me: string, name: string, whom: string): string {
  const mine = event.by === me;
  if (event.type === 'conversation') {
    const title = event.title ?? '';
    return mine ? t('event.titleByMe', { title }) : t('event.title', { name, title });
  }
  const aboutMe = event.user === me;
  switch (event.change) {
    case 'added':
      if (mine) return t('event.addedByMe', { whom });
      return aboutMe ? t('event.addedMe', { name }) : t('event.added', { name, whom });
    case 'removed':
      if (mine) return t('event.removedByMe', { whom });
      return aboutMe ? t('event.removedMe', { name }) : t('event.removed', { name, whom });
    case 'left':
      return aboutMe ? t('event.leftMe') : t('event.left', { name: whom });
    case 'role':
      return t('event.role', { whom, role: t(`role.${event.role ?? 'member'}`) });
  }
}
