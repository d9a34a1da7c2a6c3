import type { ReactElement } from 'react';
import { useStrings } from '../../strings/language.ts';
import css from './list-skeleton.module.css';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Where the rows will be. */
export function ListSkeleton(): ReactElement {
  const { t } = useStrings();
  return (
    <div className={css.skeleton} role="status" aria-label={t('app.loading')}>
      {ROWS.map((row) => (
        <div key={row} className={css.row}>
          <span className={css.avatar} />
          <span className={css.lines}>
            <span className={css.line} />
            <span className={css.line} />
          </span>
        </div>
      ))}
    </div>
  );
}
