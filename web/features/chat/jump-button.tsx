import type { ReactElement } from 'react';
import { useStrings } from '../../strings/language.ts';
import { Icon } from '../../ui/icon.tsx';
import css from './jump-button.module.css';

/** Leads to the newest message. `count`: how many new ones are there. */
export function JumpButton(props: { readonly count: number; readonly onClick: () => void }): ReactElement {
  const { t, number } = useStrings();
  const { count, onClick } = props;
  const label = count > 0 ? t('chat.toLatestNew', { count }) : t('chat.toLatest');
  return (
    <button type="button" className={css.jump} aria-label={label} title={label} onClick={onClick}>
      <Icon name="down" />
      {count > 0 && (
        <span className={css.count} aria-hidden="true">
          {number(count)}
        </span>
      )}
    </button>
  );
}
