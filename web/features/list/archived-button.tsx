import type { ReactElement, Ref } from 'react';
import type { ConversationItem } from '../../../client/index.ts';
import { useStrings } from '../../strings/language.ts';
import { Hidden } from '../../ui/hidden.tsx';
import { Icon } from '../../ui/icon.tsx';
import css from './archived-button.module.css';
import { isUnread } from './arrange.ts';

interface ArchivedButtonProps {
  readonly ref: Ref<HTMLButtonElement>;
  readonly archived: readonly ConversationItem[];
  readonly onOpen: () => void;
}

/** Leads to what was put out of the way, and says how many of those have something new. */
export function ArchivedButton({ ref, archived, onOpen }: ArchivedButtonProps): ReactElement {
  const { t, number } = useStrings();
  const unread = archived.filter(isUnread).length;
  return (
    <button ref={ref} type="button" className={css.archived} onClick={onOpen}>
      <Icon name="archive" />
      <span className={css.label}>{t('list.archived')}</span>
      {unread > 0 && (
        <span className={css.count}>
          <span aria-hidden="true">{number(unread)}</span>
          <Hidden>{t('list.unreadChats', { count: unread })}</Hidden>
        </span>
      )}
    </button>
  );
}
